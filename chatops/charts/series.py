"""Values over time, as pictures are drawn of them: floats alone, as thousands go to another process in no time.

Moments are seconds since 1970 (UTC). What is not known, and what is no finite number, is NaN: it is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import inf, isfinite, isnan, nan

from chatops.money.facts import Gap
from chatops.money.spans import Span

#: What is larger is a fault, and would only flatten all the rest.
_LARGEST = 1e14


def number(value: Decimal | float | None) -> float:
    """As it is drawn."""
    drawn = nan if value is None else float(value)
    return drawn if isfinite(drawn) and abs(drawn) <= _LARGEST else nan


@dataclass(frozen=True, slots=True)
class Reach:
    """From when to when a picture is, and in which times nobody saw a bot."""

    start: float
    end: float
    #: In order, none over another.
    gaps: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of(cls, span: Span, gaps: Iterable[Gap] = ()) -> "Reach":
        """Those gaps that lie in the span, whichever bot's they are."""
        start, end = span.start.timestamp(), span.end.timestamp()
        cut = sorted((max(start, one.start.timestamp()), min(end, one.end.timestamp())) for one in gaps)
        merged: list[tuple[float, float]] = []
        for begins, ends in (one for one in cut if one[0] < one[1]):
            if merged and begins <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
            else:
                merged.append((begins, ends))
        return cls(start, end, tuple(merged))


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its moments, in order, and a value for each."""

    name: str
    at: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    @classmethod
    def of(cls, name: str, pairs: Iterable[tuple[datetime, Decimal | float | None]]) -> "Series":
        """In whatever order they stand. None is where nothing is known, and parts the line."""
        known = sorted(((at.timestamp(), number(value)) for at, value in pairs), key=lambda one: one[0])
        return cls(name, tuple(at for at, _ in known), tuple(value for _, value in known))


def runs(series: Series, reach: Reach) -> list[Series]:
    """The parts of a line between which nothing is known, in order.

    It is parted where a value is missing, and where most of the time between two of its moments is a gap.
    """
    parts: list[tuple[list[float], list[float]]] = [([], [])]
    before = -inf
    for at, value in zip(series.at, series.values, strict=True):
        if not reach.start <= at <= reach.end:
            continue
        if isnan(value) or _mostly_gap(before, at, reach.gaps):
            parts.append(([], []))
        if not isnan(value):
            parts[-1][0].append(at)
            parts[-1][1].append(value)
            before = at
    return [Series(series.name, tuple(at), tuple(values)) for at, values in parts if at]


def _mostly_gap(before: float, at: float, gaps: tuple[tuple[float, float], ...]) -> bool:
    hidden = sum(max(0.0, min(at, end) - max(before, start)) for start, end in gaps)
    return hidden > (at - before) / 2
