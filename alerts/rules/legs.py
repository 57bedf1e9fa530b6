"""Rules of legs: how near to liquidation, and what a staking token has lost of its value."""

from collections.abc import Iterator

from alerts.distance import Near, liquidation_margin_fraction
from alerts.durations import span
from alerts.model import Figure, Key, Reading
from alerts.rulebook import Facts, rule
from alerts.rules.words import named, percent, price, ratio
from alerts.terms import DEFAULTS
from alerts.trend import Trend


@rule(DEFAULTS["health_factor"])
def health_factor(facts: Facts) -> Iterator[Reading]:
    """The health factor of a leg and its margin fraction, whichever its venue has a notion of.

    A leg that should have one and has none is `stale_data`.
    """
    bot = facts.snapshot.bot
    for one in facts.legs:
        for metric, value in (("health_factor", one.leg.health_factor), ("margin_fraction", one.leg.margin_fraction)):
            if value is not None and facts.matter(one.subject, metric, value):
                key = Key("health_factor", bot, one.subject)
                yield _nearness(one, facts.trends.get(one.subject), key, metric, value)


@rule(DEFAULTS["liquidation_distance"])
def liquidation_distance(facts: Facts) -> Iterator[Reading]:
    """How far the price is from where the venue takes a leg."""
    bot = facts.snapshot.bot
    for one in facts.legs:
        away = one.distance_pct
        if away is not None and facts.matter(one.subject, "distance_pct", away):
            key = Key("liquidation_distance", bot, one.subject)
            yield _nearness(one, facts.trends.get(one.subject), key, "distance_pct", away)


@rule(DEFAULTS["lst_depeg"])
def lst_depeg(facts: Facts) -> Iterator[Reading]:
    """The price of a liquid staking token over (premium) or under (discount) what it is redeemed for."""
    bot = facts.snapshot.bot
    for one in facts.legs:
        peg = one.leg.peg_premium
        if peg is None:
            continue
        which, away = "premium" if peg > 0 else "discount", percent(abs(peg), 2)
        if not facts.matter(one.subject, f"{which}_pct", abs(peg)):
            continue
        yield Reading(
            Key("lst_depeg", bot, one.subject),
            abs(peg),
            f"{which}_pct",
            one.room,
            one.position.id,
            f"{one.leg.instrument} on {one.leg.venue} at a {which} of {away} to what it is redeemed for",
            (Figure(which, away),),
        )


RULES = (health_factor, liquidation_distance, lst_depeg)
_SHORT = {"health_factor": "HF", "margin_fraction": "MF"}


def _nearness(one: Near, trend: Trend | None, key: Key, metric: str, value: float) -> Reading:
    if metric == "distance_pct":
        says = f"the price is {percent(value)} from the liquidation of {named(one.leg)}"
    else:
        says = f"{_SHORT[metric]} {ratio(value)} of {named(one.leg)}"
    return Reading(key, value, metric, one.room, one.position.id, says, _figures(one, trend))


def _figures(one: Near, trend: Trend | None) -> tuple[Figure, ...]:
    """All that is known of how near it is, each with its level of liquidation."""
    leg, found = one.leg, []
    if leg.health_factor is not None:
        found.append(Figure("HF", f"{ratio(leg.health_factor)}, liquidated at 0"))
    if leg.margin_fraction is not None:
        level = liquidation_margin_fraction(leg)
        at = f", liquidated at {ratio(level)}" if level is not None else ""
        found.append(Figure("MF", f"{ratio(leg.margin_fraction)}{at}"))
    if one.distance_pct is not None and leg.liquidation_price is not None:
        found.append(Figure("to liquidation", f"{percent(one.distance_pct)}, at {price(leg.liquidation_price)}"))
    elif one.room is not None and leg.health_factor is not None:
        # Of a borrowed leg the health factor is that distance.
        found.append(Figure("to liquidation", percent(one.room * 100)))
    if one.room is not None:
        found.append(Figure("time left", _time_left(one.room, trend)))
    return tuple(found)


def _time_left(room: float, trend: Trend | None) -> str:
    if trend is None or trend.slope is None:
        return "not known yet"
    left = trend.left(room)
    if left is not None:
        return f"about {span(left)} at the pace of the last minutes"
    return "over a day" if trend.slope < 0 else "not falling"
