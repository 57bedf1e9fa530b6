"""How good trades were: how often they win, what they win, and what is to be expected of the next one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import fmean

from chatops.money.attribution import By
from chatops.money.facts import ZERO, Trade
from chatops.money.spans import Span


@dataclass(frozen=True, slots=True)
class Performance:
    """Of trades that are closed, each by its net: realized + funding - fees over its whole life; USD.

    A trade that made exactly nothing is neither won nor lost, but counts. Where there is nothing to divide by the
    figure is None: no trades have no win rate, and a profit factor of winners alone would be infinite.
    """

    trades: int = 0
    wins: int = 0
    losses: int = 0
    #: Of all that were won.
    gross_profit: Decimal = ZERO
    #: Of all that were lost, as a positive number.
    gross_loss: Decimal = ZERO
    best: Trade | None = None
    worst: Trade | None = None
    #: Mean time from opening to closing.
    average_held: timedelta | None = None
    #: Mean net over the money put in, of those where it is known.
    average_share: float | None = None

    @property
    def net(self) -> Decimal:
        """All of them added up."""
        return self.gross_profit - self.gross_loss

    @property
    def win_rate(self) -> float | None:
        """Won trades over all trades, as the "percent profitable" of TradeStation's Strategy Performance Report."""
        return self.wins / self.trades if self.trades else None

    @property
    def profit_factor(self) -> float | None:
        """Gross profit over gross loss, fees taken off, as TradeStation's Strategy Performance Report has it.

        Above 1 is money made. None where nothing was lost.
        """
        return float(self.gross_profit / self.gross_loss) if self.gross_loss else None

    @property
    def average_trade(self) -> Decimal | None:
        """Mean net of a trade."""
        return self.net / self.trades if self.trades else None

    @property
    def average_win(self) -> Decimal | None:
        """Mean net of a won trade."""
        return self.gross_profit / self.wins if self.wins else None

    @property
    def average_loss(self) -> Decimal | None:
        """Mean net of a lost trade, as a positive number."""
        return self.gross_loss / self.losses if self.losses else None

    @property
    def expectancy(self) -> float | None:
        """What a trade is expected to make for each USD that a lost one loses.

        (win rate x average win - loss rate x average loss) / average loss, which is the average trade over the average
        loss: Tharp 1998, "Trade Your Way to Financial Freedom", the mean R multiple with the average loss for R. The
        same in USD is `average_trade`. None where nothing was lost.
        """
        average, loss = self.average_trade, self.average_loss
        return float(average / loss) if average is not None and loss else None


def performance(trades: Iterable[Trade], span: Span) -> Performance:
    """Of the trades that were closed in a span."""
    return _judged([trade for trade in trades if trade.closed_at in span])


def performance_by(trades: Iterable[Trade], span: Span, by: By) -> dict[str, Performance]:
    """Of the trades that were closed in a span, told apart, in the order of their names.

    Raises `ValueError` by venue: a trade has a leg on each of several.
    """
    if by is By.VENUE:
        raise ValueError("a trade lies on several venues: ask for its parts by venue, see attributed()")
    found: dict[str, list[Trade]] = {}
    for trade in trades:
        if trade.closed_at in span:
            found.setdefault(by.key(trade.of), []).append(trade)
    return {name: _judged(own) for name, own in sorted(found.items())}


def _judged(trades: Sequence[Trade]) -> Performance:
    if not trades:
        return Performance()
    nets = [trade.net for trade in trades]
    won, lost = [net for net in nets if net > ZERO], [-net for net in nets if net < ZERO]
    most, least = max(nets), min(nets)
    shares = [trade.share for trade in trades if trade.share is not None]
    return Performance(
        len(trades),
        len(won),
        len(lost),
        sum(won, ZERO),
        sum(lost, ZERO),
        # Of equal ones the latest, in whatever order they stand.
        max(_of(most, nets, trades), key=lambda one: (one.closed_at, one.id)),
        min(_of(least, nets, trades), key=lambda one: (-one.closed_at.timestamp(), one.id)),
        sum((trade.held for trade in trades), timedelta(0)) / len(trades),
        # Added up in one order, so that floats give one sum.
        fmean(sorted(shares)) if shares else None,
    )


def _of(made: Decimal, nets: Sequence[Decimal], trades: Sequence[Trade]) -> Iterator[Trade]:
    return (trade for net, trade in zip(nets, trades, strict=True) if net == made)
