"""When the clock on a wall first shows a time of a day, on nights that have it twice or not at all too."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


# The same days are asked for again and again: each costs some conversions.
@lru_cache(maxsize=2_048)
def first_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, at which it is this late on this day there, or later.

    A time that comes twice (the clock goes back) is the first of both; one that is left out (it goes forward) is the
    moment at which the clock jumps over it. So it is one moment for each day, and a later day has a later one.
    """
    shown = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    first = shown.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == shown:
        return first
    # PEP 495: where a time is left out, the two folds lie on both sides of the jump.
    before, after = shown.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) < shown:
            before = middle
        else:
            after = middle
    return after
