"""Time zones as people type them: by their IANA name, a part of it, or nearly so."""

import asyncio
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

#: Those on buttons, from west to east.
COMMON = (
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
)
_NEAR = 3
#: What people are called by in zones' names stands behind the last slash.
_CITY = "/"


class NoSuchZone(ValueError):
    """There is none of this name."""

    def __init__(self, typed: str, nearest: tuple[str, ...]) -> None:
        super().__init__(f"there is no zone {typed}")
        self.nearest = nearest


async def zone_named(typed: str) -> ZoneInfo:
    """The zone that is meant, whatever the case; a city alone will do. Raises `NoSuchZone` with what is near."""
    # The list is read from a few hundred files: not on the loop.
    return ZoneInfo(await asyncio.to_thread(_found, typed))


def _found(typed: str) -> str:
    wanted = typed.strip().replace(" ", "_").casefold()[:64]
    names = _names()
    found = names.get(wanted)
    if found is not None:
        return found
    near = get_close_matches(wanted, names, n=2 * _NEAR, cutoff=0.6)
    raise NoSuchZone(typed, tuple(dict.fromkeys(names[one] for one in near))[:_NEAR])


@cache
def _names() -> dict[str, str]:
    """The name of each zone by what may be typed for it, folded."""
    every = sorted(available_timezones())
    # Whole names go before cities, and places before the lists of abbreviations.
    placed = [name for name in every if _CITY in name and not name.startswith(("Etc/", "SystemV/", "US/"))]
    cities = {name.rpartition(_CITY)[2].casefold(): name for name in reversed(placed)}
    return {**cities, **{name.casefold(): name for name in every}}
