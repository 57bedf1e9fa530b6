"""How far a leg stands from its liquidation (pure)."""

from typing import NamedTuple

from alerts.subjects import held, of_leg
from bot_integration import Leg, Position, Side, Snapshot


class Near(NamedTuple):
    """A leg, and how near it is to its end: reckoned once for all rules."""

    position: Position
    leg: Leg
    #: As `Key.subject` has it.
    subject: str
    distance_pct: float | None
    #: See `room`.
    room: float | None


def distance_pct(leg: Leg) -> float | None:
    """How far the mark price may go against a leg before it is liquidated, in %; 0 when it is there."""
    if leg.liquidation_price is None or leg.mark_price is None:
        return None
    # Floats are good to more places than are shown, and take half as long.
    mark = float(leg.mark_price)
    if not mark:
        return None
    away = (1 - float(leg.liquidation_price) / mark) * 100
    if leg.side is not Side.LONG:
        away = -away
    return away if away > 0 else 0.0


def room(leg: Leg, distance: float | None) -> float | None:
    """What is left until liquidation: the fraction that the price may go against the leg; None where nothing says.

    `distance` is its `distance_pct`. Where the venue names no liquidation price: the health factor, which is that very
    fraction for a borrowed long (1 − liabilities / weighted assets); else the margin fraction, at which all of the
    margin is gone: a bound, the venue takes the leg a little before.
    """
    if distance is not None:
        return distance / 100
    left = leg.margin_fraction if leg.health_factor is None else leg.health_factor
    return left if left is None or left > 0 else 0.0


def liquidation_margin_fraction(leg: Leg) -> float | None:
    """The margin fraction at which the leg is liquidated, as its prices imply; None where they do not.

    At the liquidation price the equity is less by what the price has moved, for the same size:
    (MF × mark − |mark − liquidation|) / liquidation. Nonsense (a cross margin that other legs share) is None.
    """
    if leg.margin_fraction is None or leg.mark_price is None or not leg.liquidation_price:
        return None
    mark, taken = float(leg.mark_price), float(leg.liquidation_price)
    moved = mark - taken if leg.side is Side.LONG else taken - mark
    level = (leg.margin_fraction * mark - moved) / taken
    return level if 0 <= level < leg.margin_fraction else None


def near(snapshot: Snapshot) -> tuple[Near, ...]:
    """Every leg of what is held."""
    found = []
    for position in held(snapshot):
        for leg in position.legs:
            away = distance_pct(leg)
            found.append(Near(position, leg, of_leg(position, leg), away, room(leg, away)))
    return tuple(found)
