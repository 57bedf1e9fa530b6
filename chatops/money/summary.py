"""All figures of one span: what a report, a card, a chart and an export of it say."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from chatops.money.attribution import parts
from chatops.money.books import Books
from chatops.money.downtime import Downtime, downtime
from chatops.money.equity import Drawdown, Point, current, curve, worst
from chatops.money.facts import ZERO, Trade
from chatops.money.funding import FundingSum, funding
from chatops.money.parts import Parts
from chatops.money.performance import Performance, performance
from chatops.money.sharpe import Sharpe, sharpe
from chatops.money.spans import Span


@dataclass(frozen=True, slots=True)
class Equity:
    """What the bots had, USD."""

    #: Of the bots that were known before the span. None where none was.
    start: Decimal | None
    #: None where no bot has been sampled.
    end: Decimal | None
    #: Put in less taken out in the span; what a bot brought with it when it came is in it.
    deposits: Decimal
    #: What equity made, deposits taken out, by the bots' samples alone.
    made: Decimal

    @property
    def change(self) -> Decimal | None:
        """How much more there is at the end than at the start, deposits included."""
        if self.end is None:
            return None
        return self.end - (self.start or ZERO)


@dataclass(frozen=True)
class Summary:
    """One span of some bots."""

    span: Span
    parts: Parts
    equity: Equity
    #: Actual beside expected; `parts.funding` is its actual.
    funding: FundingSum
    #: What 1 became, less that 1, however much was put in meanwhile: the time-weighted return. None without a sample.
    returned: float | None
    #: The deepest in the span.
    worst_drawdown: Drawdown | None
    #: The one that the span ends in.
    drawdown: Drawdown | None
    down: Downtime
    #: Of whose days the returns are judged.
    zone: ZoneInfo
    #: The curve that the drawdowns are of: to be drawn.
    points: tuple[Point, ...] = field(default=(), repr=False)
    #: Those that the performance is of.
    trades: tuple[Trade, ...] = field(default=(), repr=False, compare=False)

    # What trades and risks are judged by is worked out where it is asked for: most answers do without.

    @cached_property
    def performance(self) -> Performance:
        """How good trades were."""
        return performance(self.trades, self.span)

    @cached_property
    def sharpe(self) -> Sharpe:
        """What was made for the risk that was taken."""
        return sharpe(self.points, self.span, self.zone)

    def judged(self) -> "Summary":
        """The same, all of that worked out already: a year of trades takes a while."""
        _ = self.performance, self.sharpe
        return self

    @property
    def unexplained(self) -> Decimal:
        """What equity made beyond the parts. Not 0 where a bot's books miss something: a deposit nobody told of, a
        cost it does not state, or what happened while it was not seen.
        """
        return self.equity.made - self.parts.total


def summary(books: Books, span: Span, zone: ZoneInfo, points: tuple[Point, ...] | None = None) -> Summary:
    """All figures of a span; `zone` is that of the days whose returns are judged, `points` its curve where it is known
    already.
    """
    points = curve(books, span) if points is None else points
    return Summary(
        span,
        parts(books, span),
        equity(books, span),
        funding(books.payments, span),
        float(points[-1].unit - 1) if points else None,
        worst(points),
        current(points),
        downtime(books.gaps, span),
        zone,
        points,
        books.trades,
    )


def equity(books: Books, span: Span) -> Equity:
    """What the bots had at the ends of a span."""
    standings = books.standings
    before, after = standings.before(span.start).values(), standings.before(span.end).values()
    start = sum((one.equity for one in before), ZERO)
    end = sum((one.equity for one in after), ZERO)
    deposits = sum((one.deposits for one in after), ZERO) - sum((one.deposits for one in before), ZERO)
    return Equity(start if before else None, end if after else None, deposits, end - start - deposits)
