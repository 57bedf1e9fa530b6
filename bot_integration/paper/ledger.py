"""The portfolio's figures: everything held and everything closed, added up."""

from datetime import datetime
from decimal import Decimal

from bot_integration.paper.book import Totals
from bot_integration.paper.desk import Desk
from bot_integration.paper.strategy import STRATEGY_OF
from bot_integration.position import Pnl, Position, PositionStage
from bot_integration.state import Portfolio, Strategy

ZERO = Decimal(0)


def portfolio(desk: Desk, positions: tuple[Position, ...], since: datetime) -> Portfolio:
    """The portfolio at these positions' prices; `total_pct` is of the start capital, `since` when it began."""
    worths = desk.worths
    unrealized = deployed = gross = delta = headroom = ZERO
    now = desk.book.closed
    realized, funding, fees = now.realized, now.funding, now.fees
    for position in positions:
        worth = worths[position.id]
        unrealized += worth.unrealized
        deployed += worth.deployed
        gross += worth.gross
        delta += worth.delta
        headroom += worth.headroom
        realized += position.pnl.realized
        funding += position.pnl.funding
        fees += position.pnl.fees
    trades, wins = desk.tally.trades.total(), desk.tally.wins.total()
    return Portfolio(
        equity=desk.equity,
        deployed=deployed,
        gross_notional=gross,
        net_delta=delta,
        pnl=_pnl(Totals(realized, funding, fees), unrealized, desk.book.initial),
        pnl_since=since,
        deposits=desk.book.initial,
        pnl_today=desk.pnl_today(),
        maintenance_headroom=headroom,
        win_rate=wins / trades if trades else None,
        trades=trades,
        strategies=_strategies(desk, positions),
    )


def _strategies(desk: Desk, positions: tuple[Position, ...]) -> tuple[Strategy, ...]:
    rolled = []
    for name in STRATEGY_OF.values():
        # A closed position is in the tally already.
        own = [one for one in positions if one.strategy == name and one.stage is not PositionStage.CLOSED]
        made = desk.tally.made.get(name, Totals())
        trades = desk.tally.trades[name]
        sums = Totals(
            sum((one.pnl.realized for one in own), made.realized),
            sum((one.pnl.funding for one in own), made.funding),
            sum((one.pnl.fees for one in own), made.fees),
        )
        deployed = sum((desk.worths[one.id].deployed for one in own), ZERO)
        rolled.append(
            Strategy(
                name=name,
                deployed=deployed,
                pnl=_pnl(sums, sum((one.pnl.unrealized for one in own), ZERO), deployed),
                win_rate=desk.tally.wins[name] / trades if trades else None,
                trades=trades,
            )
        )
    return tuple(rolled)


def _pnl(made: Totals, unrealized: Decimal, of: Decimal) -> Pnl:
    total = made.realized + unrealized + made.funding - made.fees
    return Pnl(
        unrealized=unrealized,
        realized=made.realized,
        funding=made.funding,
        fees=made.fees,
        total=total,
        total_pct=float(total / of * 100) if of else None,
    )
