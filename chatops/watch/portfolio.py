"""Everything held, added up: money, its parts, each strategy, each venue (pure)."""

from bot_integration import Portfolio, Snapshot, Strategy, Venue
from chatops.layout import NOTHING, fit, pad
from chatops.views.format import change, money, percent, short_change
from chatops.watch import tones
from chatops.watch.cells import GAP, Cell, Column, Line, Tone, cut, fitting, heads, row

#: Below this width the figures stand in one column.
_ABREAST = 48
_LABEL = 11

STRATEGIES: tuple[Column[Strategy], ...] = (
    Column("strategy", 14, lambda one: Cell(one.name), right=False),
    Column("PnL", 11, lambda one: Cell(short_change(one.pnl.total), tones.of_change(one.pnl.total))),
    Column("deployed", 13, lambda one: Cell(money(one.deployed))),
    Column("won", 6, lambda one: Cell(_rate(one.win_rate), Tone.DIM)),
    Column("trades", 6, lambda one: Cell(str(one.trades), Tone.DIM)),
)


def portfolio(snapshot: Snapshot, columns: int) -> tuple[Line, ...]:
    """The figures, then a table of the strategies, then the venues."""
    lines = list(_figures(snapshot.portfolio, columns))
    if snapshot.portfolio.strategies:
        shown = fitting(STRATEGIES, columns)
        lines += [(), heads(shown), *(row(shown, one) for one in snapshot.portfolio.strategies)]
    if snapshot.venues:
        lines += [(), *(cut(_venue(venue), columns) for venue in snapshot.venues)]
    return tuple(lines)


def _figures(whole: Portfolio, columns: int) -> list[Line]:
    pnl = whole.pnl
    won = [
        _figure("Equity", money(whole.equity), Tone.STRONG),
        _figure("Today", change(whole.pnl_today), tones.of_change(whole.pnl_today)),
        _figure("PnL", change(pnl.total), tones.of_change(pnl.total)),
        _figure("unrealized", change(pnl.unrealized), tones.of_change(pnl.unrealized)),
        _figure("realized", change(pnl.realized), tones.of_change(pnl.realized)),
        _figure("funding", change(pnl.funding), tones.of_change(pnl.funding)),
        _figure("fees", change(-pnl.fees), tones.of_change(-pnl.fees)),
    ]
    held = [
        _figure("Deployed", money(whole.deployed)),
        _figure("Gross", money(whole.gross_notional)),
        _figure("Net delta", change(whole.net_delta)),
        _figure("Headroom", money(whole.maintenance_headroom)),
        _figure("At risk", money(whole.value_at_risk)),
        _figure("Won", _rate(whole.win_rate)),
        _figure("Trades", str(whole.trades)),
    ]
    if columns < _ABREAST:
        return [_wide(one, columns) for one in (*won, *held)]
    half = (columns - 2 * GAP) // 2
    return [(*_wide(a, half), Cell(" " * 2 * GAP), *_wide(b, half)) for a, b in zip(won, held, strict=True)]


def _figure(label: str, value: str, tone: Tone = Tone.PLAIN) -> tuple[Cell, Cell]:
    return Cell(label, Tone.DIM), Cell(value, tone)


def _wide(figure: tuple[Cell, Cell], columns: int) -> Line:
    label, value = figure
    left = min(_LABEL, max(0, columns - 1))
    return Cell(pad(label.text, left), label.tone), Cell(pad(value.text, columns - left, right=True), value.tone)


def _venue(venue: Venue) -> Line:
    tone = tones.OF_STREAM[venue.stream]
    return (
        Cell("● ", tone),
        Cell(pad(venue.name, 12)),
        Cell(f" {pad(venue.stream.replace('_', ' '), 10)}", Tone.DIM if tone is Tone.GOOD else tone),
        Cell(f"  {pad(money(venue.balance), 12, right=True)}" if venue.balance is not None else ""),
        Cell(f"  block {venue.height:,}" if venue.height is not None else "", Tone.DIM),
        Cell(f"  {fit(venue.last_error, 80)}" if venue.last_error else "", Tone.WARN),
    )


def _rate(value: float | None) -> str:
    return NOTHING if value is None else percent(value * 100)
