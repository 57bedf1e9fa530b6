"""A trade held: its legs, its money, its danger."""

from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from bot_integration.fact import Amount, Fact, Moment, Name


class PositionStage(StrEnum):
    """Where in its life a position stands."""

    OPENING = "opening"
    OPEN = "open"
    REBALANCING = "rebalancing"
    CLOSING = "closing"
    CLOSED = "closed"


class Side(StrEnum):
    """Which way a leg is exposed."""

    LONG = "long"
    SHORT = "short"


class Leg(Fact):
    """The part of a position on one venue."""

    venue: Name
    instrument: Name
    side: Side
    #: In units of the asset, never negative.
    size: Amount = Field(ge=0)
    entry_price: Amount | None = None
    mark_price: Amount | None = None
    #: Size times mark price, in USD.
    notional: Amount
    leverage: float | None = None
    margin_used: Amount | None = None
    #: Equity / notional; liquidated at the venue's maintenance margin.
    margin_fraction: float | None = None
    #: (assets x weight - liabilities) / (assets x weight) of a borrowed leg; liquidated at 0.
    health_factor: float | None = None
    liquidation_price: Amount | None = None
    #: Price of a liquid staking token over its redemption value, in %; negative is a discount.
    peg_premium: float | None = None
    unrealized: Amount = Decimal(0)
    funding: Amount = Decimal(0)
    fees: Amount = Decimal(0)
    #: By what was closed of it. None where the bot does not say it by leg.
    realized: Amount | None = None
    #: What `funding` would be if the predicted rates had come. None where none are, as for interest.
    funding_expected: Amount | None = None


class Pnl(Fact):
    """Profit and loss in USD. Fees are positive numbers that are taken off the total."""

    unrealized: Amount = Decimal(0)
    realized: Amount = Decimal(0)
    funding: Amount = Decimal(0)
    fees: Amount = Decimal(0)
    #: realized + unrealized + funding - fees.
    total: Amount = Decimal(0)
    #: Of the capital deployed.
    total_pct: float | None = None


class Risk(Fact):
    """What the bot's own risk manager thinks of a position."""

    should_exit: bool = False
    reasons: tuple[str, ...] = ()
    last_exit_reason: str | None = None
    #: A person overruled the risk manager: hold until then, whatever it says.
    hold_until: Moment | None = None
    held: bool = False


class Position(Fact):
    """One trade held. A delta-neutral position has two legs."""

    id: Name
    asset: Name
    strategy: str = ""
    #: A label that profit is attributed to.
    lane: str = ""
    stage: PositionStage
    opened_at: Moment
    updated_at: Moment
    target_usd: Amount = Decimal(0)
    filled_usd: Amount = Decimal(0)
    legs: tuple[Leg, ...] = ()
    #: Those that were closed, or that a venue took, of size 0: with them the legs make up all of `pnl`. Empty where
    #: the bot does not say it.
    closed_legs: tuple[Leg, ...] = ()
    #: Net exposure in USD; positive is long.
    delta: Amount = Decimal(0)
    #: Absolute delta / gross exposure.
    delta_ratio: float | None = None
    #: Difference of the two legs' mark prices, in %.
    divergence: float | None = None
    #: How much of the expected profit has gone, in %.
    profit_erosion: float | None = None
    pnl: Pnl = Pnl()
    #: Lost to spread and depth so far; what was closed has it in `pnl.realized` already.
    slippage: Amount | None = None
    rebalance_pending: bool = False
    risk: Risk = Risk()
