"""Profit and loss of a time."""

from chatops.asks import Daily, Equity, Performance, Pnl
from chatops.layout import align
from chatops.messages import Block, Button, Message
from chatops.views.format import change
from chatops.views.money import (
    Account,
    bots_table,
    drawdowns,
    equity_rows,
    notes,
    parts_rows,
    period,
    range_buttons,
    telling,
)


def pnl(of: Account, ask: Pnl) -> Message:
    """The total, what it is made of, and what is not in it."""
    summary = of.summary
    blocks: list[Block] = [period(of)]
    blocks.append(align([*parts_rows(summary.parts, summary.funding), *equity_rows(summary)], right="1"))
    if (each := bots_table(of.by_bot)) is not None:
        blocks.append(each)
    buttons = (
        range_buttons(ask),
        (
            Button("By lane", Performance(by="lane", range=ask.range, bot=ask.bot)),
            Button("Daily", Daily(bot=ask.bot)),
            Button("Equity", Equity(range=ask.range, bot=ask.bot)),
            Button("Refresh", ask),
        ),
    )
    title = f"PnL {of.title}{of.whose}: {change(summary.parts.total)} USD"
    return telling(title, blocks, [*notes(of), *drawdowns(of)], buttons)
