"""What is known of money without history: what the bots say now."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot_integration import Snapshot
from chatops.asks import Ask
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.views.format import age, change, headline, is_stale, short_change
from chatops.views.money import names

#: Bots that get a line of their own.
_BOTS = 20

#: A bot's name, and its last facts where it has said anything yet.
Known = tuple[str, Snapshot | None]


def away(bots: Sequence[Known], now: datetime, ask: Ask) -> Message:
    """The database is away: nothing of the past can be told, but all that is so now."""
    why = "The database does not answer, and has all that was before. This is what the bots say now; ask again soon."
    return _live(bots, now, ask, "⚠ No history now", why)


def nothing_yet(bots: Sequence[Known], now: datetime, ask: Ask) -> Message:
    """Nothing is recorded of these bots."""
    why = (
        f"Nothing is recorded of {names([name for name, _ in bots])} yet: figures over time begin with what I hear "
        "first. This is what is said now."
    )
    return _live(bots, now, ask, "Nothing recorded yet", why)


def _live(bots: Sequence[Known], now: datetime, ask: Ask, head: str, why: str) -> Message:
    heard = [(name, snapshot) for name, snapshot in bots if snapshot is not None]
    silent = [name for name, snapshot in bots if snapshot is None]
    today = [one.portfolio.pnl_today for _, one in heard if one.portfolio.pnl_today is not None]
    blocks: list[Block] = [Paragraph(why)]
    if len(heard) == 1:
        ((_, one),) = heard
        pnl = one.portfolio.pnl
        rows = [
            ("Equity", f"{one.portfolio.equity:,.2f}"),
            ("PnL today, UTC", change(one.portfolio.pnl_today)),
            ("Unrealized", change(pnl.unrealized)),
            ("Realized in all", change(pnl.realized)),
            ("Funding in all", change(pnl.funding)),
            ("Fees in all", change(-pnl.fees)),
        ]
        blocks.append(align(rows, right="1"))
    elif heard:
        cells = [("bot", "equity", "today", "open")]
        cells += [
            (
                fit(name, 12),
                short_change(one.portfolio.equity).removeprefix("+"),
                NOTHING if one.portfolio.pnl_today is None else short_change(one.portfolio.pnl_today),
                short_change(one.portfolio.pnl.unrealized),
            )
            for name, one in heard[:_BOTS]
        ]
        blocks.append(align(cells, right="123"))
        if len(heard) > _BOTS:
            blocks.append(Paragraph(f"And {len(heard) - _BOTS} more: /status"))
    if heard:
        oldest = min(one.at for _, one in heard)
        blocks.append(Paragraph(f"{'⚠ STALE: ' if is_stale(oldest, now) else ''}{age(oldest, now)}"))
    if silent:
        blocks.append(Paragraph(f"{names(silent)}: nothing heard yet."))
    title = f"{head}: today {change(sum(today, Decimal(0)))} USD" if today else head
    return Message(headline(title), tuple(blocks), ((Button("Refresh", ask),),))
