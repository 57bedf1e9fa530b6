"""Answers to export: what is on record of money, as a file."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot_integration import Outcome
from chatops.asks import Export
from chatops.commands.registry import Asking, Registry, Reply
from chatops.habits import Habits
from chatops.history.figures import Figures
from chatops.messages import Attachment
from chatops.money.facts import FundingPayment, Trade
from chatops.money.known import begins
from chatops.money.spans import Calendar, Span, days
from chatops.ranges import LONG_AGO, span_of
from chatops.views import choices, export_files, exports
from chatops.views.export_files import Sheet
from chatops.views.exports import MOST_ROWS

#: What is read at one time: so little that it holds up nobody.
_PIECE = timedelta(days=1)


class ExportCommands:
    """Reads no more than goes into one file, and makes that on a thread."""

    def __init__(self, figures: Figures, habits: Habits, now: Callable[[], datetime], *, most: int = MOST_ROWS) -> None:
        """`most` is how many rows a file may have."""
        self._figures = figures
        self._habits = habits
        self._now = now
        self._most = most

    def register(self, registry: Registry) -> None:
        """Answer this word."""
        registry.on(Export, self.export)

    async def export(self, ask: Export, asking: Asking) -> Reply:
        """A file. Raises `DatabaseAway`: nothing of it is known elsewhere."""
        bots = tuple(bot.name for bot in asking.fleet.bots(ask.bot))
        if ask.bot and not bots:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        if not ask.what:
            return Reply(exports.which(ask), outcome=None)
        now, zone = self._now(), self._habits.of(asking.person.name, asking.room).zone
        span = await self._known(bots, span_of(ask.range, now, zone))
        match ask.what:
            case "pnl":
                made = await self._figures.bars(bots, Calendar(days(span, zone)))
                count, written = len(made), partial(export_files.days_of, made, now)
            case "trades":
                trades = await self._trades(bots, span)
                count, written = len(trades), partial(export_files.trades_of, trades)
            case "funding":
                paid = await self._payments(bots, span)
                count, written = len(paid), partial(export_files.payments_of, paid)
        if count > self._most:
            return Reply(exports.too_many(ask, self._most), Outcome.REFUSED)

        def filed() -> tuple[Sheet, Attachment]:
            rows, total = written()
            sheet = Sheet(rows, total, span, bots, zone)
            return sheet, export_files.file_of(sheet, ask, now)

        sheet, file = await asyncio.to_thread(filed)
        return Reply(exports.sent(sheet, ask, file)) if sheet.rows else Reply(exports.nothing(ask), Outcome.REFUSED)

    async def _known(self, bots: Sequence[str], span: Span) -> Span:
        """From the first that is known on, where all is asked for: nobody wants a row for each day since 2000."""
        if span.start > LONG_AGO:
            return span
        first = begins(await self._figures.books(bots, span))
        return span if first is None else Span(min(first, span.end), span.end)

    async def _trades(self, bots: Sequence[str], span: Span) -> list[Trade]:
        """Piece by piece, the newest first."""
        made: list[Trade] = []
        end = span.end
        while end > span.start and len(made) <= self._most:
            start = max(end - _PIECE, span.start)
            made += await self._figures.history.trades(bots, Span(start, end), most=self._most + 1)
            end = start
        return made

    async def _payments(self, bots: Sequence[str], span: Span) -> list[FundingPayment]:
        """Piece by piece, until there are too many: nobody waits while a year of payments is read for nothing."""
        paid: list[FundingPayment] = []
        start = span.start
        while start < span.end and len(paid) <= self._most:
            end = min(start + _PIECE, span.end)
            paid += await self._figures.history.payments(bots, Span(start, end))
            start = end
        return paid
