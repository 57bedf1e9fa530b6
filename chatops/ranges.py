"""Ranges by the names that people type: 24h, 30d, today, all."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from chatops.money.spans import Span, day, day_of, last

RangeName = Literal["24h", "7d", "30d", "90d", "1y", "today", "all"]
#: Every one, as a button or a person names it.
RANGES: tuple[RangeName, ...] = get_args(RangeName)
#: Those that stand on buttons.
BUTTONS: tuple[RangeName, ...] = ("24h", "7d", "30d", "90d")
#: Before any of our bots.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

_LENGTHS: Mapping[str, timedelta] = MappingProxyType(
    {
        "24h": timedelta(hours=24),
        "7d": timedelta(days=7),
        "30d": timedelta(days=30),
        "90d": timedelta(days=90),
        "1y": timedelta(days=365),
    }
)
#: What else people call them.
_ALSO = MappingProxyType(
    {
        "day": "24h",
        "1d": "24h",
        "week": "7d",
        "1w": "7d",
        "month": "30d",
        "quarter": "90d",
        "3m": "90d",
        "year": "1y",
        "365d": "1y",
        "ever": "all",
    }
)


def named(typed: Any) -> Any:
    """The range that somebody means by what they typed; what is none stays as it is."""
    if not isinstance(typed, str):
        return typed
    folded = typed.strip().casefold()
    return _ALSO.get(folded, folded)


def _known(typed: Any) -> Any:
    if isinstance(typed, str) and not is_range(typed):
        # Which there are is told with it: that is how the word goes.
        raise PydanticCustomError("range", "should be one of these")
    return named(typed)


def is_range(typed: Any) -> bool:
    """Whether it names one."""
    return named(typed) in RANGES


#: As the argument of an ask. What is none of them is answered with all that there are.
Range = Annotated[RangeName, BeforeValidator(_known)]


def span_of(name: RangeName, now: datetime, zone: ZoneInfo) -> Span:
    """From when to when it is, `now` included; today is that of the zone, and `all` begins `LONG_AGO`."""
    match name:
        case "today":
            return Span(day(day_of(now, zone), zone).start, now + datetime.resolution)
        case "all":
            return Span(LONG_AGO, now + datetime.resolution)
        case _:
            return last(_LENGTHS[name], now)


def in_words(name: RangeName) -> str:
    """As in a title: `30d`, `today`, `all time`."""
    return "all time" if name == "all" else name
