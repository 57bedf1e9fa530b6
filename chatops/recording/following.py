"""Follows every bot, and has all that they make stored: beside everything else, and never in its way."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial

from bot_integration import Bot, Event, EventsMissed, Snapshot, SnapshotTaken
from chatops.fleet import Fleet
from chatops.history.port import Recording
from chatops.lasting import Lasting
from chatops.recording.cleaning import cleaned
from chatops.recording.course import Course
from chatops.redactor import Redactor
from chatops.storage.errors import DatabaseAway
from chatops.tasks import end, running

log = logging.getLogger(__name__)

#: Between two batches; and so many snapshots of one bot do not wait for it.
STORE_EVERY_S = 2.0
MANY = 500
#: Before a bot that could not be followed is tried again.
FOLLOW_AGAIN_S = 5.0
#: So long the last batch may take when we are told to stop.
LAST_WITHIN_S = 3.0


class Following:
    """Records every bot of the fleet, inside `run`."""

    def __init__(
        self,
        fleet: Fleet,
        recording: Recording,
        now: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        many: int = MANY,
        redact: Redactor | None = None,
    ) -> None:
        """After `many` snapshots of one bot they are stored at once. `redact` takes secrets out of what bots say."""
        self._fleet = fleet
        self._recording = recording
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._many = many
        clean = partial(cleaned, redact=redact or Redactor())
        self._courses = {name: Course(name, clean) for name in fleet.names}
        self._turn = asyncio.Lock()
        self._full = asyncio.Event()
        self._away = Lasting(log, "history is not stored yet", level=logging.INFO)

    @property
    def waiting(self) -> int:
        """Snapshots that are recorded and in no batch yet."""
        return sum(one.waiting for one in self._courses.values())

    async def run(self) -> None:
        """Follow them all until cancelled. What breaks with one is logged, and does not reach the others."""
        async with AsyncExitStack() as stack:
            for bot in self._fleet.bots():
                await stack.enter_async_context(running(self._follow(bot), f"history of {bot.name}"))
            try:
                while True:
                    await self.store()
                    await self._wait()
            finally:
                await self._end()

    def alerted(self, bot: str) -> None:
        """An alert of this bot was told: how it stands now is kept. Never waits, never raises."""
        if (course := self._courses.get(bot)) is not None:
            course.alerted()

    async def store(self, *, final: bool = False) -> None:
        """Have all that came up to now stored; what could not be is tried again. Raises nothing but for cancellation.

        `final`: nothing more comes.
        """
        async with self._turn:
            for one in self._courses.values():
                one.pass_time(self._monotonic())
            try:
                # Once for what could not be stored before, and once for what came meanwhile.
                for _ in range(2):
                    await self._keep([one for one in self._courses.values() if one.prepare(final=final)])
                now = self._monotonic()
                await self._go_on([one for one in self._courses.values() if one.is_due_back(now)])
            except DatabaseAway as error:
                self._away.met(error)
            except Exception:
                log.exception("storing history broke")
            else:
                self._away.over()

    # ------------------------------------------------------------------------ inside

    async def _keep(self, courses: Sequence[Course]) -> None:
        batches = [one.unsure for one in courses if one.unsure is not None]
        if not batches:
            return
        try:
            refused = await self._recording.keep(batches)
        except DatabaseAway:
            raise
        except Exception:
            # To try the same again would break the same way. What is lost shows in the difference to what is stored.
            log.exception("history of %s broke on being stored", ", ".join(one.name for one in courses))
            refused = frozenset(one.name for one in courses)
        for one in courses:
            if one.name not in refused:
                one.stored()
        if refused:
            await self._look_again([one for one in courses if one.name in refused])

    async def _look_again(self, courses: Sequence[Course]) -> None:
        heads = await self._recording.heads([one.name for one in courses])
        for one in courses:
            if one.is_stored(heads.get(one.name)):
                one.stored()
                continue
            waits = one.step_back(self._monotonic())
            log.warning("history of %s was not taken; going on in %.0f s from what is stored of it", one.name, waits)

    async def _go_on(self, courses: Sequence[Course]) -> None:
        if not courses:
            return
        heads = await self._recording.heads([one.name for one in courses])
        for one in courses:
            bot = self._fleet.named(one.name)
            snapshot = bot.snapshot() if bot is not None else None
            one.go_on(heads.get(one.name), snapshot, self._now(), self._monotonic())

    async def _end(self) -> None:
        try:
            async with asyncio.timeout(LAST_WITHIN_S):
                await self.store(final=True)
        except TimeoutError:
            log.info("the last of history is not stored; it shows when the bots are followed again")

    async def _wait(self) -> None:
        full = asyncio.ensure_future(self._full.wait())
        due = asyncio.ensure_future(self._sleep(STORE_EVERY_S))
        try:
            await asyncio.wait({full, due}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(full, due)
        self._full.clear()

    async def _follow(self, bot: Bot) -> None:
        course = self._courses[bot.name]
        while True:
            try:
                async with bot.follow() as events:
                    await self._hear(course, bot.snapshot())
                    await self._follow_events(course, events)
            except Exception:
                log.exception("following %s for its history broke", bot.name)
            await self._sleep(FOLLOW_AGAIN_S)

    async def _follow_events(self, course: Course, events: AsyncIterator[Event]) -> None:
        async for event in events:
            if isinstance(event, SnapshotTaken):
                await self._hear(course, event.snapshot)
            elif isinstance(event, EventsMissed):
                # What went by shows in what comes next.
                log.info("%d events of %s went by before they were recorded", event.count, course.name)

    async def _hear(self, course: Course, snapshot: Snapshot | None) -> None:
        course.hear(snapshot, self._monotonic())
        # While the database is away there is no hurry.
        if course.waiting >= self._many and course.unsure is None:
            self._full.set()
        # A burst of them is no burst of work: others have their turn in between.
        await asyncio.sleep(0)
