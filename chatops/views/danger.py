"""How near to liquidation a position stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot_integration import Leg, Position, Snapshot


@dataclass(frozen=True, slots=True)
class Danger:
    """The worst figures of a position's legs; None where no venue of it has a notion of one."""

    health_factor: float | None
    margin_fraction: float | None
    #: From the mark price to the liquidation price, in % of the mark price.
    distance_pct: float | None


def distance_pct(leg: Leg) -> float | None:
    """How far the mark price may go against a leg before it is liquidated, in %; 0 when it is there."""
    if leg.liquidation_price is None or not leg.mark_price:
        return None
    away = float((leg.mark_price - leg.liquidation_price) / leg.mark_price) * 100
    return max(0.0, away if leg.side == "long" else -away)


def danger(position: Position) -> Danger:
    """The worst of each figure over the legs."""
    legs = position.legs
    return Danger(
        _least([leg.health_factor for leg in legs if leg.health_factor is not None]),
        _least([leg.margin_fraction for leg in legs if leg.margin_fraction is not None]),
        _least([away for leg in legs if (away := distance_pct(leg)) is not None]),
    )


def urgency(position: Position, known: Danger | None = None) -> tuple[float, float, str]:
    """A key that sorts the most endangered first; what cannot be liquidated last. `known` saves looking again."""
    worst = known or danger(position)
    nearest = worst.distance_pct
    ratio = _least([figure for figure in (worst.health_factor, worst.margin_fraction) if figure is not None])
    return (
        float("inf") if nearest is None else nearest,
        float("inf") if ratio is None else ratio,
        position.id,
    )


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
    worst = None
    for position in snapshot.positions:
        for leg in position.legs:
            value = getattr(leg, figure)
            if value is not None and (worst is None or value < worst.value):
                worst = Worst(value, position.id, leg.venue)
    return worst


def _least(known: Sequence[float]) -> float | None:
    return min(known) if known else None
