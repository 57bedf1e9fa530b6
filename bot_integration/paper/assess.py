"""What a position is worth at given prices, and how near to danger it is.

Money stays `Decimal`; ratios are floats. The values are tuples, and a position is reckoned in one pass, because
hundreds are in every tick.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from bot_integration.paper.leg import HeldLeg
from bot_integration.paper.market import Contract, Instrument, Step
from bot_integration.paper.position import HeldPosition
from bot_integration.position import Side

ZERO = Decimal(0)


class Price(NamedTuple):
    """All that a step says of an instrument."""

    mark: Decimal
    #: None where nothing is redeemed.
    redemption: Decimal | None
    #: Mark, or redemption value where there is one, as a float.
    fair: float
    #: Over the redemption value, in %.
    peg_premium: float | None
    #: The predicted funding of a perpetual; the borrowing rate of spot; an interval.
    rate: float


class LegWorth(NamedTuple):
    """A leg at a price."""

    leg: HeldLeg
    mark: Decimal
    notional: Decimal
    unrealized: Decimal
    #: One of the two is None: borrowed legs have a health factor, margined ones a margin fraction.
    health_factor: float | None
    margin_fraction: float | None
    peg_premium: float | None


class Worth(NamedTuple):
    """A position at given prices; USD, ratios and % as its names say."""

    legs: tuple[LegWorth, ...]
    unrealized: Decimal
    deployed: Decimal
    gross: Decimal
    delta: Decimal
    #: Equity above what maintenance needs.
    headroom: Decimal
    #: The lowest of its legs.
    health_factor: float | None
    margin_fraction: float | None
    delta_ratio: float | None
    divergence: float | None
    #: How far the legs have moved apart against the position since it opened, with redeemable legs at redemption.
    adverse_divergence: float
    erosion: float | None
    peg_premium: float | None
    #: Funding less interest of one interval at the predicted rates.
    carry_usd: float


def prices(step: Step, interest: float) -> dict[Instrument, Price]:
    """All that this step says, by instrument; `interest` is the borrowing rate an interval."""
    found = {}
    for instrument, quote in step.quotes.items():
        rate = interest
        if instrument.contract is Contract.PERPETUAL:
            terms = step.terms.get((instrument.venue, instrument.asset))
            rate = float(terms.predicted) if terms is not None else 0.0
        fair = quote.mark if quote.redemption is None else quote.redemption
        premium = None if quote.redemption is None else float(quote.mark / quote.redemption - 1) * 100
        found[instrument] = Price(quote.mark, quote.redemption, float(fair), premium, rate)
    return found


def worth(held: HeldPosition, priced: Mapping[Instrument, Price]) -> Worth:
    """A position at these prices."""
    legs, fairs = [], []
    unrealized = deployed = gross = delta = headroom = peg_usd = ZERO
    lowest_health = lowest_fraction = peg_premium = None
    carry = 0.0
    for leg in held.legs:
        price = priced[leg.instrument]
        notional = leg.size * price.mark
        gross += notional
        long = leg.side is Side.LONG
        made = notional - leg.cost if long else leg.cost - notional
        delta = delta + notional if long else delta - notional
        unrealized += made
        deployed += leg.margin
        health = fraction = None
        if leg.borrowed:
            weighted = notional * leg.maintenance
            room = weighted - leg.liabilities
            health = float(room / weighted)
            if lowest_health is None or health < lowest_health:
                lowest_health = health
            carry -= float(leg.liabilities) * price.rate
        else:
            equity = leg.margin + made
            room = equity - notional * leg.maintenance
            fraction = float(equity / notional)
            if lowest_fraction is None or fraction < lowest_fraction:
                lowest_fraction = fraction
            owed = float(notional) * price.rate
            carry = carry - owed if long else carry + owed
        headroom += room
        if price.redemption is not None:
            peg_premium = price.peg_premium
            peg_usd += leg.size * (price.mark - price.redemption)
        fairs.append(price.fair)
        legs.append(LegWorth(leg, price.mark, notional, made, health, fraction, price.peg_premium))
    pair = len(legs) == 2
    return Worth(
        tuple(legs),
        unrealized,
        deployed,
        gross,
        delta,
        headroom,
        lowest_health,
        lowest_fraction,
        float(abs(delta) / gross) if gross else None,
        (float(legs[0].mark / legs[1].mark) - 1) * 100 if pair else None,
        # The first leg is long: it loses where its price falls against the second's.
        max(0.0, held.entry_divergence - (fairs[0] / fairs[1] - 1) * 100) if pair else 0.0,
        _erosion(held, unrealized - peg_usd),
        peg_premium,
        carry,
    )


def _erosion(held: HeldPosition, unrealized: Decimal) -> float | None:
    """What losses have taken of the expected profit, in %.

    A staking token is reckoned at its redemption value: its discount comes back to whoever waits, and has a rule of
    its own.
    """
    if held.expected_usd <= 0:
        return None
    lost = -float(unrealized + held.made_usd)
    return max(0.0, lost / float(held.expected_usd) * 100)
