"""The positions as a table, the most endangered first (pure)."""

from collections.abc import Sequence
from typing import NamedTuple

from bot_integration import Position
from chatops.layout import fit
from chatops.views.danger import Danger, danger, urgency
from chatops.views.format import percent, ratio, short_change
from chatops.watch import tones
from chatops.watch.cells import Cell, Column, Tone

#: Steps of the gauge, and how far from liquidation it is full, in %.
GAUGE, GAUGE_FULL_PCT = 10, 30.0


class Held(NamedTuple):
    """A position with its danger, which is looked for once."""

    position: Position
    danger: Danger


def ordered(positions: Sequence[Position]) -> list[Held]:
    """The most endangered first, as `/positions` has them."""
    looked = [Held(position, danger(position)) for position in positions]
    looked.sort(key=lambda one: urgency(*one))
    return looked


def _id(held: Held) -> Cell:
    return Cell(held.position.id, Tone.STRONG)


def _pnl(held: Held) -> Cell:
    total = held.position.pnl.total
    return Cell(short_change(total), tones.of_change(total))


def _to_liquidation(held: Held) -> Cell:
    away = held.danger.distance_pct
    return Cell(percent(away), tones.of_distance(away))


def _health_factor(held: Held) -> Cell:
    value = held.danger.health_factor
    return Cell(ratio(value), tones.of_health_factor(value))


def _margin_fraction(held: Held) -> Cell:
    value = held.danger.margin_fraction
    return Cell(ratio(value), tones.of_margin_fraction(value))


def _stage(held: Held) -> Cell:
    position = held.position
    if position.risk.should_exit and not position.risk.held:
        return Cell(f"{position.stage} ⚠", Tone.WARN)
    if position.risk.held:
        return Cell(f"{position.stage} held", Tone.WARN)
    return Cell(position.stage, tones.OF_STAGE.get(position.stage, Tone.WARN))


def _gauge(held: Held) -> Cell:
    """How much room there is, as a bar that empties."""
    away = held.danger.distance_pct
    if away is None:
        return Cell("")
    left = min(1.0, away / GAUGE_FULL_PCT)
    filled = round(left * GAUGE)
    tone = tones.of_distance(away)
    return Cell("▰" * filled + "▱" * (GAUGE - filled), Tone.GOOD if tone is Tone.PLAIN else tone)


def _lane(held: Held) -> Cell:
    return Cell(fit(held.position.lane or held.position.strategy, 15), Tone.DIM)


def _pnl_pct(held: Held) -> Cell:
    value = held.position.pnl.total_pct
    return Cell(percent(value, signed=True), Tone.DIM)


def _divergence(held: Held) -> Cell:
    return Cell(percent(held.position.divergence, signed=True), Tone.DIM)


def _erosion(held: Held) -> Cell:
    return Cell(percent(held.position.profit_erosion), Tone.DIM)


#: The most important first.
COLUMNS: tuple[Column[Held], ...] = (
    Column("id", 12, _id, right=False),
    Column("to liq", 8, _to_liquidation),
    Column("PnL", 11, _pnl),
    Column("HF", 8, _health_factor),
    Column("MF", 8, _margin_fraction),
    Column("stage", 12, _stage, right=False),
    Column("room", GAUGE, _gauge, right=False),
    Column("PnL %", 8, _pnl_pct),
    Column("lane", 15, _lane, right=False),
    Column("apart", 8, _divergence),
    Column("eroded", 8, _erosion),
)
