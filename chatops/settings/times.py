"""Lengths and times of the day in the settings, as people write them: 5m, 22:00-07:00, monday 09:00."""

import re
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from alerts.durations import TooLong, duration_text, parse_duration
from alerts.oncall import WEEKDAYS
from alerts.quiet import parse_hours
from chatops.clock_times import parse_time
from chatops.settings.faults import fault

_HANDOVER = re.compile(r"([a-z]+)\s+(\d{1,2}):(\d{2})", re.ASCII | re.IGNORECASE)


def read_duration(value: Any, takes: str = 'as in "30s", "5m" or "1h 30m"') -> Any:
    """A length of time from what stands in the file. Raises a fault, which says what it `takes`."""
    if isinstance(value, timedelta):
        return value
    try:
        return parse_duration(value if isinstance(value, str) else "")
    except TooLong:
        raise fault("is longer than a year") from None
    except ValueError:
        raise fault("is no length of time", takes) from None


def _hours(value: str) -> str:
    try:
        start, end = parse_hours(value)
    except ValueError:
        raise fault("are no hours") from None
    if start == end:
        raise fault("would never end", 'to give a room no alerts, leave "alerts" out of what it receives')
    return f"{start:%H:%M}-{end:%H:%M}"


def _handover(value: str) -> str:
    found = _HANDOVER.fullmatch(value.strip())
    if found is None or found[1].casefold() not in WEEKDAYS or int(found[2]) > 23 or int(found[3]) > 59:
        raise fault("is no day and time of a week")
    return f"{found[1].casefold()} {int(found[2]):02}:{found[3]}"


def _time_of_day(value: str) -> str:
    try:
        return f"{parse_time(value):%H:%M}"
    except ValueError:
        raise fault("is no time of the day") from None


def weekday_and_time(handover: str) -> tuple[int, time]:
    """`monday 09:00` as `Rotation` has it: 0 is Monday."""
    weekday, _, at = handover.partition(" ")
    return WEEKDAYS.index(weekday), time.fromisoformat(at)


Duration = Annotated[timedelta, BeforeValidator(read_duration), PlainSerializer(duration_text)]
#: `22:00-07:00`.
Hours = Annotated[str, AfterValidator(_hours)]
#: `monday 09:00`.
Handover = Annotated[str, AfterValidator(_handover)]
#: `08:30`.
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
