"""Quiet hours of a room: when what can wait is held back, until morning."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.wall import first_at

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another, over midnight too, as the clocks in `zone` show it.

    Once a day each: on a night that has a time twice the first counts, on one that leaves it out the moment at which
    the clock jumps over it. Raises `ValueError` where they would never end.
    """

    start: time
    end: time
    zone: ZoneInfo

    def __post_init__(self) -> None:
        """Refuse a day that is quiet as a whole."""
        if self.start == self.end:
            raise ValueError("they would never end: a room without alerts is one that does not receive them")

    def is_quiet(self, at: datetime) -> bool:
        """Whether it is held back at this moment."""
        return self._end(at) is not None

    def ends_at(self, at: datetime) -> datetime | None:
        """When what is held is given, in UTC; None where it is not quiet at this moment."""
        end = self._end(at)
        while end is not None and (later := self._end(end)) is not None:
            end = later
        return end

    def _end(self, at: datetime) -> datetime | None:
        today = at.astimezone(self.zone).date()
        over = _DAY if self.end < self.start else timedelta()
        # A day more on both sides: zones have left out whole ones.
        for day in (today + ahead * _DAY for ahead in (-2, -1, 0, 1)):
            end = first_at(day + over, self.end, self.zone)
            if first_at(day, self.start, self.zone) <= at < end:
                return end.astimezone(UTC)
        return None


def parse_hours(typed: str) -> tuple[time, time]:
    """`22:00-07:00` as its two times. Raises `ValueError` with what is expected."""
    found = _HOURS.fullmatch(typed.strip())
    try:
        if found is not None:
            return time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        pass
    raise ValueError("it goes: 22:00-07:00")
