"""Equity over a time: what there is, what was made of it, and how far it fell in between."""

from chatops.asks import Equity, Pnl
from chatops.layout import align
from chatops.messages import Button, Message
from chatops.views.format import change, money, percent
from chatops.views.money import Account, bots_line, drawdowns, moment, notes, parts_rows, period, range_buttons, telling


def equity(of: Account, ask: Equity) -> Message:
    """What there is first; `made` has deposits taken out."""
    summary, held = of.summary, of.summary.equity
    rows = [
        ("Made", change(held.made)),
        *((f"  {name.lower()}", value) for name, value in parts_rows(summary.parts, summary.funding)),
        ("At the start", money(held.start)),
        ("Put in", change(held.deposits)),
    ]
    if summary.returned is not None:
        rows.append(("Return", percent(100 * summary.returned, signed=True)))
    if summary.sharpe.ratio is not None:
        rows.append((f"Sharpe, {summary.sharpe.days} days", f"{summary.sharpe.ratio:.2f}"))
    said = [*notes(of), *drawdowns(of)]
    if summary.points and (mark := summary.points[-1].high_water) > 0:
        reached = next(one.at for one in summary.points if one.high_water == mark)
        said.append(f"High-water mark {change(mark)}, {moment(reached, of.zone, of.now)}.")
    if each := bots_line(of.by_bot):
        said.append(each)
    buttons = (range_buttons(ask), (Button("PnL", Pnl(range=ask.range, bot=ask.bot)), Button("Refresh", ask)))
    title = f"Equity{of.whose}: {money(held.end)} USD ({of.title}: {change(held.made)})"
    return telling(title, [period(of), align(rows, right="1")], said, buttons)
