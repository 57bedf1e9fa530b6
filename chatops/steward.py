"""Keeps every bot as people asked: knows what that is, and looks at each again and again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any
from uuid import UUID

from bot_integration import Bot, CommandFinished, EventsMissed, Outcome, PauseState, SnapshotTaken
from chatops.desired.asserting import Asserting
from chatops.desired.folding import Asked, Everything, fold, lets_go, take
from chatops.desired.judging import Verdict
from chatops.desired.recording import Recording
from chatops.desired.store import Store
from chatops.desired.taking_back import TakingBack
from chatops.desired.telling import Telling, with_these
from chatops.desired.tending import Tending
from chatops.desired.watched import Watched, look_at
from chatops.fleet import Fleet
from chatops.ledger import Ledger
from chatops.notices.happenings import Happening, Restarted
from chatops.restraints import Wish, in_order
from chatops.storage.errors import DatabaseAway
from chatops.tasks import Errands, running

log = logging.getLogger(__name__)

#: Between two looks at what time alone has changed, and two tries to read or keep something.
LOOK_EVERY_S = 2.0


class Steward:
    """What people want is in memory, as the command log has it; whoever learns how an ask ended says so by `ended`."""

    def __init__(
        self,
        fleet: Fleet,
        store: Store,
        ledger: Ledger,
        tell: Callable[[Happening], Awaitable[None]],
        *,
        is_ours: Callable[[UUID], bool],
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`tell` never raises. `is_ours` is whether a command of this id was asked here."""
        self._fleet = fleet
        self._store = store
        recording = Recording(ledger, now)
        self._wanted: Everything = {}
        asserting = Asserting(recording, self._wants)
        self._telling = Telling(tell, now=now, monotonic=monotonic)
        self._taking_back = TakingBack(recording, tell, is_ours=is_ours, now=now, monotonic=monotonic)
        self._tending = Tending(
            asserting, self._telling, self._taking_back, wanted=self._wanted, begin=self._begin, monotonic=monotonic
        )
        self._tick = monotonic
        self._sleep = sleep
        #: What ended before the log was read; None once it was.
        self._meanwhile: list[Asked] | None = []
        self._watched = {name: Watched(name) for name in fleet.names}
        self._errands: Errands | None = None

    # ------------------------------------------------------------------------ asked from outside

    def of(self, bot: str) -> tuple[Wish, ...]:
        """What people want of this bot, the oldest first."""
        return in_order(self._wanted.get(bot, {}))

    def ended(self, asked: Asked) -> None:
        """An ask has ended, as far as anybody knows. Called by whoever finds out; it does not wait or raise."""
        try:
            if self._meanwhile is not None:
                self._meanwhile.append(asked)
            take(self._wanted, asked)
            for name in asked.runs:
                self._look_into(name, asked)
        except Exception:
            log.exception("what %s asked by %s is not kept in mind", asked.by, asked.id)

    def takes(self, restarted: Restarted, session: UUID) -> bool:
        """Whether we tell of this restart, together with what we do about it."""
        watched, bot = self._watched.get(restarted.bot), self._fleet.named(restarted.bot)
        facts = bot.snapshot() if bot is not None else None
        if watched is None or bot is None or facts is None or not self._is_at_work or facts.session_id != session:
            return False
        is_known = watched.session == session
        if is_known and watched.untold is not None:
            (again, _), watched.untold = watched.untold, None
            watched.restarted = with_these(restarted, again)
            self._begin(self._telling.restart(watched), f"telling of {bot.name}")
            return True
        there = watched if is_known else Watched(bot.name, watched.seen)
        verdicts = there.verdicts(self.of(bot.name), look_at(facts), self._tick())
        if not verdicts[Verdict.ASSERT] and not (is_known and watched.is_busy):
            watched.told_restart = session
            return False
        if watched.restarted is not None:
            # It was restarted once more before we came to tell of the last time.
            self._begin(self._telling.restart(watched, watched.restarted), f"telling of {bot.name}")
        watched.restarted = restarted
        self._begin(self._attend(bot), f"wishes for {bot.name}")
        return True

    # ------------------------------------------------------------------------ running

    async def load(self) -> None:
        """Read what people want, once. Raises `DatabaseAway`; `run` tries again then."""
        if self._meanwhile is None:
            return
        wanted = fold(await self._store.asked())
        cut_off = await self._store.unfinished()
        seen = {name: dict(await self._store.recall(name)) for name in self._watched}
        for asked in self._meanwhile:
            take(wanted, asked)
        self._meanwhile = None
        self._wanted.clear()
        self._wanted.update(wanted)
        for name, watched in self._watched.items():
            watched.seen |= seen[name]
            watched.cut_off = [one for one in cut_off if one.bot == name]

    async def run(self) -> None:
        """Keep every bot so until cancelled. What breaks with one is logged, and does not reach the others."""
        self._errands = Errands()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._stop)
            await stack.enter_async_context(running(self._look_for_ever(), "wishes"))
            await stack.enter_async_context(running(self._keep_for_ever(), "what was seen of wishes"))
            for bot in self._fleet.bots():
                await stack.enter_async_context(running(self._follow(bot), f"wishes for {bot.name}"))
            await asyncio.Event().wait()

    async def _stop(self) -> None:
        errands, self._errands = self._errands, None
        if errands is not None:
            await errands.stop()

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self.load()
            except DatabaseAway as error:
                log.info("what people want of the bots is not read yet: %s", error)
            except Exception:
                log.exception("what people want of the bots could not be read")
            for bot in self._fleet.bots():
                # One that hangs keeps nobody from the others.
                if not self._watched[bot.name].turn.locked():
                    self._begin(self._attend(bot), f"wishes for {bot.name}")
            await self._sleep(LOOK_EVERY_S)

    async def _keep_for_ever(self) -> None:
        while True:
            await self._sleep(LOOK_EVERY_S)
            for watched in self._watched.values():
                if watched.is_kept or self._meanwhile is not None:
                    continue
                watched.is_kept = True
                try:
                    await self._store.keep(watched.name, dict(watched.seen))
                except DatabaseAway as error:
                    watched.is_kept = False
                    log.info("what was seen of the wishes for %s is not kept yet: %s", watched.name, error)
                except Exception:
                    log.exception("what was seen of the wishes for %s could not be kept", watched.name)

    async def _follow(self, bot: Bot) -> None:
        watched = self._watched[bot.name]
        while True:
            last: tuple[UUID, PauseState] | None = None
            try:
                async with bot.follow() as events:
                    await self._attend(bot)
                    async for event in events:
                        if isinstance(event, CommandFinished):
                            self._taking_back.hear(watched, self._wanted, event)
                        elif isinstance(event, SnapshotTaken):
                            before, last = last, (event.snapshot.session_id, event.snapshot.session.pause)
                            if last == before:
                                continue
                        elif not isinstance(event, EventsMissed):
                            continue
                        await self._attend(bot)
            except Exception:
                log.exception("following %s for what people want of it broke", bot.name)
            await self._sleep(LOOK_EVERY_S)

    # ------------------------------------------------------------------------ one bot

    async def _attend(self, bot: Bot) -> None:
        """Look at a bot, and do what is to be done."""
        watched = self._watched[bot.name]
        async with watched.turn:
            try:
                if (facts := bot.snapshot()) is not None and self._is_at_work:
                    await self._tending.see_to(bot, watched, facts)
            except Exception:
                log.exception("what people want of %s could not be seen to", bot.name)

    # ------------------------------------------------------------------------ inside

    @property
    def _is_at_work(self) -> bool:
        return self._errands is not None and self._meanwhile is None

    def _wants(self, wish: Wish) -> bool:
        now = self._wanted.get(wish.bot, {}).get(wish.what.casefold())
        return now is not None and now.ask == wish.ask

    def _look_into(self, name: str, asked: Asked) -> None:
        bot = self._fleet.named(name)
        if bot is None or bot.name not in self._watched:
            return
        if lets_go(asked) and asked.outcomes.get(name) is Outcome.REFUSED and not asked.is_late:
            self._begin(self._taking_back.withdraw(bot, self._wanted, asked), f"taken back on {name}")
        else:
            self._begin(self._attend(bot), f"wishes for {name}")

    def _begin(self, coroutine: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None] | None":
        if self._errands is None:
            coroutine.close()
            return None
        return self._errands.begin(coroutine, name)
