"""Who is on call: people in turn, and who stands in for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from alerts.wall import first_at

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_JUST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rotation:
    """People in turn, from one hand-over to the next; before the first one it went round in the same way.

    A hand-over is one moment, whatever the clocks do that night: of a time that comes twice the first, of one that is
    left out the moment at which the clock jumps over it. Raises `ValueError` where nobody could be on call.
    """

    people: tuple[str, ...]
    #: The first of them begins at the first hand-over on this day or after it.
    starts: date
    #: 0 is Monday.
    weekday: int
    at: time
    zone: ZoneInfo
    #: How long a turn is.
    weeks: int = 1

    def __post_init__(self) -> None:
        """Refuse one in which nobody has a turn."""
        if not self.people or not all(self.people):
            raise ValueError("a rotation has people, by their names")
        if self.weekday not in range(7):
            raise ValueError("the weekday of a hand-over is 0 (Monday) to 6")
        if self.weeks < 1:
            raise ValueError("a turn is a week or more")

    def turn(self, at: datetime) -> int:
        """Which turn it is: 0 for the first, below 0 before it."""
        # By the calendar first; hand-overs lie less than a turn beside it.
        number = (at.astimezone(self.zone).date() - self._first_day) // self._length
        while self.handover(number) > at:
            number -= 1
        while self.handover(number + 1) <= at:
            number += 1
        return number

    def handover(self, turn: int) -> datetime:
        """When this turn begins, in UTC."""
        return first_at(self._first_day + turn * self._length, self.at, self.zone)

    def of(self, turn: int) -> str:
        """Whose turn it is."""
        return self.people[turn % len(self.people)]

    @property
    def _first_day(self) -> date:
        return self.starts + timedelta(days=(self.weekday - self.starts.weekday()) % 7)

    @property
    def _length(self) -> timedelta:
        return timedelta(weeks=self.weeks)


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody stands in, from `start` to before `until`."""

    who: str
    start: datetime
    until: datetime

    def __post_init__(self) -> None:
        """Refuse one that never counts."""
        if self.until <= self.start:
            raise ValueError("it ends before it begins")

    def holds(self, at: datetime) -> bool:
        """Whether it counts at this moment."""
        return self.start <= at < self.until


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call from when to when, in UTC: a turn, or what others leave of it."""

    who: str
    start: datetime
    end: datetime
    #: Whether they stand in for whose turn it is.
    is_override: bool = False


#: In the order in which they were made: a later one wins.
Overrides = Sequence[Override]


def on_call(rotation: Rotation | None, overrides: Overrides, at: datetime) -> str | None:
    """Who is on call. None only where there is no rotation and nobody stands in."""
    stands_in = _override(overrides, at)
    if stands_in is not None:
        return overrides[stands_in].who
    return rotation.of(rotation.turn(at)) if rotation is not None else None


def next_on_call(rotation: Rotation | None, overrides: Overrides, at: datetime) -> str | None:
    """The next who is on call and is not on call now; None where there is no other."""
    now = on_call(rotation, overrides, at)
    # So many may follow each other with one person in all of them, before there is no other.
    enough = 2 * len(overrides) + (len(rotation.people) if rotation is not None else 0) + 2
    return next((one.who for one in islice(shifts(rotation, overrides, at), enough) if one.who != now), None)


def shift(rotation: Rotation | None, overrides: Overrides, at: datetime) -> Shift | None:
    """The shift at this moment; None where nobody is on call."""
    source, who = _source(rotation, overrides, at), on_call(rotation, overrides, at)
    if who is None:
        return None
    edges = {edge for one in overrides for edge in (one.start, one.until)}
    if rotation is not None:
        turn = rotation.turn(at)
        edges |= {rotation.handover(turn), rotation.handover(turn + 1)}
    start = next(
        e for e in sorted(edges, reverse=True) if e <= at and _source(rotation, overrides, e - _JUST) != source
    )
    end = next(e for e in sorted(edges) if e > at and _source(rotation, overrides, e) != source)
    return Shift(who, start.astimezone(UTC), end.astimezone(UTC), source[0])


def shifts(rotation: Rotation | None, overrides: Overrides, at: datetime) -> Iterator[Shift]:
    """The shift at this moment and those after it; without end where there is a rotation."""
    moment: datetime | None = at
    while moment is not None:
        found = shift(rotation, overrides, moment)
        if found is not None:
            yield found
            moment = found.end
        else:
            moment = min((one.start for one in overrides if one.start > moment), default=None)


def _override(overrides: Overrides, at: datetime) -> int | None:
    return next((index for index in reversed(range(len(overrides))) if overrides[index].holds(at)), None)


def _source(rotation: Rotation | None, overrides: Overrides, at: datetime) -> tuple[bool, int | None]:
    """Which override, or else which turn, says who is on call."""
    stands_in = _override(overrides, at)
    if stands_in is not None:
        return True, stands_in
    return False, rotation.turn(at) if rotation is not None else None
