"""Lengths of time with a first and a last moment: those ending now, and the days, weeks and months of a zone."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.wall import first_at

MIDNIGHT = time(0)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` on, until just before `end`: what is of the very moment `end` belongs to the next one.

    So spans that follow each other share no fact and lose none, and the funding of midnight is of the new day.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def length(self) -> timedelta:
        """How long it is; a day of a change of the clock is not 24 hours."""
        return self.end - self.start

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def within(self, other: "Span") -> "Span | None":
        """The part of it that lies in another. None where they have no moment in common."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None


def last(length: timedelta, now: datetime) -> Span:
    """At least so long, from a quarter of an hour on, up to now. What is of this very moment is in it.

    Of long ago one sample of each quarter of an hour is left: from any other moment on what was booked since the
    sample before it would be in equity, and in no part.
    """
    start = now - length
    return Span(start - (start - _EPOCH) % QUARTER, now + datetime.resolution)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day there that a moment belongs to.

    That is not always the date which the clock shows: one that goes back at midnight shows the day before once more,
    and that hour is of the new day, which has begun.
    """
    shown = moment.astimezone(zone).date()
    return shown + DAY if moment >= day(shown, zone).end else shown


def day(of: date, zone: ZoneInfo) -> Span:
    """A day there, in UTC. It is empty where a zone left the day out, as Samoa did with 2011-12-30."""
    return Span(first_at(of, MIDNIGHT, zone), first_at(of + DAY, MIDNIGHT, zone))


def week(of: date, zone: ZoneInfo) -> Span:
    """The week there, from Monday on (ISO 8601), that this day is in."""
    monday = of - DAY * of.weekday()
    return Span(first_at(monday, MIDNIGHT, zone), first_at(monday + 7 * DAY, MIDNIGHT, zone))


def month(of: date, zone: ZoneInfo) -> Span:
    """The month there that this day is in."""
    first = of.replace(day=1)
    return Span(first_at(first, MIDNIGHT, zone), first_at(_month_after(first), MIDNIGHT, zone))


def days(span: Span, zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    """The days there that a span lies in, oldest first, each with its part of the span."""
    return _cut(span, day_of(span.start, zone), lambda of: of + DAY, zone)


def weeks(span: Span, zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    """The weeks there that a span lies in, each named for its Monday, with its part of the span."""
    first = day_of(span.start, zone)
    return _cut(span, first - DAY * first.weekday(), lambda of: of + 7 * DAY, zone)


def months(span: Span, zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    """The months there that a span lies in, each named for its first day, with its part of the span."""
    return _cut(span, day_of(span.start, zone).replace(day=1), _month_after, zone)


class Calendar:
    """Spans that follow each other, by name, to look moments up in: a year of facts asks for its days only once."""

    def __init__(self, named: Iterator[tuple[date, Span]]) -> None:
        """`named` as `days`, `weeks` or `months` give them."""
        self.named = tuple(named)
        self._starts = [span.start for _, span in self.named]
        self._ends = [span.end for _, span in self.named]

    def of(self, moment: datetime) -> date | None:
        """The name of the span that a moment is in; None where it is in none."""
        place = bisect_right(self._starts, moment) - 1
        if place < 0 or moment >= self._ends[place]:
            return None
        return self.named[place][0]


def _cut(span: Span, first: date, after: Callable[[date], date], zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    name, start = first, first_at(first, MIDNIGHT, zone)
    while start < span.end:
        following = after(name)
        end = first_at(following, MIDNIGHT, zone)
        part = Span(start, end).within(span)
        if part is not None:
            yield name, part
        name, start = following, end


def _month_after(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)
