"""A bot in another process, behind its control API."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from datetime import UTC, datetime
from random import SystemRandom
from types import TracebackType
from typing import Self
from uuid import UUID

from bot_integration.bus import Bus
from bot_integration.commands import Command, CommandResult, Preview
from bot_integration.control.backoff import backoff
from bot_integration.control.errand import Errand
from bot_integration.control.errors import NotTaken
from bot_integration.control.line import Line
from bot_integration.control.news import news
from bot_integration.control.wire import Mark
from bot_integration.errors import Unreachable
from bot_integration.events import CommandFinished, Event, Noted
from bot_integration.state import EventCategory, Snapshot

log = logging.getLogger(__name__)

#: How long the bot may hold our question for newer facts. A line that died unseen is noticed that late.
POLL_S = 10.0
#: Facts are asked for no more often than this, however often the bot publishes.
PACE_S = 0.05
#: Between tries to follow a bot that is away: the first, and the longest.
FIRST_RETRY_S, LONGEST_RETRY_S = 0.1, 5.0
#: The same while a person waits for the outcome of a command.
FIRST_HURRY_S, LONGEST_HURRY_S = 0.05, 1.0
#: Commands remembered as told, so that asking twice is not told twice.
TOLD = 1_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RemoteBot:
    """A `Bot` behind its control API. Follows it while entered; the last facts stay while it is away."""

    def __init__(
        self,
        name: str,
        url: str,
        token: str | None = None,
        *,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`url` is `http://host:port`, `https://…` or `unix:///path`; raises `ValueError` on another."""
        self._name = name
        self._line = Line(name, url, token)
        self._now = now
        self._sleep = sleep
        self._chance = SystemRandom().random
        self._bus = Bus()
        self._snapshot: Snapshot | None = None
        #: What was told of it, and since when it does not answer; None while it does.
        self._away: str | None = None
        self._away_since: datetime | None = None
        self._told: deque[UUID] = deque(maxlen=TOLD)
        self._opened = AsyncExitStack()

    @property
    def name(self) -> str:
        """The name that people know the bot by."""
        return self._name

    async def __aenter__(self) -> Self:
        """Begin to follow. Does not wait for the bot: it may be away for hours."""
        await self._opened.enter_async_context(self._line)
        following = asyncio.create_task(self._follow(), name=f"following {self._name}")
        self._opened.push_async_callback(_end, following)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._opened.aclose()

    def snapshot(self) -> Snapshot | None:
        """The last facts that came through, however old."""
        return self._snapshot

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Every event from now on. What was published faster than the line carries shows as its newest alone."""
        return self._bus.follow()

    async def execute(self, command: Command) -> CommandResult:
        """Run it once over there. Sent again only while not a byte of it has left."""
        result = await Errand(
            self._name, self._line, command, now=self._now, sleep=self._sleep, waits=self._hurry
        ).run()
        # Only what the bot began and ended has a start; nothing else finished.
        if result.started_at is not None and command.id not in self._told:
            self._told.append(command.id)
            self._bus.publish(CommandFinished(self._name, command, result))
        return result

    async def recall(self, command: UUID) -> CommandResult | None:
        """What came of a command of this id; None where this run of the bot never ran it. Raises `Unreachable`."""
        return await self._line.recall(command)

    async def preview(self, command: Command) -> Preview | None:
        """What the command would do now. Raises `Refused` where it would be, `Unreachable` where nobody answers."""
        return await self._line.preview(command)

    # ------------------------------------------------------------------------ inside

    async def _follow(self) -> None:
        clock = asyncio.get_running_loop().time
        waits = self._patience()
        while True:
            asked = clock()
            try:
                self._heard(await self._line.snapshot(self._mark(), POLL_S))
            except Unreachable as error:
                self._lost(error)
                await self._sleep(next(waits))
            except Exception:
                log.exception("following %s broke", self._name)
                await self._sleep(next(waits))
            else:
                waits = self._patience()
                await self._sleep(max(0.0, PACE_S - (clock() - asked)))

    def _mark(self) -> Mark | None:
        return None if self._snapshot is None else Mark.of(self._snapshot)

    def _heard(self, snapshot: Snapshot | None) -> None:
        now = self._now()
        if self._away_since is not None:
            seconds = (now - self._away_since).total_seconds()
            self._away = self._away_since = None
            log.info("%s is back after %.1f s", self._name, seconds)
            self._note(f"{self._name} is back after {seconds:.0f} s.")
        if snapshot is None:
            return
        before, self._snapshot = self._snapshot, snapshot
        for event in news(before, snapshot, now):
            self._bus.publish(event)

    def _lost(self, error: Unreachable) -> None:
        # Told when it goes, and again only when a person has to do something: it is tried for ever.
        why = str(error) if isinstance(error, NotTaken) else f"{self._name} does not answer."
        if why == self._away:
            return
        self._away, self._away_since = why, self._away_since or self._now()
        log.warning("%s cannot be followed: %s", self._name, error)
        self._note(f"{why} What is shown is the last that it said.")

    def _note(self, message: str) -> None:
        self._bus.publish(Noted(self._name, self._now(), EventCategory.WARNING, message))

    def _patience(self) -> Iterator[float]:
        return backoff(FIRST_RETRY_S, LONGEST_RETRY_S, self._chance)

    def _hurry(self) -> Iterator[float]:
        return backoff(FIRST_HURRY_S, LONGEST_HURRY_S, self._chance)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
