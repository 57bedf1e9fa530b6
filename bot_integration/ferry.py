"""A bot, for those who are on another loop than its commands run on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from bot_integration.bot import Bot
from bot_integration.commands import Command, CommandResult, Preview
from bot_integration.errors import Unreachable
from bot_integration.events import Event
from bot_integration.own_loop import LoopClosed, cross
from bot_integration.state import Snapshot


class Ferry:
    """A `Bot`: facts are read where the caller is, commands cross to the bot's loop and their results back."""

    def __init__(self, bot: Bot, loop: asyncio.AbstractEventLoop) -> None:
        self._bot = bot
        self._loop = loop

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
        """Run it once, over there. Raises `Unreachable` where the bot's loop has ended."""
        try:
            return await cross(self._bot.execute(command), self._loop)
        except LoopClosed as error:
            raise Unreachable(f"{self.name} does not run any more.") from error

    async def recall(self, command: UUID) -> CommandResult | None:
        """What came of a command of this id."""
        try:
            return await cross(self._bot.recall(command), self._loop)
        except LoopClosed as error:
            raise Unreachable(f"{self.name} does not run any more.") from error

    async def preview(self, command: Command) -> Preview | None:
        """What the command would do now."""
        try:
            return await cross(self._bot.preview(command), self._loop)
        except LoopClosed as error:
            raise Unreachable(f"{self.name} does not run any more.") from error
