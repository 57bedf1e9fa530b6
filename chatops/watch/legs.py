"""The position that is selected: its legs, its money, what its risk manager thinks (pure)."""

from datetime import datetime
from decimal import Decimal

from alerts.distance import distance_pct
from alerts.durations import span
from bot_integration import Leg, Position, Side
from chatops.layout import NOTHING
from chatops.views.format import change, money, percent, price, ratio, short_change, size
from chatops.watch import tones
from chatops.watch.cells import Cell, Column, Line, Tone, cut, fitting, heads, row, whole


def _side(leg: Leg) -> Cell:
    sign = "▲" if leg.side is Side.LONG else "▼"
    return Cell(f"{sign} {leg.side} {leg.venue}")


def _room(leg: Leg) -> Cell:
    away = distance_pct(leg)
    return Cell(percent(away), tones.of_distance(away))


def _safety(leg: Leg) -> Cell:
    """Whichever of the two its venue has a notion of."""
    if leg.health_factor is not None:
        return Cell(f"HF {ratio(leg.health_factor)}", tones.of_health_factor(leg.health_factor))
    if leg.margin_fraction is not None:
        return Cell(f"MF {ratio(leg.margin_fraction)}", tones.of_margin_fraction(leg.margin_fraction))
    return Cell(NOTHING, Tone.DIM)


def _dim(text: str) -> Cell:
    return Cell(text, Tone.DIM)


COLUMNS: tuple[Column[Leg], ...] = (
    Column("leg", 14, _side, right=False),
    Column("to liq", 7, _room),
    Column("safety", 9, _safety),
    Column("mark", 11, lambda leg: Cell(price(leg.mark_price))),
    Column("liquid.", 11, lambda leg: Cell(price(leg.liquidation_price))),
    Column("uPnL", 11, lambda leg: Cell(short_change(leg.unrealized), tones.of_change(leg.unrealized))),
    Column("size", 11, lambda leg: _dim(size(leg.size))),
    Column("instrument", 12, lambda leg: _dim(leg.instrument), right=False),
    Column("funding", 11, lambda leg: Cell(short_change(leg.funding), tones.of_change(leg.funding))),
    Column("entry", 11, lambda leg: _dim(price(leg.entry_price))),
    Column("fees", 11, lambda leg: _dim(short_change(-leg.fees))),
    Column("notional", 14, lambda leg: _dim(money(leg.notional))),
)


def detail(position: Position, now: datetime, columns: int) -> tuple[Line, ...]:
    """Who it is, its legs, its money, its risk."""
    shown = fitting(COLUMNS, columns)
    lines = [
        _identity(position, now),
        heads(shown),
        *(row(shown, leg) for leg in position.legs),
        (),
        _money(position, columns),
    ]
    if risk := _risk(position):
        lines.append((risk,))
    return tuple(cut(line, columns) for line in lines)


def _identity(position: Position, now: datetime) -> Line:
    lane = f" · {position.lane}" if position.lane else ""
    filled = money(position.filled_usd)
    return (
        Cell(position.id, Tone.STRONG),
        Cell(f"  {position.asset}{lane} · {position.stage} · held {span(now - position.opened_at)}"),
        Cell(f" · filled {filled} of {money(position.target_usd)} USD", Tone.DIM),
    )


def _money(position: Position, columns: int) -> Line:
    pnl = position.pnl
    parts: list[tuple[str, Decimal]] = [
        ("PnL", pnl.total),
        ("unrealized", pnl.unrealized),
        ("realized", pnl.realized),
        ("funding", pnl.funding),
        ("fees", -pnl.fees),
        ("delta", position.delta),
    ]
    return whole([_amount(name, amount) for name, amount in parts], columns, between="  ")


def _amount(name: str, amount: Decimal) -> Line:
    tone = Tone.PLAIN if name == "delta" else tones.of_change(amount)
    return Cell(f"{name} ", Tone.DIM), Cell(change(amount), tone)


def _risk(position: Position) -> Cell | None:
    risk = position.risk
    if risk.held:
        until = f" until {risk.hold_until:%Y-%m-%d %H:%M} UTC" if risk.hold_until else ""
        return Cell(f"Held by a person{until}, whatever the risk manager says.", Tone.WARN)
    if risk.should_exit:
        return Cell(f"⚠ The risk manager wants out: {'; '.join(risk.reasons) or 'it does not say why'}.", Tone.WARN)
    return None
