"""A way to a bot that changes nothing: what is to be different on the way, a test says."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from bot_integration import Bot, Command, CommandResult, Event, Preview, Snapshot


class Relay:
    """A `Bot` that passes everything on."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @property
    def name(self) -> str:
        return self.bot.name

    def snapshot(self) -> Snapshot | None:
        return self.bot.snapshot()

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        return self.bot.follow()

    async def preview(self, command: Command) -> Preview | None:
        return await self.bot.preview(command)

    async def execute(self, command: Command) -> CommandResult:
        return await self.bot.execute(command)

    async def recall(self, command: UUID) -> CommandResult | None:
        return await self.bot.recall(command)
