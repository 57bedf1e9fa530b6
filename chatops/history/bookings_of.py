"""What orders booked between two sights of a position (pure)."""

from datetime import datetime
from decimal import Decimal

from bot_integration import Position
from chatops.history.sights import Sight
from chatops.money.facts import Booking, Origin

#: What came through floats differs by less without anything having happened.
DUST = Decimal("1e-9")


def bookings_of(bot: str, at: datetime, sight: Sight) -> tuple[Booking, ...]:
    """One, or none."""
    now, since = sight.now.pnl, sight.since
    if now.realized == since.realized and now.fees == since.fees:
        return ()
    realized, fees = now.realized - since.realized, now.fees - since.fees
    if abs(realized) < DUST and abs(fees) < DUST:
        return ()
    return (Booking(at, origin(bot, sight.now), realized, fees),)


def origin(bot: str, position: Position, venue: str = "") -> Origin:
    """Whose money a position makes; of one leg with its venue."""
    return Origin(bot, position.id, position.asset, position.strategy, position.lane, venue)
