"""Moments as people type them: in so long, at a time of the day, or by date."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from alerts.durations import LONGEST, TooLong, parse_duration

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
TAKES = "2h, 30m, 18:00 or 2026-05-04T18:00Z"


def read(typed: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment after `now` that is meant, in UTC; a time of the day is the next one in `zone`.

    Raises `ValueError` with what may be typed, or with what is wrong with the moment.
    """
    typed = typed.strip().casefold().removeprefix("until ").removeprefix("for ").strip()
    moment = _after(typed, now) or _clock(typed, now, zone) or _dated(typed, zone)
    if moment is None:
        raise ValueError(f"it goes: {TAKES}")
    if moment <= now:
        raise ValueError("that moment has passed")
    if moment - now > LONGEST:
        raise ValueError("that is more than a year from now")
    return moment.astimezone(UTC)


def _after(typed: str, now: datetime) -> datetime | None:
    try:
        return now + parse_duration(typed)
    except TooLong:
        return now + 2 * LONGEST
    except ValueError:
        return None


def _clock(typed: str, now: datetime, zone: tzinfo) -> datetime | None:
    found = _CLOCK.fullmatch(typed)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    today = now.astimezone(zone).date()
    # Reckoned on the wall, each day anew: a day of a change of the clock is not 24 hours long.
    days = (
        datetime.combine(today + timedelta(days=ahead), time(int(found[1]), int(found[2])), zone) for ahead in (0, 1)
    )
    return next((at.astimezone(UTC) for at in days if at.astimezone(UTC) > now), None)


def _dated(typed: str, zone: tzinfo) -> datetime | None:
    # A date alone is no moment: nobody would know which end of the day is meant.
    if "t" not in typed and " " not in typed:
        return None
    try:
        moment = datetime.fromisoformat(typed.upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
