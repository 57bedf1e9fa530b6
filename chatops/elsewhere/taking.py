"""Takes over what bots have on record themselves, once each is heard for the first time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from chatops.elsewhere.shape import Part, Shape
from chatops.elsewhere.sqlite import NoHistoryYet, expect, rows
from chatops.elsewhere.told import Told, daily_of, happened_of, money_of, samples_of, trades_of, trades_of_fills
from chatops.history.dealings import began_lately, counts_from
from chatops.storage.elsewhere import BeginningForgotten, Elsewhere, batch_of
from chatops.storage.errors import DatabaseAway

log = logging.getLogger(__name__)

#: Between two looks whether a bot was heard by now.
_AGAIN_S = 30.0
#: A bot that decides every second has tens of millions of these, and they are held in memory.
_MOST_EVENTS = 50_000


async def expect_all(sources: Mapping[str, tuple[Path, Shape]]) -> None:
    """Make sure, before anything starts, that what is mapped is there. Raises `WrongHistory`.

    A file that cannot be read now may be there later: the bots and their alerts do not wait for it.
    """
    for bot, (path, shape) in sources.items():
        try:
            await asyncio.to_thread(expect, path, shape)
        except NoHistoryYet as error:
            log.warning("the own history of %s is tried again: %s", bot, error)


class Taking:
    """Done once all of them are taken."""

    def __init__(
        self,
        sources: Mapping[str, tuple[Path, Shape]],
        table: Elsewhere,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`sources` are the files by bot, and what stands where in them."""
        self._left = dict(sources)
        self._table = table
        self._now = now
        self._sleep = sleep

    async def run(self) -> None:
        """Look again and again, until nothing is left to take."""
        while self._left:
            await self.look()
            if self._left:
                await self._sleep(_AGAIN_S)

    async def look(self) -> None:
        """Take what can be taken."""
        for bot, (path, shape) in tuple(self._left.items()):
            try:
                if await self._take(bot, path, shape):
                    del self._left[bot]
            except (DatabaseAway, NoHistoryYet) as error:
                log.info("the own history of %s is not taken over yet: %s", bot, error)
            except BeginningForgotten as error:
                log.warning("the own history of %s is not taken over: %s", bot, error)
                del self._left[bot]
            except Exception:
                # A value that is none of what its column is mapped to, most often.
                log.exception("the own history of %s in %s is not taken over", bot, path)
                del self._left[bot]

    async def _take(self, bot: str, path: Path, shape: Shape) -> bool:
        if await self._table.is_taken(bot):
            return True
        first = await self._table.first(bot)
        if first is None:
            return False
        until = counts_from(first.snapshot)
        told = await asyncio.to_thread(read, bot, path, shape, until, first.snapshot.session_id)
        streamed = first.snapshot.positions
        counted = {one.id for one in streamed if began_lately(one.opened_at, first.snapshot)}
        told = told.without({one.id for one in streamed}, counted)
        batch = replace(
            batch_of(first.snapshot),
            trades=told.trades,
            bookings=told.bookings,
            payments=told.payments,
            happened=told.happened,
            samples=samples_of(told, first.sample),
        )
        if await self._table.take(batch, str(path), first, told.whole, until, self._now()):
            log.info("%s trades of %s until %s are taken over from %s", len(told.trades), bot, until, path)
        return True


def read(bot: str, path: Path, shape: Shape, until: datetime, session_id: UUID) -> Told:
    """All that a bot's own record tells of the time before then. Blocks; raises as `sqlite`, and `ValueError`."""
    expect(path, shape)
    trades = trades_of(bot, rows(path, shape[Part.TRADES]), until) if Part.TRADES in shape else ()
    if Part.FILLS in shape:
        trades += trades_of_fills(bot, rows(path, shape[Part.FILLS]), until)
    if Part.DAILY in shape:
        bookings, payments = daily_of(bot, rows(path, shape[Part.DAILY]), until)
        # The day that was not over by then is told by its trades.
        rest = money_of(one for one in trades if one.closed_at.date() >= until.date())
        bookings, payments = (*bookings, *rest[0]), (*payments, *rest[1])
    else:
        bookings, payments = money_of(trades)
    said = rows(path, shape[Part.EVENTS], _MOST_EVENTS) if Part.EVENTS in shape else ()
    events = happened_of(bot, session_id, said, until)
    return Told(trades, bookings, payments, events)
