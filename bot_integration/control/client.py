"""A bot in another process, behind its control API or its control socket."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime
from random import SystemRandom
from types import TracebackType
from typing import Self
from uuid import UUID

from bot_integration.bus import Bus
from bot_integration.clock import utc_now
from bot_integration.commands import Command, CommandResult, Preview
from bot_integration.control.backoff import backoff
from bot_integration.control.errand import Errand
from bot_integration.control.following import Following
from bot_integration.control.late_answers import LateAnswers, is_known
from bot_integration.control.line import Line
from bot_integration.control.lines import line_to
from bot_integration.ending import end
from bot_integration.errors import Unreachable
from bot_integration.events import CommandFinished, Event
from bot_integration.state import Snapshot

#: Between tries while a person waits for the outcome of a command: the first, and the longest.
FIRST_HURRY_S, LONGEST_HURRY_S = 0.05, 1.0
#: So long a result waits at most for the facts that show it.
SHOWN_WITHIN_S = 1.0
#: Commands remembered as told, so that what comes in two ways, or twice, is told once.
TOLD = 1_000


class RemoteBot:
    """A `Bot` in another process. Follows it while entered; the last facts stay while it is away."""

    def __init__(
        self,
        name: str | None,
        url: str,
        token: str | None = None,
        *,
        line: Line | None = None,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`url` is `http://host:port`, `https://…`, `unix:///path` or `tcp://host:port`; `ValueError` on another.

        Without a `name` it is the bot that answers there. `line` is another way than the one that the url means.
        """
        self._line = line_to(name, url, token, now) if line is None else line
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._chance = SystemRandom().random
        self._bus = Bus()
        self._following = Following(
            self._line, name=name or "", tell=self._hear, now=now, monotonic=monotonic, sleep=sleep, chance=self._chance
        )
        self._late = LateAnswers(
            self._line,
            learnt=self._ended,
            run_of_bot=self._run_of_bot,
            now=now,
            monotonic=monotonic,
            sleep=sleep,
            chance=self._chance,
        )
        self._told: OrderedDict[UUID, CommandResult] = OrderedDict()
        self._opened = AsyncExitStack()

    @property
    def name(self) -> str:
        """The name that people know the bot by. Where none was given it is empty before the first facts."""
        return self._following.name

    async def __aenter__(self) -> Self:
        """Begin to follow. Does not wait for the bot: it may be away for hours."""
        await self._opened.enter_async_context(self._line)
        following = asyncio.create_task(self._following.run(), name=f"following {self._line.where}")
        self._opened.push_async_callback(end, following)
        await self._opened.enter_async_context(self._late)
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
        return self._following.snapshot

    @property
    def away(self) -> str | None:
        """Why the bot is not heard, in a sentence for people; None while it is."""
        return self._following.away

    @property
    def fault(self) -> Unreachable | None:
        """What came of the last try to hear it, for whoever wants to know more than `away` says; None while it is."""
        return self._following.fault

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Every event from now on. What was published faster than the stream tells it shows as its newest alone."""
        return self._bus.follow()

    async def execute(self, command: Command) -> CommandResult:
        """Run it once over there. Sent again only while not a byte of it has left.

        When it returns, the facts show what it did, unless the stream is away. An end that nobody heard is `unknown`,
        and told as `CommandFinished` as soon as it is: the bot is asked for an hour.
        """
        sent = self._late.sent(command)
        errand = Errand(
            self.name or "The bot",
            self._line,
            command,
            now=self._now,
            monotonic=self._monotonic,
            sleep=self._sleep,
            waits=self._hurry,
            run_of_bot=self._run_of_bot,
        )
        answered = await errand.run()
        if answered.seq is not None:
            await self._shown(answered.seq)
        result = answered.result
        if not is_known(result):
            if (heard := self._told.get(command.id)) is not None:
                # By the stream, while it was asked for in vain.
                return heard
            self._late.ask(sent)
        elif result.started_at is not None:
            # Only what the bot began and ended has a start; nothing else finished.
            self._ended(command, result)
        return result

    async def recall(self, command: UUID) -> CommandResult | None:
        """What came of a command of this id; None where this run of the bot never ran it. Raises `Unreachable`."""
        return await self._line.recall(command)

    async def preview(self, command: Command) -> Preview | None:
        """What the command would do now. Raises `Refused` where it would be, `Unreachable` where nobody answers."""
        return await self._line.preview(command)

    # ------------------------------------------------------------------------ inside

    def _hear(self, event: Event) -> None:
        if isinstance(event, CommandFinished):
            self._ended(event.command, event.result)
        else:
            self._bus.publish(event)

    def _ended(self, command: Command, result: CommandResult) -> None:
        if command.id in self._told:
            return
        self._told[command.id] = result
        if len(self._told) > TOLD:
            self._told.popitem(last=False)
        self._late.settled(command.id)
        self._bus.publish(CommandFinished(self.name, command, result))

    def _run_of_bot(self) -> UUID | None:
        snapshot = self.snapshot()
        return None if snapshot is None else snapshot.session_id

    async def _shown(self, seq: int) -> None:
        reached = asyncio.ensure_future(self._following.reached(seq))
        limit = asyncio.ensure_future(self._sleep(SHOWN_WITHIN_S))
        try:
            await asyncio.wait({reached, limit}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(reached)
            await end(limit)

    def _hurry(self) -> Iterator[float]:
        return backoff(FIRST_HURRY_S, LONGEST_HURRY_S, self._chance)
