"""Learns what became of asks that ended as unknown: by what the bots say, and by asking them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from bot_integration import Bot, CommandFinished, EventsMissed, Outcome
from chatops.asking.amending import Amending, Unknown, unknown_on
from chatops.asking.inquiry import End, Inquiry
from chatops.desired.folding import runs_of
from chatops.fleet import Fleet
from chatops.guard.audit import StepName
from chatops.ledger import Unsettled
from chatops.storage.errors import DatabaseAway
from chatops.tasks import Errands, running

log = logging.getLogger(__name__)

SaidT = TypeVar("SaidT")

#: So long after it was asked, it is still tried to learn what became of it.
ASKED_FOR = timedelta(hours=1)
#: Between two tries to ask a bot, in seconds: the first, doubled each time, and the longest.
FIRST_ASK_S, LONGEST_ASK_S = 5.0, 60.0
#: Between two looks whether the ask itself has ended, and whether the database is back.
LOOK_AGAIN_S = 1.0
#: Before a bot that could not be followed is tried again.
FOLLOW_AGAIN_S = 5.0


class LateEnds:
    """Listens to every bot, and asks it for what was left unknown: at a start, and where it missed something."""

    def __init__(
        self,
        *,
        unknown: Unknown,
        amending: Amending,
        fleet: Fleet,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._unknown = unknown
        self._amending = amending
        self._fleet = fleet
        self._inquiry = Inquiry(fleet, now)
        self._now = now
        self._sleep = sleep
        self._asking: set[tuple[UUID, str]] = set()
        self._errands = Errands()

    async def run(self) -> None:
        """Until cancelled. What breaks with one bot is logged, and does not reach the others."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._errands.stop)
            for bot in self._fleet.bots():
                await stack.enter_async_context(running(self._follow(bot), f"late ends of {bot.name}"))
            await asyncio.Event().wait()

    async def _follow(self, bot: Bot) -> None:
        while True:
            try:
                async with bot.follow() as events:
                    self._begin(partial(self._ask_all, bot), f"what became of asks on {bot.name}")
                    async for event in events:
                        if isinstance(event, EventsMissed):
                            self._begin(partial(self._ask_all, bot), f"what became of asks on {bot.name}")
                        elif isinstance(event, CommandFinished) and event.result.outcome is not Outcome.UNKNOWN:
                            id_, end = event.command.id, (event.result.outcome, event.result.message)
                            self._begin(partial(self._learn, bot.name, id_, end), f"the end of {id_}")
            except Exception:
                log.exception("following %s for late ends broke", bot.name)
            await self._sleep(FOLLOW_AGAIN_S)

    async def _ask_all(self, bot: Bot) -> None:
        asks = await self._patiently(lambda: self._unknown.unknown(self._now() - ASKED_FOR))
        for ask in asks:
            if (name := unknown_on(ask, bot.name)) is not None:
                self._begin(partial(self._ask, ask, name), f"what became of {ask.asked.id}")

    async def _ask(self, ask: Unsettled, name: str) -> None:
        """Ask one bot, ever more seldom, until it is known or the hour is over."""
        id_ = ask.asked.id
        if (id_, name) in self._asking:
            return
        self._asking.add((id_, name))
        began = next(step for step in ask.steps if step.step is StepName.RUNNING)
        run = runs_of(began.data)[name]
        wait_s = FIRST_ASK_S
        try:
            while self._now() < ask.asked.at + ASKED_FOR:
                end = await self._inquiry.once(name, None if run is None else str(run), began)
                if end is not None and end[0] is not Outcome.UNKNOWN:
                    await self._learn(name, id_, end)
                    return
                await self._sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_ASK_S)
            log.warning("what became of %s on %s will not be known", id_, name)
        finally:
            self._asking.discard((id_, name))

    async def _learn(self, name: str, command_id: UUID, end: End) -> None:
        """Have it taken, once the ask itself has ended: mostly it does so this very moment, and not as unknown."""
        until = self._now() + ASKED_FOR
        while not await self._patiently(lambda: self._amending.take(name, command_id, end)) and self._now() < until:
            await self._sleep(LOOK_AGAIN_S)

    async def _patiently(self, ask: Callable[[], Awaitable[SaidT]]) -> SaidT:
        """What comes of it, as soon as the database is there."""
        while True:
            try:
                return await ask()
            except DatabaseAway as error:
                log.info("what became of an ask has to wait: %s", error)
            await self._sleep(LOOK_AGAIN_S)

    def _begin(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        self._errands.begin(self._guarded(work, name), name)

    async def _guarded(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        try:
            await work()
        except Exception:
            log.exception("%s could not be learnt", name)
