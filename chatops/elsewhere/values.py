"""What stands in a column of SQLite as what it means: moments, days, money (pure)."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite

from chatops.money.facts import ZERO

#: What is larger is milliseconds, what is larger still microseconds: seconds of the year 5138.
_SECONDS = 1e11


def moment(value: object) -> datetime | None:
    """ISO 8601, or seconds, milliseconds or microseconds since 1970; without a zone it is UTC. None of nothing.

    0 is nothing, too: so a bot writes that it has not closed yet. Raises `ValueError`.
    """
    if value in (None, "", 0):
        return None
    if isinstance(value, int | float):
        seconds = float(value)
        if not isfinite(seconds):
            raise ValueError(f"{value!r} is no moment")
        while abs(seconds) > _SECONDS:
            seconds /= 1_000
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(f"{value!r} is no moment") from error
    found = datetime.fromisoformat(str(value))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def day(value: object) -> date:
    """`2026-03-14`, or any moment of it. Raises `ValueError`."""
    if isinstance(value, str) and len(value) == len("2026-03-14"):
        return date.fromisoformat(value)
    found = moment(value)
    if found is None:
        raise ValueError("the day is empty")
    return found.date()


def money(value: object) -> Decimal:
    """A number or its text; nothing is 0. Raises `ValueError`."""
    if value is None or value == "":
        return ZERO
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no amount") from error
    if not isfinite(found):
        raise ValueError(f"{value!r} is no amount")
    return found


def text(value: object) -> str:
    """As it is written; nothing is empty."""
    return "" if value is None else str(value)
