"""Times of the day as people type them: 08:30, 8:30, 8.30, 8, 8am, 20h."""

import re
from datetime import time

_FORM = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|h)?", re.ASCII | re.IGNORECASE)
TAKES = "08:30"
_NOON = 12


def parse_time(typed: str) -> time:
    """The time that is meant. Raises `ValueError` with what is expected."""
    found = _FORM.fullmatch(typed.strip())
    if found is not None:
        hour, half = int(found[1]), (found[3] or "").casefold()
        if half in ("am", "pm") and 1 <= hour <= _NOON:
            hour = hour % _NOON + (_NOON if half == "pm" else 0)
        elif half in ("am", "pm"):
            hour = -1
        try:
            return time(hour, int(found[2] or 0))
        except ValueError:
            pass
    raise ValueError(f"it goes: {TAKES}")
