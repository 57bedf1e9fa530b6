"""One trade that is held, with all that the book remembers of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from bot_integration.paper.leg import HeldLeg
from bot_integration.paper.market import Instrument
from bot_integration.position import Pnl, PositionStage

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Hold:
    """A person overruled the risk manager, until a moment (wall time) or for good."""

    by: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """The legs of one trade. Moments are wall time where not said to be the market's."""

    id: str
    lane: str
    asset: str
    stage: PositionStage
    opened_at: datetime
    #: Of the market.
    opened_in_market: datetime
    target_usd: Decimal
    #: Net funding over the horizon less a round trip's fees, in USD, reckoned when it opened.
    expected_usd: Decimal
    #: Own money put in when it opened.
    deployed_usd: Decimal = ZERO
    #: Of the first leg's entry price over the second's, in %.
    entry_divergence: float = 0.0
    legs: tuple[HeldLeg, ...] = ()
    #: Legs that were closed or liquidated; kept for what they realized, paid and cost.
    gone: tuple[HeldLeg, ...] = ()
    hold: Hold | None = None
    exit_reason: str | None = None
    #: Since when, of the market, funding has been against it.
    flipped_since: datetime | None = None
    #: The cycle before which a failed exit is not tried again.
    retry_after: int = 0
    #: What its legs realized and received less what they paid, before fees. Reckoned once, looked at in every tick.
    made_usd: Decimal = field(init=False)

    def __post_init__(self) -> None:
        made = sum((leg.realized + leg.funding for leg in self.every_leg()), ZERO)
        object.__setattr__(self, "made_usd", made)

    def every_leg(self) -> Iterator[HeldLeg]:
        """Those held and those gone."""
        yield from self.legs
        yield from self.gone

    def leg(self, instrument: Instrument) -> HeldLeg | None:
        """The leg held of an instrument."""
        return next((leg for leg in self.legs if leg.instrument == instrument), None)

    def with_leg(self, leg: HeldLeg) -> "HeldPosition":
        """With this leg in the place of the one of its instrument; gone where nothing is left of it."""
        others = tuple(leg if held.instrument == leg.instrument else held for held in self.legs)
        if leg.size:
            return replace(self, legs=others)
        return replace(self, legs=tuple(held for held in others if held.size), gone=(*self.gone, leg))

    def pnl(self, unrealized: Decimal = ZERO) -> Pnl:
        """Its profit and loss at this unrealized profit."""
        realized = sum((leg.realized for leg in self.every_leg()), ZERO)
        funding = sum((leg.funding for leg in self.every_leg()), ZERO)
        fees = sum((leg.fees for leg in self.every_leg()), ZERO)
        total = realized + unrealized + funding - fees
        return Pnl(
            unrealized=unrealized,
            realized=realized,
            funding=funding,
            fees=fees,
            total=total,
            total_pct=float(total / self.deployed_usd * 100) if self.deployed_usd else None,
        )


@dataclass(frozen=True, slots=True)
class Trade:
    """A position that was closed."""

    id: str
    asset: str
    strategy: str
    lane: str
    opened_at: datetime
    closed_at: datetime
    #: Of the market.
    opened_in_market: datetime
    closed_in_market: datetime
    target_usd: Decimal
    pnl: Pnl
    reason: str
