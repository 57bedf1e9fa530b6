"""What each of the last days, weeks or months made."""

from collections.abc import Sequence

from chatops.asks import Daily, Monthly, Pnl, Weekly
from chatops.layout import NOTHING, align
from chatops.messages import Button, Message
from chatops.money.daily import Bar
from chatops.views.format import change, short_change
from chatops.views.money import Account, bots_line, drawdowns, marked, notes, parts_line, period, telling

#: Characters of the table: what else is told stands under the picture, too.
_ROOM = 500
_STEPS = {Daily: "day", Weekly: "week", Monthly: "month"}


def step_of(ask: Daily | Weekly | Monthly) -> str:
    """`day`, `week` or `month`."""
    return _STEPS[type(ask)]


def bars(of: Account, told: Sequence[Bar], ask: Daily | Weekly | Monthly) -> Message:
    """A line each, the newest first, and all of them together."""
    step, summary = step_of(ask), of.summary
    rows = [(step, "total", "funding", "n")]
    rows += [
        (
            _name(one, step),
            short_change(one.parts.total) if one.parts else NOTHING,
            short_change(one.parts.funding) if one.parts else NOTHING,
            str(one.trades),
        )
        for one in reversed(told)
    ]
    table = align(rows, right="123")
    if len("\n".join(table.lines)) > _ROOM:
        table = align([(day, total, closed) for day, total, _, closed in rows], right="12")
    seen = "; * not all of it was seen" if any(one.down for one in told) else ""
    said = [parts_line(summary), f"n: trades that were closed{seen}.", *notes(of), *drawdowns(of), bots_line(of.by_bot)]
    buttons = (
        tuple(
            Button(marked(kind.word.capitalize(), kind is type(ask)), kind(bot=ask.bot))
            for kind in (Daily, Weekly, Monthly)
        ),
        (Button("PnL", Pnl(range="30d", bot=ask.bot)), Button("Refresh", ask)),
    )
    title = f"{ask.word.capitalize()} PnL{of.whose}, {of.title}: {change(summary.parts.total)} USD"
    return telling(title, [period(of), table], [line for line in said if line], buttons)


def _name(bar: Bar, step: str) -> str:
    day = bar.day
    said = (
        f"{day:%b %Y}"
        if step == "month"
        else f"{day:%a} {day.day:>2} {day:%b}"
        if step == "day"
        else f"{day.day:>2} {day:%b}"
    )
    return f"{said}*" if bar.down else said
