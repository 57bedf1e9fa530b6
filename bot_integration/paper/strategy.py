"""The strategy: the best funding spreads between venues, and spot bought with borrowed money against a perpetual.

Pure: facts in, candidates with their reasons out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot_integration.paper.exchange import fee_rate
from bot_integration.paper.market import Contract, Instrument, Step
from bot_integration.paper.settings import PaperSettings
from bot_integration.position import Side

FUNDING_SPREAD, CARRY = "funding_spread", "carry"
#: What the desk calls the strategy behind a lane.
STRATEGY_OF: Mapping[str, str] = {FUNDING_SPREAD: "funding_arbitrage", CARRY: "cash_and_carry"}

_BPS = 1e-4


@dataclass(frozen=True, slots=True)
class LegPlan:
    """A leg to open."""

    instrument: Instrument
    side: Side
    leverage: Decimal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trade that could be opened. Its first leg is long, its second short."""

    lane: str
    asset: str
    legs: tuple[LegPlan, LegPlan]
    #: Funding less interest an interval, as a fraction of a leg's notional.
    net_rate: float
    #: What `net_rate` has to reach.
    threshold: float

    @property
    def pair(self) -> tuple[Instrument, Instrument]:
        """What tells it from others."""
        long, short = self.legs
        return long.instrument, short.instrument

    @property
    def label(self) -> str:
        """`ETH carry bybit/okx`."""
        long, short = self.pair
        return f"{self.asset} {self.lane} {long.venue}/{short.venue}"

    @property
    def reason(self) -> str:
        """What it earns, against what it has to."""
        return f"{self.net_rate / _BPS:.2f} bps an interval, threshold {self.threshold / _BPS:g}"


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be used: USD, and cash by venue."""

    positions: int
    exposure_usd: Decimal
    cash: Mapping[str, Decimal]


def candidates(step: Step, settings: PaperSettings, interest: float) -> list[Candidate]:
    """Every trade that comes at least near its threshold, the one that earns most first.

    `interest` is the borrowing rate an interval. Venues that are down are left out.
    """
    rates: dict[str, list[tuple[float, str]]] = {}
    for (venue, asset), terms in step.terms.items():
        if venue not in step.down and Instrument(venue, asset, Contract.PERPETUAL) in step.quotes:
            rates.setdefault(asset, []).append((float(terms.predicted), venue))
    for offers in rates.values():
        offers.sort()
    found = [*_spreads(rates, settings), *_carries(step, rates, settings, interest)]
    near = [one for one in found if one.net_rate >= one.threshold / 2]
    return sorted(near, key=lambda one: -one.net_rate)


def _spreads(rates: Mapping[str, list[tuple[float, str]]], settings: PaperSettings) -> Iterator[Candidate]:
    for asset, offers in rates.items():
        (low, long), (high, short) = offers[0], offers[-1]
        if long == short:
            continue
        legs = (
            LegPlan(Instrument(long, asset, Contract.PERPETUAL), Side.LONG, settings.perp_leverage),
            LegPlan(Instrument(short, asset, Contract.PERPETUAL), Side.SHORT, settings.perp_leverage),
        )
        yield Candidate(FUNDING_SPREAD, asset, legs, high - low, settings.min_spread_bps * _BPS)


def _carries(
    step: Step, rates: Mapping[str, list[tuple[float, str]]], settings: PaperSettings, interest: float
) -> Iterator[Candidate]:
    owed = interest * float(1 - 1 / settings.borrow_leverage)
    for spot in step.quotes:
        lends = spot.contract is Contract.SPOT and spot.venue in settings.borrow_venues
        if not lends or spot.venue in step.down or spot.underlying not in rates:
            continue
        rate, venue = rates[spot.underlying][-1]
        legs = (
            LegPlan(spot, Side.LONG, settings.borrow_leverage),
            LegPlan(Instrument(venue, spot.underlying, Contract.PERPETUAL), Side.SHORT, settings.perp_leverage),
        )
        yield Candidate(CARRY, spot.asset, legs, rate - owed, settings.min_carry_bps * _BPS)


def size_usd(candidate: Candidate, room: Room, settings: PaperSettings) -> tuple[Decimal, str]:
    """The notional of each leg that fits, with what bounds it: 0 where nothing worth opening does.

    Half of `position_usd` at the threshold, all of it from twice the threshold on.
    """
    if room.positions <= 0:
        return Decimal(0), f"{settings.max_positions} positions are held"
    strength = Decimal(str(min(1.0, candidate.net_rate / (2 * candidate.threshold)))) if candidate.threshold else 1
    bounds = [(settings.position_usd * strength, "its size"), (room.exposure_usd / 2, "the exposure limit")]
    own: dict[str, Decimal] = {}
    for leg in candidate.legs:
        own[leg.instrument.venue] = own.get(leg.instrument.venue, Decimal(0)) + 1 / leg.leverage
    # A tenth of the cash stays back for fees and for legs that need more margin.
    bounds += [(room.cash[venue] * Decimal("0.9") / share, f"the cash on {venue}") for venue, share in own.items()]
    usd, bound = min(bounds, key=lambda one: one[0])
    least = settings.position_usd / 10
    return (usd, bound) if usd >= least else (Decimal(0), f"{bound} leaves {max(usd, Decimal(0)):.0f} USD")


def expected_usd(candidate: Candidate, usd: Decimal, settings: PaperSettings) -> Decimal:
    """Net funding over the horizon, less the fees and half-spreads of a round trip; USD."""
    earned = Decimal(str(candidate.net_rate)) * settings.horizon_intervals
    costs = sum((fee_rate(leg.instrument, settings) for leg in candidate.legs), Decimal(0)) * 2
    spreads = settings.half_spread_bps * Decimal("1e-4") * 4
    return usd * (earned - costs - spreads)
