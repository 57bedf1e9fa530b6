"""Rules of positions: whether the two legs still hold each other, and whether they still earn."""

from collections.abc import Iterator

from alerts.model import Figure, Key, Reading
from alerts.rulebook import Facts, rule
from alerts.rules.words import percent
from alerts.subjects import held
from alerts.terms import DEFAULTS, YES_NO
from bot_integration import Leg, Position, Side, Snapshot


@rule(DEFAULTS["funding_flip"])
def funding_flip(facts: Facts) -> Iterator[Reading]:
    """What the legs of a position receive in funding less what they pay, in % of their notional in 8 hours.

    By the current rates; interest on what is borrowed is no funding. A leg without a rate counts 0; without any rate
    nothing is read.
    """
    rates = _rates(facts.snapshot)
    for position in held(facts.snapshot):
        net = _net_funding_pct(position, rates)
        if net is not None and facts.matter(position.id, "net_funding_pct", net):
            word = "pays" if net < 0 else "receives"
            yield Reading(
                Key("funding_flip", facts.snapshot.bot, position.id),
                net,
                "net_funding_pct",
                position=position.id,
                says=f"{position.id} {word} {percent(abs(net), 4)} of net funding in 8 h",
                figures=(Figure("net funding in 8 h", percent(net, 4)),),
            )


@rule(DEFAULTS["delta_drift"])
def delta_drift(facts: Facts) -> Iterator[Reading]:
    """What of a position's gross exposure is not hedged, in %."""
    for position in held(facts.snapshot):
        drift = None if position.delta_ratio is None else abs(position.delta_ratio) * 100
        if drift is not None and facts.matter(position.id, "delta_pct", drift):
            yield Reading(
                Key("delta_drift", facts.snapshot.bot, position.id),
                drift,
                "delta_pct",
                position=position.id,
                says=f"the delta of {position.id} is {percent(drift, 2)} of its exposure",
                figures=(Figure("delta", f"{position.delta:+,.2f} USD, {percent(drift, 2)}"),),
            )


@rule(DEFAULTS["profit_erosion"])
def profit_erosion(facts: Facts) -> Iterator[Reading]:
    """How much of the expected profit has gone, in %."""
    for position in held(facts.snapshot):
        gone = position.profit_erosion
        if gone is not None and facts.matter(position.id, "erosion_pct", gone):
            yield Reading(
                Key("profit_erosion", facts.snapshot.bot, position.id),
                gone,
                "erosion_pct",
                position=position.id,
                says=f"{percent(gone, 0)} of the expected profit of {position.id} has gone",
                figures=(Figure("profit gone", percent(gone, 0)),),
            )


@rule(DEFAULTS["divergence"])
def divergence(facts: Facts) -> Iterator[Reading]:
    """How far the legs' prices are apart, either way, in %."""
    for position in held(facts.snapshot):
        apart = None if position.divergence is None else abs(position.divergence)
        if apart is not None and facts.matter(position.id, "divergence_pct", apart):
            yield Reading(
                Key("divergence", facts.snapshot.bot, position.id),
                apart,
                "divergence_pct",
                position=position.id,
                says=f"the prices of the legs of {position.id} are {percent(apart, 2)} apart",
                figures=(Figure("divergence", percent(apart, 2)),),
            )


@rule(DEFAULTS["rebalance_pending"])
def rebalance_pending(facts: Facts) -> Iterator[Reading]:
    """Whether a position waits to be rebalanced."""
    for position in held(facts.snapshot):
        waits = position.rebalance_pending
        if not facts.matter(position.id, YES_NO, waits):
            continue
        yield Reading(
            Key("rebalance_pending", facts.snapshot.bot, position.id),
            float(waits),
            YES_NO,
            position=position.id,
            says=f"{position.id} waits to be rebalanced" if waits else f"{position.id} is balanced",
        )


RULES = (funding_flip, delta_drift, profit_erosion, divergence, rebalance_pending)


def _rates(snapshot: Snapshot) -> dict[tuple[str, str], float]:
    """By venue and asset: what a long pays in 8 hours, in %."""
    return {(one.venue, one.asset): one.rate * 8 / one.interval_hours * 100 for one in snapshot.funding}


def _is_funded(leg: Leg) -> bool:
    """Whether it pays and receives funding: a perpetual by its name, or what is margined and not spot."""
    name = leg.instrument.casefold()
    return "perp" in name or (leg.margin_fraction is not None and "spot" not in name)


def _net_funding_pct(position: Position, rates: dict[tuple[str, str], float]) -> float | None:
    net = gross = 0.0
    known = False
    for leg in position.legs:
        if not _is_funded(leg):
            continue
        rate = rates.get((leg.venue, position.asset))
        notional = abs(float(leg.notional))
        gross += notional
        if rate is not None:
            known = True
            net += notional * (-rate if leg.side is Side.LONG else rate)
    return net / gross if known and gross else None
