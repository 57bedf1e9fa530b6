"""What history holds of money: what was booked, paid, closed and put in, and how a bot stood at a moment.

All money is `Decimal` in USD, all moments are aware and in UTC. What a bot does not say of itself is the empty name.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose money it is: what figures can be told apart by. A name is empty where the bot does not say it."""

    bot: str
    position: str = ""
    asset: str = ""
    strategy: str = ""
    lane: str = ""
    venue: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """What an order that was filled, or a venue that took a leg, booked at that moment.

    What opens a leg has fees alone; what reduces or closes one realizes too.
    """

    at: datetime
    of: Origin
    #: Before fees, at the prices that were got: slippage is in it.
    realized: Decimal = ZERO
    #: Positive is paid.
    fees: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class FundingPayment:
    """Funding that a leg received (positive) or paid, or the interest that a borrowed leg paid."""

    at: datetime
    of: Origin
    actual: Decimal
    #: By the rate that was predicted before it. None where none was, as for interest.
    expected: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TradeLeg:
    """What one leg of a trade made over its life."""

    venue: str
    instrument: str = ""
    side: str = ""
    realized: Decimal = ZERO
    funding: Decimal = ZERO
    fees: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Trade:
    """A position from its opening to its end, with all that it made in between.

    What is closed in parts is one trade, of the moment at which the last part was. The parts are bookings of their own
    moments, so money is counted from bookings and payments, and trades are what it is judged by.
    """

    id: str
    #: Without a venue: a trade has its legs on several.
    of: Origin
    opened_at: datetime
    closed_at: datetime
    realized: Decimal
    funding: Decimal
    #: Of opening, of closing and of all between.
    fees: Decimal
    #: Own money put in.
    deployed: Decimal = ZERO
    #: Lost to spread and depth. It is in `realized` already; None where the bot does not say it.
    slippage: Decimal | None = None
    legs: tuple[TradeLeg, ...] = ()
    reason: str = ""

    @property
    def net(self) -> Decimal:
        """What it made: realized + funding - fees."""
        return self.realized + self.funding - self.fees

    @property
    def held(self) -> timedelta:
        """How long it was held."""
        return self.closed_at - self.opened_at

    @property
    def share(self) -> float | None:
        """What it made of the money that was put in. None where that is not known."""
        return float(self.net / self.deployed) if self.deployed > 0 else None


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """What a leg that is held would realize now, before fees."""

    of: Origin
    unrealized: Decimal


@dataclass(frozen=True, slots=True)
class Sample:
    """How a bot stood at one moment."""

    at: datetime
    bot: str
    equity: Decimal
    #: Of all that is held. What `legs` leave of it is of no known leg.
    unrealized: Decimal = ZERO
    #: All money put in so far less all taken out, what the bot began with included.
    deposits: Decimal = ZERO
    legs: tuple[OpenLeg, ...] = ()

    @property
    def made(self) -> Decimal:
        """What the bot made since it began: what it has less what was put in."""
        return self.equity - self.deposits


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money put in (positive) or taken out. What a bot begins with is its first."""

    at: datetime
    bot: str
    amount: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody saw a bot, whether it was down or we were."""

    bot: str
    start: datetime
    end: datetime
