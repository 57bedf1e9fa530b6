"""A bot, for those who are on another loop than its commands run on."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from bot_integration.bot import Bot
from bot_integration.clock import utc_now
from bot_integration.commands import Command, CommandResult, Outcome, Preview, unknown
from bot_integration.errors import Unreachable
from bot_integration.events import Event
from bot_integration.own_loop import CutShort, LoopClosed, cross
from bot_integration.state import Snapshot

ValueT = TypeVar("ValueT")

#: Commands of which we remember that they went over.
REMEMBERED = 1_000
#: How long a loop that does nothing may keep us waiting.
PATIENCE_S = 10.0
#: The bot answers by itself when the command's time is up; its own words get this long to come back.
GRACE_S = 1.0


class Ferry:
    """A `Bot`: facts are read where the caller is, commands cross to the bot's loop and their results back."""

    def __init__(self, bot: Bot, loop: asyncio.AbstractEventLoop, now: Callable[[], datetime] = utc_now) -> None:
        self._bot = bot
        self._loop = loop
        self._now = now
        self._taken_over: deque[UUID] = deque(maxlen=REMEMBERED)

    @property
    def name(self) -> str:
        """The name that people know it by."""
        return self._bot.name

    def snapshot(self) -> Snapshot | None:
        """The last good facts."""
        return self._bot.snapshot()

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Every event from now on, on the caller's loop."""
        return self._bot.follow()

    async def execute(self, command: Command) -> CommandResult:
        """Run it once, over there. Where that loop has ended it failed, unless it may have run before."""
        try:
            return await self.run(command)
        except LoopClosed:
            message = f"{self.name} does not run any more. Nothing was done."
            return CommandResult(
                command_id=command.id, outcome=Outcome.FAILED, message=message, finished_at=self._now()
            )

    async def run(self, command: Command) -> CommandResult:
        """As `execute`, but raises `LoopClosed` where that loop has ended and it surely never ran."""
        asked_before = command.id in self._taken_over
        try:
            async with asyncio.timeout(command.timeout_s + GRACE_S):
                crossing = cross(self._bot.execute(command), self._loop)
                self._taken_over.append(command.id)
                return await crossing
        except CutShort:
            return unknown(command, f"{self.name} stopped while this ran. It may have happened.", self._now())
        except LoopClosed:
            if asked_before:
                return unknown(command, f"{self.name} has stopped, and cannot say what came of this.", self._now())
            # It never went over, and that is as sure when it is asked again.
            with suppress(ValueError):
                self._taken_over.remove(command.id)
            raise
        except TimeoutError:
            return unknown(command, f"{self.name} does not come to this. It may still happen.", self._now())

    async def recall(self, command: UUID) -> CommandResult | None:
        """What came of a command of this id. Raises `Unreachable` where that loop has ended, or stands still."""
        return await self._ask(self._bot.recall(command))

    async def preview(self, command: Command) -> Preview | None:
        """What the command would do now. Raises `Refused`, and `Unreachable` as `recall` does."""
        return await self._ask(self._bot.preview(command))

    async def _ask(self, question: Coroutine[Any, Any, ValueT]) -> ValueT:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await cross(question, self._loop)
        except LoopClosed as error:
            raise Unreachable(f"{self.name} does not run any more.") from error
        except TimeoutError as error:
            raise Unreachable(f"{self.name} does not come to answer.") from error
