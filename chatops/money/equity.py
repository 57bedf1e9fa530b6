"""The equity curve with deposits taken out, its high-water mark, and its drawdowns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from chatops.money.books import Books, Standings
from chatops.money.facts import ZERO, Sample
from chatops.money.spans import Span

ONE = Decimal(1)
#: Units are kept so exactly that equity which came back to its peak is at its peak again.
_EXACT = Decimal("1e-15")


@dataclass(frozen=True, slots=True)
class Point:
    """All bots together at one moment; USD."""

    at: datetime
    #: As the bots say, deposits included.
    equity: Decimal
    #: Since the curve began, deposits taken out.
    made: Decimal
    #: The most that was made up to here, and at least the nothing that the curve began with.
    high_water: Decimal
    #: What 1 of the curve's beginning has become: the price of a share in a fund that issues new ones for deposits.
    unit: Decimal
    #: The highest unit up to here.
    peak: Decimal
    peak_at: datetime
    #: What was made at the peak.
    peak_made: Decimal

    @property
    def drawdown(self) -> float:
        """How far below its peak a unit is: 0 to 1 (Magdon-Ismail and Atiya 2004, "Maximum Drawdown").

        Of units, so that no deposit hides a loss, and no withdrawal looks like one.
        """
        return float(1 - self.unit / self.peak)

    @property
    def drawdown_usd(self) -> Decimal:
        """What was lost since the peak; 0 or negative, but for money moved meanwhile."""
        return self.made - self.peak_made


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A fall from a peak to the lowest point before the peak was reached again."""

    #: 0 to 1.
    depth: float
    #: What was lost on the way.
    usd: Decimal
    peak_at: datetime
    trough_at: datetime
    #: When the peak was reached again. None where it has not been.
    recovered_at: datetime | None = None


def curve(books: Books, span: Span) -> tuple[Point, ...]:
    """A point for each moment of a span at which some bot was sampled, each bot standing as it last did.

    Where bots were known before the span, it begins with how they stood then. A bot that comes brings its money as a
    deposit. Without samples there is no point.

    Units are chained over deposits: a time-weighted return, as the Global Investment Performance Standards (GIPS) ask
    for. Money put in since the last point counts as there all that time, money taken out as gone only at its end.
    """
    standing = Standings(books.samples).before(span.start)
    totals = _Totals(standing)
    points: list[Point] = []
    if standing:
        points.append(_first(span.start, totals))
    inside = sorted((one for one in books.samples if one.at in span), key=lambda one: (one.at, one.bot))
    units = _Units(totals.equity, totals.deposits, totals.made)
    began = totals.made
    for at, samples in groupby(inside, key=lambda one: one.at):
        totals.take(samples)
        unit = units.after(totals.equity, totals.deposits, totals.made)
        points.append(_next(points[-1] if points else None, at, totals, totals.made - began, unit))
    return tuple(points)


def worst(points: tuple[Point, ...]) -> Drawdown | None:
    """The deepest drawdown; of equal ones the first. None where there was none."""
    lowest = min(points, key=lambda one: one.unit / one.peak, default=None)
    if lowest is None or not lowest.drawdown:
        return None
    return Drawdown(
        lowest.drawdown,
        lowest.drawdown_usd,
        lowest.peak_at,
        lowest.at,
        next((one.at for one in points if one.at > lowest.at and one.unit >= lowest.peak), None),
    )


def current(points: tuple[Point, ...]) -> Drawdown | None:
    """The drawdown that the curve ends in, with its own lowest point. None where it ends at its peak."""
    if not points or not points[-1].drawdown:
        return None
    now = points[-1]
    lowest = min((one for one in points if one.at >= now.peak_at), key=lambda one: one.unit)
    return Drawdown(now.drawdown, now.drawdown_usd, now.peak_at, lowest.at)


class _Totals:
    """All bots added up, one sample after the other."""

    def __init__(self, standing: dict[str, Sample]) -> None:
        self._of = dict(standing)
        self.equity = sum((one.equity for one in standing.values()), ZERO)
        self.deposits = sum((one.deposits for one in standing.values()), ZERO)

    @property
    def made(self) -> Decimal:
        return self.equity - self.deposits

    def take(self, samples: Iterator[Sample]) -> None:
        for sample in samples:
            before = self._of.get(sample.bot)
            self.equity += sample.equity - (before.equity if before else ZERO)
            self.deposits += sample.deposits - (before.deposits if before else ZERO)
            self._of[sample.bot] = sample


class _Units:
    """The worth of a unit, reckoned from the last moment at which money moved: so errors of rounding do not add up."""

    def __init__(self, equity: Decimal, deposits: Decimal, made: Decimal) -> None:
        self._unit, self._base, self._from = ONE, equity, made
        self._last, self._equity, self._deposits, self._made = ONE, equity, deposits, made

    def after(self, equity: Decimal, deposits: Decimal, made: Decimal) -> Decimal:
        moved = deposits - self._deposits
        if moved:
            self._anchor(self._equity + max(moved, ZERO), self._made)
        unit = self._at(made)
        self._last, self._equity, self._deposits, self._made = unit, equity, deposits, made
        if moved < 0:
            self._anchor(equity, made)
        return unit.quantize(_EXACT)

    def _anchor(self, base: Decimal, made: Decimal) -> None:
        self._unit, self._base, self._from = self._last, base, made

    def _at(self, made: Decimal) -> Decimal:
        # Without money of one's own there is no rate of return: what is made of nothing moves no unit.
        if self._base <= 0:
            return self._unit
        # Who lost more than everything has lost everything.
        return max(ZERO, self._unit * (1 + (made - self._from) / self._base))


def _first(at: datetime, totals: _Totals) -> Point:
    return Point(at, totals.equity, ZERO, ZERO, ONE, ONE, at, ZERO)


def _next(last: Point | None, at: datetime, totals: _Totals, made: Decimal, unit: Decimal) -> Point:
    if last is None:
        last = Point(at, ZERO, ZERO, ZERO, ONE, ONE, at, ZERO)
    # A peak that is only held is as old as when it was reached last: the fall begins there.
    if unit >= last.peak:
        return Point(at, totals.equity, made, max(last.high_water, made), unit, unit, at, made)
    return Point(at, totals.equity, made, max(last.high_water, made), unit, last.peak, last.peak_at, last.peak_made)
