"""Lengths of time as people write them: 30s, 90m, 1h 30m, 2d."""

import re
from datetime import timedelta

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_PART = re.compile(r"(\d{1,9})\s*(d|h|min|m|s)", re.ASCII)
_WHOLE = re.compile(rf"{_PART.pattern}(?:\s*{_PART.pattern})*", re.ASCII)
#: Beyond it nobody means a length.
LONGEST = timedelta(days=366)
TAKES = "30s, 5m, 1h 30m or 2d"


class TooLong(ValueError):
    """A length, and nobody means it."""


def parse_duration(typed: str) -> timedelta:
    """`90m`, `1h 30m`, `2 d`; capitals are fine, `0s` too. Raises `ValueError` with what is expected, or `TooLong`."""
    typed = typed.strip().casefold()
    if _WHOLE.fullmatch(typed) is None:
        raise ValueError(f"it goes: {TAKES}")
    # Capped part by part: no count of days overflows.
    length = timedelta()
    for count, unit in _PART.findall(typed):
        length += min(int(count), LONGEST // _UNITS[unit] + 1) * _UNITS[unit]
        if length > LONGEST:
            raise TooLong("that is longer than a year")
    return length


def duration_text(length: timedelta) -> str:
    """`1h 30m`: what `parse_duration` reads back, to the second. Below 0 there is none: `0s`."""
    seconds = max(0, int(length.total_seconds()))
    parts = (
        (seconds // 86_400, "d"),
        (seconds % 86_400 // 3_600, "h"),
        (seconds % 3_600 // 60, "m"),
        (seconds % 60, "s"),
    )
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
