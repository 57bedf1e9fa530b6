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
    return " ".join(f"{count}{unit}" for count, unit in _parts(length, "m") if count) or "0s"


def span(length: timedelta) -> str:
    """For people alone, in its two largest parts: 3 d 4 h, 2 min 5 s. Below 0 there is none: 0 s."""
    parts = _parts(length, "min")
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def _parts(length: timedelta, minutes: str) -> tuple[tuple[int, str], ...]:
    seconds = max(0, int(length.total_seconds()))
    return (
        (seconds // 86_400, "d"),
        (seconds % 86_400 // 3_600, "h"),
        (seconds % 3_600 // 60, minutes),
        (seconds % 60, "s"),
    )
