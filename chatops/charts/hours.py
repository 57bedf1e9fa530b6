"""Where the axis of time is marked, and what stands there: round times of a zone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720)
_DAYS = (1, 2, 4, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_MINUTE, _DAY, _MONTH = 60.0, 86_400.0, 30.44 * 86_400


def moment(at: float, zone: ZoneInfo) -> datetime:
    """As the clocks of the zone show it."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def marks(start: float, end: float, zone: ZoneInfo, at_most: int = 5) -> list[tuple[float, str]]:
    """Moments and what they are called, in order: 14:00, 21 Nov, Mar, 2026."""
    length = (end - start) / at_most
    shown = _walls(moment(start, zone), length)
    found: list[tuple[float, str]] = []
    for wall, label in shown:
        at = wall.replace(tzinfo=zone).timestamp()
        if at > end:
            break
        # An hour that a clock leaves out is no moment of its own.
        if at >= start and (not found or at > found[-1][0]):
            found.append((at, label))
    return found


def days(start: float, end: float, zone: ZoneInfo) -> str:
    """What a picture's time is called: 1 Nov – 21 Nov 2026, or 21 Nov 2026, 08:00 – 14:00."""
    first, last = moment(start, zone), moment(end, zone)
    if end - start > _DAY * 1.5:
        # Up to a midnight: the day before it is the last one.
        last = moment(end - 1, zone)
        year = f" {first:%Y}" if first.year != last.year else ""
        return f"{first.day} {first:%b}{year} – {last.day} {last:%b %Y}"
    if first.date() == last.date():
        return f"{first.day} {first:%b %Y}, {first:%H:%M} – {last:%H:%M}"
    return f"{first.day} {first:%b}, {first:%H:%M} – {last.day} {last:%b %Y}, {last:%H:%M}"


def _walls(first: datetime, length: float) -> Iterator[tuple[datetime, str]]:
    """What clocks show at round times from before `first` on, about so many seconds apart or more, without end."""
    wall = first.replace(tzinfo=None)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = next((one for one in _MINUTES if one * _MINUTE >= length), 0)
    if minutes:
        return _times(midnight, timedelta(minutes=minutes), wall)
    every = next((one for one in _DAYS if one * _DAY >= length), 0)
    if every:
        return _dates(midnight, timedelta(days=every))
    months = next((one for one in _MONTHS if one * _MONTH >= length), _MONTHS[-1])
    return _months(wall, months)


def _times(midnight: datetime, step: timedelta, since: datetime) -> Iterator[tuple[datetime, str]]:
    wall = midnight + max(0, (since - midnight) // step - 1) * step
    while True:
        is_midnight = not wall.hour and not wall.minute
        yield wall, f"{wall.day} {wall:%b}" if is_midnight else f"{wall:%H:%M}"
        wall += step


def _dates(wall: datetime, step: timedelta) -> Iterator[tuple[datetime, str]]:
    while True:
        yield wall, f"{wall.day} {wall:%b}"
        wall += step


def _months(since: datetime, step: int) -> Iterator[tuple[datetime, str]]:
    count = (since.year * 12 + since.month - 1) // step * step
    while True:
        wall = datetime(count // 12, count % 12 + 1, 1)  # noqa: DTZ001 - what a clock shows
        yield wall, f"{wall:%Y}" if wall.month == 1 or step >= 12 else f"{wall:%b}"
        count += step
