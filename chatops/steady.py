"""A bot as the desk holds it: what breaks or hangs in it is an answer of this bot, and never reaches the others."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from bot_integration import Bot, Command, CommandResult, Event, Preview, Refused, Snapshot, Unreachable
from bot_integration.commands import unknown
from chatops.lasting import Lasting

log = logging.getLogger(__name__)

#: A bot keeps to the time of a command by itself; one that does not is waited for so much longer, in seconds.
GRACE_S = 5.0
#: So long a bot may think about what a command would do, or remember what one did.
ANSWER_WITHIN_S = 12.0


@runtime_checkable
class Far(Protocol):
    """What a bot in another process says of the way to it."""

    @property
    def away(self) -> str | None:
        """Why it is not heard, in a sentence for people; None while it is."""
        ...


class Steady:
    """A `Bot` that keeps to its port, whatever the one behind it does."""

    def __init__(self, bot: Bot, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._bot = bot
        self._name = bot.name
        self._now = now
        self._last: Snapshot | None = None
        self._broken = Lasting(log, f"the facts of {bot.name} cannot be looked at")

    @property
    def name(self) -> str:
        """The name that people know it by."""
        return self._name

    @property
    def is_far(self) -> bool:
        """Whether it runs in another process."""
        return isinstance(self._bot, Far)

    @property
    def away(self) -> str | None:
        """Why a far one is not heard, in a sentence for people; None while it is, and of one that is near."""
        return self._bot.away if isinstance(self._bot, Far) else None

    def snapshot(self) -> Snapshot | None:
        """The last good facts; where the bot breaks on being looked at those from before, which grow old."""
        try:
            self._last = self._bot.snapshot()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a fact about that bot
            self._broken.met(error)
        else:
            self._broken.over()
        return self._last

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Every event from now on. It may raise: whoever follows one bot does nothing else."""
        return self._bot.follow()

    async def execute(self, command: Command) -> CommandResult:
        """Run it once. One that breaks, or never answers, has not failed: nobody knows what it did."""
        try:
            async with asyncio.timeout(command.timeout_s + GRACE_S):
                return await self._bot.execute(command)
        except TimeoutError:
            log.warning("%s never answered %s %s", self._name, command.name, command.id)
            return unknown(command, f"{self._name} never answered. Look before you ask again.", self._now())
        except Exception:
            log.exception("the way to %s broke on %s %s", self._name, command.name, command.id)
            return unknown(command, f"{self._name} broke on this. Look before you ask again.", self._now())

    async def recall(self, command: UUID) -> CommandResult | None:
        """What came of a command of this id. Raises `Unreachable`, and nothing else."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._bot.recall(command)
        except Unreachable:
            raise
        except Exception as error:
            raise self._unreachable(error) from error

    async def preview(self, command: Command) -> Preview | None:
        """What the command would do now. Raises `Refused` and `Unreachable`, and nothing else."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._bot.preview(command)
        except (Refused, Unreachable):
            raise
        except Exception as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> Unreachable:
        if isinstance(error, TimeoutError):
            return Unreachable(f"{self._name} does not answer.")
        log.error("the way to %s broke", self._name, exc_info=error)
        return Unreachable(f"{self._name} broke on being asked.")
