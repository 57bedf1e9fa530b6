"""Whether the facts that a question showed have changed since: numbers by how much, all else by whether."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

#: Beside numbers: the money that they are about, in the same unit. They move by a fraction of that, and not of
#: themselves: a profit of a few USD on a position of thousands is another one with every tick.
OF = "of"
#: What a change says of a side that has no such fact.
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that is another one now."""

    what: str
    before: str
    now: str

    def __str__(self) -> str:
        return f"{self.what} {self.before} → {self.now}"


def changed(shown: Mapping[str, Any], now: Mapping[str, Any], tolerance: float) -> tuple[Change, ...]:
    """What has changed by more than `tolerance`, a fraction of the greater of two numbers, or of what stands beside
    them as `OF` where that is greater; JSON values.

    A text that is a number counts as one. A fact that came or went has changed.
    """
    sizes = [number for facts in (shown, now) if (number := _number(facts.get(OF))) is not None]
    size = max(map(abs, sizes), default=Decimal(0))
    before, after = dict(_flat(_but_size(shown))), dict(_flat(_but_size(now)))
    return tuple(
        Change(what, _said(before, what), _said(after, what))
        for what in dict.fromkeys([*before, *after])
        if what not in before
        or what not in after
        # What is nested is counted in something else.
        or not _alike(before[what], after[what], tolerance, Decimal(0) if "." in what else size)
    )


def _but_size(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {what: value for what, value in facts.items() if what != OF or _number(value) is None}


def _flat(value: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """Every fact by its way, as in `legs.0.fee`."""
    if isinstance(value, Mapping) and (value or not way):
        inner: Iterator[tuple[Any, Any]] | Any = value.items()
    elif isinstance(value, list | tuple) and value:
        inner = enumerate(value)
    else:
        yield way, value
        return
    for key, one in inner:
        yield from _flat(one, f"{way}.{key}" if way else str(key))


def _alike(before: Any, now: Any, tolerance: float, size: Decimal) -> bool:
    one, other = _number(before), _number(now)
    if one is None or other is None:
        return type(before) is type(now) and bool(before == now)
    return abs(one - other) <= Decimal(str(tolerance)) * max(abs(one), abs(other), size)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _said(facts: Mapping[str, Any], what: str) -> str:
    value = facts.get(what)
    if value is None:
        return NOTHING
    number = _number(value)
    # Money is said with its cents.
    return f"{number:.2f}" if number is not None and number.as_tuple().exponent == -1 else str(value)
