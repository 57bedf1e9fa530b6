"""The way to a far bot, whatever it speaks."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from bot_integration.commands import Command, CommandResult, Preview
from bot_integration.frames import Frame, Resume
from bot_integration.state import Snapshot

#: Who hears nothing for so long, no heartbeat either, holds the line for dead.
SILENCE_S = 25.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a command that was sent."""

    result: CommandResult
    #: The stream shows what it did from this number on; None where the other end does not say.
    seq: int | None = None


class Line(Protocol):
    """Open while it is entered. Every call raises `Unreachable`, or one of its kinds, where it got no answer.

    Facts of a bot of another name raise `WrongBot`. A line that was given no name takes the one in the first facts, and
    is a line to that bot from then on.

    One to a bot that numbers nothing makes frames of what it says (`deltas`). Where new lines of the timeline are all
    that such a bot has to say, they are also given as events that are not kept, so that people are told of them.
    """

    @property
    def where(self) -> str:
        """The address, as people may read it: no token, no password."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...

    async def snapshot(self) -> Snapshot | None:
        """The facts of now; None where the bot has published nothing yet."""
        ...

    def follow(self, resume: Resume | None) -> AbstractAsyncContextManager[AsyncIterator[Frame]]:
        """What the bot tells from `resume` on, or from a whole snapshot on.

        Raises `Unreachable`, when entered or later, where it breaks or is silent for too long; `NotUnderstood` where
        what came is no frame that we know.
        """
        ...

    async def execute(self, command: Command, within_s: float) -> Answered:
        """Send it once. Raises `NothingSent` and `NotTaken` where it surely did not happen."""
        ...

    async def recall(self, command_id: UUID) -> CommandResult | None:
        """What came of a command of this id; None where this run of the bot surely never ran it."""
        ...

    async def preview(self, command: Command) -> Preview | None:
        """What it would do now; None where the bot does not say. Raises `Refused` where it would be."""
        ...
