"""How near to liquidation a position stands."""

from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from alerts.distance import distance_pct
from bot_integration import Position, Snapshot


class Danger(NamedTuple):
    """The worst figures of a position's legs; None where no venue of it has a notion of one."""

    health_factor: float | None
    margin_fraction: float | None
    #: From the mark price to the liquidation price, in % of the mark price.
    distance_pct: float | None


def danger(position: Position) -> Danger:
    """The worst of each figure over the legs."""
    # One pass, by hand: it is made for every position that is held, and most of the time of a long table goes here.
    health = margin = nearest = inf
    for leg in position.legs:
        value = leg.health_factor
        if value is not None and value < health:
            health = value
        value = leg.margin_fraction
        if value is not None and value < margin:
            margin = value
        away = distance_pct(leg)
        if away is not None and away < nearest:
            nearest = away
    return Danger(
        None if health == inf else health, None if margin == inf else margin, None if nearest == inf else nearest
    )


def urgency(position: Position, known: Danger | None = None) -> tuple[float, float, str]:
    """A key that sorts the most endangered first; what cannot be liquidated last. `known` saves looking again."""
    health, margin, nearest = known or danger(position)
    if health is None or (margin is not None and margin < health):
        health = margin
    return (inf if nearest is None else nearest, inf if health is None else health, position.id)


@dataclass(frozen=True, slots=True)
class Worst:
    """The lowest figure of a bot, and where it stands."""

    value: float
    position: str
    venue: str


def worst_health_factor(snapshot: Snapshot) -> Worst | None:
    """The lowest health factor of all legs."""
    return _worst(snapshot, "health_factor")


def worst_margin_fraction(snapshot: Snapshot) -> Worst | None:
    """The lowest margin fraction of all legs."""
    return _worst(snapshot, "margin_fraction")


def _worst(snapshot: Snapshot, figure: str) -> Worst | None:
    lowest, found = inf, None
    for position in snapshot.positions:
        for leg in position.legs:
            value = getattr(leg, figure)
            if value is not None and value < lowest:
                lowest, found = value, (position.id, leg.venue)
    return None if found is None else Worst(lowest, *found)
