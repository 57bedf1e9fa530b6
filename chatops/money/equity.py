"""The equity curve with deposits taken out, its high-water mark, and its drawdowns."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from chatops.money.books import Books
from chatops.money.facts import ZERO, Sample
from chatops.money.spans import Span

ONE = Decimal(1)
#: Units are kept so exactly that equity which came back to its peak is at its peak again.
_EXACT = Decimal("1e-15")


class Point(NamedTuple):
    """All bots together at one moment; USD. A tuple, because a week has thousands."""

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
    drawn = Curve(books.standings.before(span.start), span.start)
    start, end = span.start, span.end
    drawn.take(one for one in books.samples if start <= one.at < end)
    return tuple(drawn.points)


class Curve:
    """A curve that goes on as samples come."""

    def __init__(self, standing: Mapping[str, Sample], start: datetime) -> None:
        """`standing` is how bots stood that were known before it."""
        self._totals = _Totals(standing)
        self._began, equity = self._totals.made, self._totals.equity
        self._units = _Units(equity, self._totals.deposits, self._began)
        #: Oldest first.
        self.points = [Point(start, equity, ZERO, ZERO, ONE, ONE, start, ZERO)] if standing else []

    def copy(self) -> "Curve":
        """One that goes on by itself."""
        other = copy(self)
        other._totals, other._units, other.points = self._totals.copy(), copy(self._units), self.points.copy()
        return other

    def take(self, samples: Iterable[Sample]) -> None:
        """Samples in any order, all of them newer than those before."""
        totals, units, points, began = self._totals, self._units, self.points, self._began
        last = points[-1] if points else None
        for at, together in groupby(sorted(samples, key=attrgetter("at", "bot")), key=attrgetter("at")):
            totals.take(together)
            made = totals.made - began
            unit = units.after(totals.equity, totals.deposits, totals.made)
            if last is None:
                last = Point(at, ZERO, ZERO, ZERO, ONE, ONE, at, ZERO)
            high_water = max(last.high_water, made)
            # A peak that is only held is as old as when it was reached last: the fall begins there.
            if unit >= last.peak:
                last = Point(at, totals.equity, made, high_water, unit, unit, at, made)
            else:
                last = Point(at, totals.equity, made, high_water, unit, last.peak, last.peak_at, last.peak_made)
            points.append(last)


def worst(points: tuple[Point, ...]) -> Drawdown | None:
    """The deepest drawdown; of equal ones the first. None where there was none."""
    lowest = min((one for one in points if one.unit < one.peak), key=lambda one: one.unit / one.peak, default=None)
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

    __slots__ = ("_of", "deposits", "equity", "made")

    def __init__(self, standing: Mapping[str, Sample]) -> None:
        self._of = dict(standing)
        self.equity = sum((one.equity for one in standing.values()), ZERO)
        self.deposits = sum((one.deposits for one in standing.values()), ZERO)
        self.made = self.equity - self.deposits

    def copy(self) -> "_Totals":
        other = copy(self)
        other._of = self._of.copy()
        return other

    def take(self, samples: Iterator[Sample]) -> None:
        for sample in samples:
            before = self._of.get(sample.bot)
            if before is None:
                self.equity += sample.equity
                self.deposits += sample.deposits
            else:
                self.equity += sample.equity - before.equity
                if sample.deposits != before.deposits:
                    self.deposits += sample.deposits - before.deposits
            self._of[sample.bot] = sample
        self.made = self.equity - self.deposits


class _Units:
    """The worth of a unit, reckoned from the last moment at which money moved: so errors of rounding do not add up."""

    __slots__ = ("_deposits", "_equity", "_last", "_made", "_offset", "_price")

    def __init__(self, equity: Decimal, deposits: Decimal, made: Decimal) -> None:
        self._last, self._equity, self._deposits, self._made = ONE, equity, deposits, made
        self._anchor(equity, made)

    def after(self, equity: Decimal, deposits: Decimal, made: Decimal) -> Decimal:
        has_moved = deposits != self._deposits
        if has_moved:
            self._anchor(self._equity + max(deposits - self._deposits, ZERO), self._made)
        # Without money of one's own there is no rate of return: what is made of nothing moves no unit.
        unit = self._last if self._price is None else self._price * (made + self._offset)
        # Who lost more than everything has lost everything.
        unit = max(unit, ZERO)
        is_less = has_moved and deposits < self._deposits
        self._last, self._equity, self._deposits, self._made = unit, equity, deposits, made
        if is_less:
            self._anchor(equity, made)
        return unit.quantize(_EXACT)

    def _anchor(self, base: Decimal, made: Decimal) -> None:
        """From here on so much money makes what units are worth."""
        self._price = self._last / base if base > 0 else None
        self._offset = base - made
