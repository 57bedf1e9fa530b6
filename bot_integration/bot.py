"""The only face of a bot that the outside may see."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

from bot_integration.commands import Command, CommandResult, Preview
from bot_integration.events import Event
from bot_integration.state import Snapshot


class Bot(Protocol):
    """A trading bot, near (in this process) or far (behind its control API). Nobody can tell which they hold."""

    @property
    def name(self) -> str:
        """The name that people know it by."""
        ...

    def snapshot(self) -> Snapshot | None:
        """The last good facts, however old (see their `at`); None before the first. Never waits."""
        ...

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Every event from now on: `async with bot.follow() as events: async for event in events`."""
        ...

    async def execute(self, command: Command) -> CommandResult:
        """Run it once. Refusals, failures and lost answers are outcomes; nothing is raised."""
        ...

    async def recall(self, command: UUID) -> CommandResult | None:
        """What came of a command of this id; None where the bot never ran it.

        Raises `Unreachable` where the bot cannot be asked.
        """
        ...

    async def preview(self, command: Command) -> Preview | None:
        """What the command would do now; None where the bot offers none.

        Raises `Refused` where it would be refused, `Unreachable` where the bot cannot be asked.
        """
        ...
