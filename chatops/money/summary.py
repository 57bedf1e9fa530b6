"""All figures of one span: what a report, a card, a chart and an export of it say."""

from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from chatops.money.attribution import parts
from chatops.money.books import Books, Standings
from chatops.money.downtime import Downtime, downtime
from chatops.money.equity import Drawdown, Point, current, curve, worst
from chatops.money.facts import ZERO
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


@dataclass(frozen=True, slots=True)
class Summary:
    """One span of some bots."""

    span: Span
    parts: Parts
    equity: Equity
    #: Actual beside expected; `parts.funding` is its actual.
    funding: FundingSum
    performance: Performance
    sharpe: Sharpe
    #: What 1 became, less that 1, however much was put in meanwhile: the time-weighted return. None without a sample.
    returned: float | None
    #: The deepest in the span.
    worst_drawdown: Drawdown | None
    #: The one that the span ends in.
    drawdown: Drawdown | None
    down: Downtime
    #: The curve that the drawdowns are of: to be drawn.
    points: tuple[Point, ...] = field(default=(), repr=False)

    @property
    def unexplained(self) -> Decimal:
        """What equity made beyond the parts. Not 0 where a bot's books miss something: a deposit nobody told of, a
        cost it does not state, or what happened while it was not seen.
        """
        return self.equity.made - self.parts.total


def summary(books: Books, span: Span, zone: ZoneInfo) -> Summary:
    """All figures of a span; `zone` is that of the days whose returns are judged."""
    points = curve(books, span)
    return Summary(
        span,
        parts(books, span),
        equity(books, span),
        funding(books.payments, span),
        performance(books.trades, span),
        sharpe(points, span, zone),
        float(points[-1].unit - 1) if points else None,
        worst(points),
        current(points),
        downtime(books.gaps, span),
        points,
    )


def equity(books: Books, span: Span) -> Equity:
    """What the bots had at the ends of a span."""
    standings = Standings(books.samples)
    before, after = standings.before(span.start).values(), standings.before(span.end).values()
    start = sum((one.equity for one in before), ZERO)
    end = sum((one.equity for one in after), ZERO)
    deposits = sum((one.deposits for one in after), ZERO) - sum((one.deposits for one in before), ZERO)
    return Equity(start if before else None, end if after else None, deposits, end - start - deposits)
