"""Answers about money over time: pnl, daily, weekly, monthly, equity, performance."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot_integration import Outcome
from chatops.asks import Daily, Equity, Monthly, Performance, Pnl, Weekly
from chatops.charts import facts as drawn
from chatops.charts.studio import Studio
from chatops.commands.pictures import Pictures
from chatops.commands.registry import Asking, Registry, Reply
from chatops.habits import Habit, Habits
from chatops.history.figures import Figures
from chatops.messages import Message
from chatops.money.attribution import By
from chatops.money.books import Books
from chatops.money.daily import Bar
from chatops.money.known import begins, known
from chatops.money.parts import cents
from chatops.money.spans import DAY, Calendar, Span, day, day_of, days, months, weeks
from chatops.ranges import RangeName, in_words, span_of
from chatops.storage.errors import DatabaseAway
from chatops.views import choices, money_live
from chatops.views.money import Account
from chatops.views.money_bars import bars, step_of
from chatops.views.money_equity import equity
from chatops.views.money_performance import performance
from chatops.views.money_pnl import pnl

log = logging.getLogger(__name__)

#: Up to so long a time is drawn as a curve, else as bars: of days, then of weeks, then of months.
_CURVE, _DAYS, _WEEKS = timedelta(days=8), timedelta(days=92), timedelta(days=800)

#: How many each of these words shows.
DAYS, WEEKS, MONTHS = 14, 12, 12

_EachOf = Daily | Weekly | Monthly
_Ask = Pnl | _EachOf | Equity | Performance


@dataclass(frozen=True, slots=True)
class _Of:
    """Which time, and how a title calls it."""

    title: str
    span: Span
    #: Whether it begins with what is known first.
    is_all: bool = False
    #: What its bars are of: "day", "week" or "month"; empty where it has none.
    step_of: Callable[[Span], str] = lambda span: ""


@dataclass(frozen=True, slots=True)
class _Read:
    """What one answer is made from, read once."""

    books: Books
    account: Account
    habit: Habit
    step: str
    #: Where there is a step.
    bars: tuple[Bar, ...]

    @property
    def bots(self) -> tuple[str, ...]:
        return self.account.bots

    @property
    def span(self) -> Span:
        return self.account.summary.span

    @property
    def subject(self) -> str:
        """Whose a picture is."""
        return self.bots[0] if len(self.bots) == 1 else f"{len(self.bots)} bots"


class MoneyCommands:
    """Asks history; where that is away, or knows nothing yet, what the bots say now."""

    def __init__(self, figures: Figures, studio: Studio, habits: Habits, now: Callable[[], datetime]) -> None:
        self._figures = figures
        self._pictures = Pictures(studio)
        self._habits = habits
        self._now = now

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Pnl, self.pnl)
        registry.on(Daily, self.lately)
        registry.on(Weekly, self.lately)
        registry.on(Monthly, self.lately)
        registry.on(Equity, self.equity)
        registry.on(Performance, self.performance)

    async def pnl(self, ask: Pnl, asking: Asking) -> Reply:
        """What was made: of a few days as a curve, of more as bars."""

        async def told(read: _Read) -> Message:
            message = pnl(read.account, ask)
            if not read.bars:
                return await self._with_curve(message, read)
            facts = drawn.Daily.of(read.subject, read.bars, read.step)
            shown = (read.bots, ask.range, cents(read.account.summary.parts.total))
            return await self._pictures.under(message, "pnl", shown, facts, read.habit)

        return await self._answer(ask, asking, partial(_ranged, ask.range, step_of=_step), told)

    async def equity(self, ask: Equity, asking: Asking) -> Reply:
        """What there is, as a curve with its drawdown."""

        async def told(read: _Read) -> Message:
            return await self._with_curve(equity(read.account, ask), read)

        return await self._answer(ask, asking, partial(_ranged, ask.range), told, is_judged=True)

    async def lately(self, ask: _EachOf, asking: Asking) -> Reply:
        """What each of the last days, weeks or months made."""

        async def told(read: _Read) -> Message:
            facts = drawn.Daily.of(read.subject, read.bars, read.step)
            shown = (read.bots, *(one.parts and cents(one.parts.total) for one in read.bars))
            return await self._pictures.under(bars(read.account, read.bars, ask), ask.word, shown, facts, read.habit)

        return await self._answer(ask, asking, partial(_lately, ask), told)

    async def performance(self, ask: Performance, asking: Asking) -> Reply:
        """How good trades were, and whose doing it was."""

        async def told(read: _Read) -> Message:
            by = By(ask.by)
            made = await self._figures.attributed(read.bots, read.span, by, books=read.books)
            judged = await self._figures.performance_by(read.bots, read.span, by, books=read.books)
            message = performance(read.account, made, judged, ask, several=len(asking.fleet.names) > 1)
            facts = drawn.Attribution.of(read.subject, ask.by, read.span, made)
            shown = (read.bots, ask.by, ask.range, *((name, cents(one.total)) for name, one in made.items()))
            return await self._pictures.under(message, "performance", shown, facts, read.habit)

        return await self._answer(ask, asking, partial(_ranged, ask.range), told, apart=True, is_judged=True)

    async def _answer(
        self,
        ask: _Ask,
        asking: Asking,
        when: Callable[[datetime, ZoneInfo], _Of],
        told: Callable[[_Read], Awaitable[Message]],
        *,
        apart: bool = False,
        is_judged: bool = False,
    ) -> Reply:
        """`apart`: of what is within a bot, too; `is_judged`: with how good trades were."""
        fleet = asking.fleet
        if ask.bot and not fleet.bots(ask.bot):
            return Reply(choices.no_such_bot(ask.bot, fleet.names), Outcome.REFUSED)
        self._pictures.expect()
        habit, now = self._habits.of(asking.person.name, asking.room), self._now()
        bots = [bot.name for bot in fleet.bots(ask.bot)]
        live = [(bot.name, snapshot) for bot, snapshot in fleet.snapshots(ask.bot)]
        try:
            of, is_part = when(now, habit.zone), len(bots) < len(fleet.names)
            read = await self._read(bots, of, habit, now, is_part=is_part, apart=apart, is_judged=is_judged)
            return Reply(money_live.nothing_yet(live, now, ask) if read is None else await told(read))
        except DatabaseAway as error:
            log.warning("/%s is answered without history: %s", ask.word, error)
            return Reply(money_live.away(live, now, ask))

    async def _read(
        self,
        bots: Sequence[str],
        of: _Of,
        habit: Habit,
        now: datetime,
        *,
        is_part: bool,
        apart: bool,
        is_judged: bool,
    ) -> _Read | None:
        """None where nothing is known, neither of this time nor of before."""
        figures, span = self._figures, of.span
        transfers = await figures.history.transfers(bots, span)
        if of.is_all:
            first = begins(await figures.sparse(bots, span), transfers)
            span = span if first is None else Span(min(first, span.end), span.end)
        step = of.step_of(span)
        calendar = _calendar(step, span, habit.zone) if step else None
        books = await figures.books(bots, span, calendar=calendar, apart=apart)
        if begins(books, transfers) is None:
            return None
        told = await figures.told(books, span, habit.zone, calendar=calendar, is_judged=is_judged)
        account = Account(
            of.title,
            habit.zone,
            now,
            tuple(bots),
            bots[0] if is_part else "",
            told.summary,
            told.by_bot,
            transfers,
            known(books, span, bots, transfers),
        )
        return _Read(books, account, habit, step, told.bars)

    async def _with_curve(self, message: Message, read: _Read) -> Message:
        summary = read.account.summary
        # The samples of many bots are tens of thousands.
        facts = await asyncio.to_thread(drawn.Equity.of, read.subject, read.span, summary.points, read.books.gaps)
        shown = (read.bots, read.account.title, cents(summary.equity.made), summary.equity.end)
        return await self._pictures.under(message, "equity", shown, facts, read.habit)


def _ranged(name: RangeName, now: datetime, zone: ZoneInfo, *, step_of: Callable[[Span], str] = lambda span: "") -> _Of:
    return _Of(in_words(name), span_of(name, now, zone), name == "all", step_of)


def _lately(ask: _EachOf, now: datetime, zone: ZoneInfo) -> _Of:
    """So many days (weeks, months), the one that we are in among them."""
    today = day_of(now, zone)
    match ask:
        case Daily():
            title, first = f"{DAYS} days", today - (DAYS - 1) * DAY
        case Weekly():
            title, first = f"{WEEKS} weeks", today - (today.weekday() + 7 * (WEEKS - 1)) * DAY
        case Monthly():
            count = today.year * 12 + today.month - MONTHS
            title, first = f"{MONTHS} months", date(count // 12, count % 12 + 1, 1)
    return _Of(title, Span(day(first, zone).start, now + datetime.resolution), step_of=lambda span: step_of(ask))


def _calendar(step: str, span: Span, zone: ZoneInfo) -> Calendar:
    cut = {"day": days, "week": weeks, "month": months}[step]
    return Calendar(cut(span, zone))


def _step(span: Span) -> str:
    """What the bars of a time are of: the longer it is the more; of a short one there are none."""
    if span.length <= _CURVE:
        return ""
    return "day" if span.length <= _DAYS else "week" if span.length <= _WEEKS else "month"
