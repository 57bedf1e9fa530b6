"""Writes reports: reads the figures, has the chart drawn, and words both."""

import asyncio
from collections.abc import Collection, Hashable, Sequence
from datetime import datetime
from typing import Protocol

from chatops.charts import facts as drawn
from chatops.fleet import Fleet
from chatops.habits import Habit
from chatops.history.figures import Figures
from chatops.messages import Message
from chatops.money.attribution import By
from chatops.money.books import Books
from chatops.money.daily import Bar
from chatops.money.known import known
from chatops.money.parts import cents
from chatops.money.spans import Calendar, Span, days, months, weeks
from chatops.report_kinds import ReportKind
from chatops.reported import Reported, Tally
from chatops.views.reports import report

_CUTS = {ReportKind.DAILY: days, ReportKind.WEEKLY: weeks, ReportKind.MONTHLY: months}


class Pictures(Protocol):
    """Puts charts under messages."""

    def expect(self) -> None:
        """One will be asked for in a moment."""
        ...

    async def under(self, message: Message, name: str, shown: Hashable, facts: drawn.Facts, habit: Habit) -> Message:
        """The message with its chart, or with a word that there is none."""
        ...


class Tallies(Protocol):
    """What is on record of alerts."""

    async def tally(self, bots: Collection[str], span: Span) -> Tally:
        """The alerts of these bots that began in a span. Raises `DatabaseAway`."""
        ...


class Writing:
    """A report of any bots and any time, by the same figures as every answer."""

    def __init__(self, figures: Figures, pictures: Pictures, alerts: Tallies, fleet: Fleet) -> None:
        self._figures = figures
        self._pictures = pictures
        self._alerts = alerts
        self._fleet = fleet

    async def written(
        self,
        kind: ReportKind,
        bots: Sequence[str],
        span: Span,
        habit: Habit,
        now: datetime,
        *,
        why: str = "",
        is_so_far: bool = False,
    ) -> Message:
        """What happened in a span, for who reads so. Raises `DatabaseAway`."""
        self._pictures.expect()
        # Read once: between two readings more is recorded, and a report would not agree with itself.
        books = await self._figures.books(bots, span, calendar=Calendar(days(span, habit.zone)))
        told = Reported(
            kind,
            span,
            habit.zone,
            now,
            tuple(bots),
            await self._figures.summary(bots, span, habit.zone, books=books),
            await self._figures.attributed(bots, span, By.BOT, books=books),
            known(books, span, bots),
            # What is wrong with the desk itself concerns who hears of all its bots.
            await self._alerts.tally([*bots, ""] if set(bots) == set(self._fleet.names) else bots, span),
            [(one.bot.name, one.position) for bot in bots for one in self._fleet.held(bot)],
            await self._several(bots, Calendar(_CUTS[kind](span, habit.zone)), books),
            why,
            is_so_far,
        )
        return await self._with_chart(report(told), told, books, habit)

    # ------------------------------------------------------------------------ inside

    async def _several(self, bots: Sequence[str], calendar: Calendar, books: Books) -> tuple[Bar, ...]:
        """Each by itself, where it tells several as one."""
        return await self._figures.bars(bots, calendar, books=books) if len(calendar.named) > 1 else ()

    async def _with_chart(self, message: Message, told: Reported, books: Books, habit: Habit) -> Message:
        """Of one day its curve, of more a bar for each day."""
        subject = told.bots[0] if len(told.bots) == 1 else f"{len(told.bots)} bots"
        if told.kind is ReportKind.DAILY and not told.each:
            points, gaps = told.summary.points, books.gaps
            facts: drawn.Facts = await asyncio.to_thread(drawn.Equity.of, subject, told.span, points, gaps)
        else:
            made = await self._figures.bars(told.bots, Calendar(days(told.span, habit.zone)), books=books)
            facts = drawn.Daily.of(subject, made)
        shown = (told.bots, told.span.start, told.span.end, cents(told.summary.parts.total))
        charted = await self._pictures.under(message, told.kind, shown, facts, habit)
        if charted.attachment is not None:
            return charted
        # Nobody waits: one that took too long is there when it is asked for again.
        return await self._pictures.under(message, told.kind, shown, facts, habit)
