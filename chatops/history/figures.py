"""Every figure of money that anybody is shown: words, reports, charts and exports all ask here, and nowhere else."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from chatops.history.coarse import coarse
from chatops.history.curves import Curves
from chatops.history.port import Reading
from chatops.history.resolution import DAY, resolution
from chatops.money.attribution import By, attributed
from chatops.money.books import Books
from chatops.money.daily import Bar, bars
from chatops.money.equity import Point, curve
from chatops.money.funding import FundingSum, funding
from chatops.money.parts import Parts
from chatops.money.performance import Performance, performance_by
from chatops.money.spans import Calendar, Span
from chatops.money.summary import Summary, summary


@dataclass(frozen=True, slots=True)
class Told:
    """Of one span, from the same books."""

    summary: Summary
    by_bot: Mapping[str, Parts]
    #: Of the calendar, where one was given.
    bars: tuple[Bar, ...]


class Figures:
    """Figures of some bots over a span, by one definition each (`chatops.money`).

    Every method raises `DatabaseAway`. The sums are made on a thread: a year of payments takes the loop no time.
    """

    def __init__(self, history: Reading) -> None:
        self.history = history
        self._curves = Curves()

    async def books(
        self, bots: Collection[str], span: Span, *, calendar: Calendar | None = None, apart: bool = True
    ) -> Books:
        """What the figures of a span are made from, as finely as its length asks for: to be handed to several.

        With a `calendar` of the span the bars of it can be made from them, too. What is told together is made from one
        reading: between two of them more is recorded. Not `apart`, they tell of bots, and not of what is within one:
        a fraction of the facts.
        """
        marks = [one.end for _, one in calendar.named] if calendar is not None else ()
        return await self.history.books(bots, span, step=resolution(span).step, marks=marks, apart=apart)

    async def sparse(self, bots: Collection[str], span: Span) -> Books:
        """The same with hardly a sample: for figures of what was booked, paid and closed, which need none."""
        return await self.history.books(bots, span, step=DAY)

    async def summary(
        self,
        bots: Collection[str],
        span: Span,
        zone: ZoneInfo,
        *,
        books: Books | None = None,
        is_judged: bool = True,
    ) -> Summary:
        """All of them, from these `books` where they were read already.

        Not `is_judged`, the performance and the Sharpe ratio are worked out where somebody asks for them.
        """
        books = books or await self.books(bots, span)
        return await asyncio.to_thread(partial(self._summary, books, span, zone, is_judged=is_judged))

    async def told(
        self, books: Books, span: Span, zone: ZoneInfo, *, calendar: Calendar | None = None, is_judged: bool = True
    ) -> Told:
        """The summary, what each bot made and the bars of a calendar, in one go."""

        def told() -> Told:
            return Told(
                self._summary(books, span, zone, is_judged=is_judged),
                attributed(books, span, By.BOT),
                bars(books, calendar) if calendar is not None else (),
            )

        return await asyncio.to_thread(told)

    async def attributed(
        self, bots: Collection[str], span: Span, by: By, *, books: Books | None = None
    ) -> Mapping[str, Parts]:
        """Whose doing it was, from these `books` where they were read already."""
        books = books or await self.books(bots, span)
        return await asyncio.to_thread(partial(attributed, books, span, by))

    async def bars(self, bots: Collection[str], calendar: Calendar, *, books: Books | None = None) -> tuple[Bar, ...]:
        """What each day, week or month of a calendar made, from `books` that were read for it (or for finer ones)."""
        if not calendar.named:
            return ()
        span = Span(calendar.named[0][1].start, calendar.named[-1][1].end)
        books = books or await self.books(bots, span, calendar=calendar)
        return await asyncio.to_thread(partial(bars, books, calendar))

    async def funding(
        self, bots: Collection[str], span: Span, asset: str = "", *, books: Books | None = None
    ) -> FundingSum:
        """What came and what was expected, of one asset or of all, from these `books` where they were read already."""
        books = books or await self.sparse(bots, span)
        folded = asset.casefold()
        paid = [one for one in books.payments if not folded or one.of.asset.casefold() == folded]
        return await asyncio.to_thread(partial(funding, paid, span))

    async def curve(self, bots: Collection[str], span: Span) -> tuple[Point, ...]:
        """The equity curve, and its gaps are those of `books`."""
        books = await self.books(bots, span)
        return await asyncio.to_thread(partial(curve, books, span))

    async def performance_by(
        self, bots: Collection[str], span: Span, by: By, *, books: Books | None = None
    ) -> Mapping[str, Performance]:
        """How good trades were, told apart, from these `books` where they were read already."""
        trades = await self.history.trades(bots, span) if books is None else books.trades
        return performance_by(trades, span, by)

    def _summary(self, books: Books, span: Span, zone: ZoneInfo, *, is_judged: bool) -> Summary:
        read, points = coarse(books, span, resolution(span).step), None
        # As they were read: what was over then may be known already.
        if read is books and read.parts:
            points = self._curves.points(read, span)
        whole = summary(read, span, zone, points)
        return whole.judged() if is_judged else whole
