"""The trade that a position was, once it is closed (pure)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from bot_integration import Position
from bot_integration.position import Leg, Pnl
from chatops.history.bookings_of import origin
from chatops.money.facts import ZERO, Trade, TradeLeg


def trade_of(
    bot: str,
    session_id: UUID,
    position: Position,
    closed_at: datetime,
    *,
    pnl: Pnl | None = None,
    legs: tuple[Leg, ...] = (),
    deployed: Decimal = ZERO,
) -> Trade:
    """`pnl` where it made other than it says itself; `legs` as they were last seen, for bots that drop them."""
    made = pnl or position.pnl
    own = (*position.legs, *position.closed_legs)
    places = {(leg.venue, leg.instrument) for leg in own}
    own += tuple(leg for leg in legs if (leg.venue, leg.instrument) not in places)
    return Trade(
        # The moment of opening, because a bot may give an id again; its run, because clocks may be set.
        f"{bot}/{session_id.hex[-8:]}/{position.id}@{position.opened_at:%Y%m%dT%H%M%S}",
        origin(bot, position),
        position.opened_at,
        closed_at,
        made.realized,
        made.funding,
        made.fees,
        deployed,
        position.slippage,
        tuple(_leg(leg) for leg in own),
        position.risk.last_exit_reason or "",
    )


def own_money(position: Position) -> Decimal:
    """What its legs hold of one's own."""
    return sum((leg.margin_used or ZERO for leg in position.legs), ZERO)


def _leg(leg: Leg) -> TradeLeg:
    return TradeLeg(leg.venue, leg.instrument, leg.side.value, leg.realized or ZERO, leg.funding, leg.fees)
