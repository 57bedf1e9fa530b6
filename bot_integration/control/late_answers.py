"""Commands whose end nobody heard in time: asked about until it is known."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from bot_integration.commands import Command, CommandResult, Outcome
from bot_integration.control.backoff import backoff
from bot_integration.control.line import Line
from bot_integration.errors import Unreachable

log = logging.getLogger(__name__)

#: Between two tries to learn it: the first, and the longest. And how long it is tried at all.
FIRST_ASK_S, LONGEST_ASK_S, ASKED_FOR_S = 1.0, 30.0, 3600.0
#: So long after it must not start any more, a bot that does not know of it never will.
ON_ITS_WAY_S = 30.0
#: So many at once; who has more unknown ends has no use for another.
MOST = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """A command that left us, and when."""

    command: Command
    #: The run of the bot that it was sent to; None where that was not known.
    session_id: UUID | None
    #: By a clock that never jumps.
    at: float
    #: How long it could still be started, as both clocks stood then.
    startable_s: float


def is_known(result: CommandResult) -> bool:
    """Whether it says how the command ended. A bot that does not know either, and is done with it, says when."""
    return result.outcome is not Outcome.UNKNOWN or result.started_at is not None


class LateAnswers:
    """Asks while it is entered. Tells each end once, also of what surely never reached the bot.

    Gives up when the bot was started anew.
    """

    def __init__(
        self,
        line: Line,
        *,
        learnt: Callable[[Command, CommandResult], None],
        run_of_bot: Callable[[], UUID | None],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        chance: Callable[[], float],
    ) -> None:
        self._line = line
        self._learnt = learnt
        self._run_of_bot = run_of_bot
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._chance = chance
        self._asking: dict[UUID, asyncio.Task[None]] = {}
        self._is_open = False

    def sent(self, command: Command) -> Sent:
        """What has to be remembered of a command that is sent now."""
        left = (command.not_after - self._now()).total_seconds()
        return Sent(command, self._run_of_bot(), self._monotonic(), max(0.0, left))

    def ask(self, sent: Sent) -> None:
        """Begin to ask what became of it."""
        id_ = sent.command.id
        if not self._is_open or id_ in self._asking or len(self._asking) >= MOST:
            return
        task = asyncio.create_task(self._ask(sent), name=f"what became of {id_}")
        self._asking[id_] = task
        task.add_done_callback(lambda _: self._asking.pop(id_, None))

    def settled(self, command_id: UUID) -> None:
        """It was heard in another way."""
        if (task := self._asking.get(command_id)) is not None and task is not asyncio.current_task():
            task.cancel()

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nor is anything asked that ends after this.
        self._is_open = False
        tasks = tuple(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------------------ inside

    async def _ask(self, sent: Sent) -> None:
        command = sent.command
        for wait in backoff(FIRST_ASK_S, LONGEST_ASK_S, self._chance):
            await self._sleep(wait)
            # Both judged before the bot is asked: an answer from before says nothing of what came since.
            passed = self._monotonic() - sent.at
            run = self._run_of_bot()
            try:
                result = await self._line.recall(command.id)
            except Unreachable as error:
                log.debug("what became of %s is not known yet: %s", command.id, error)
            else:
                if result is not None and is_known(result):
                    log.info("%s %s ended: %s", command.name, command.id, result.outcome)
                    self._learnt(command, result)
                    return
                if result is None and run is not None and run != sent.session_id:
                    break
                if result is None and run is not None and passed > sent.startable_s + ON_ITS_WAY_S:
                    self._learnt(command, self._never(command))
                    return
            if passed > ASKED_FOR_S:
                break
        log.warning("what became of %s %s will not be known", command.name, command.id)

    def _never(self, command: Command) -> CommandResult:
        return CommandResult(
            command_id=command.id,
            outcome=Outcome.FAILED,
            message="It never reached the bot. Nothing was done.",
            finished_at=self._now(),
        )
