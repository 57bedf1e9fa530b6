"""One command carried to a far bot, until its outcome is known or its time is up."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from bot_integration.commands import Command, CommandResult, Outcome, unknown
from bot_integration.control.errors import NothingSent, NotTaken, WrongBot, sentence
from bot_integration.control.line import Answered, Line
from bot_integration.errors import Unreachable

log = logging.getLogger(__name__)

#: The bot answers by itself when the command's time is up; its own words get this long to arrive.
GRACE_S = 1.0


class Errand:
    """Never claims what it does not know: once a byte has left, only the bot can say what happened."""

    def __init__(
        self,
        bot: str,
        line: Line,
        command: Command,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        waits: Callable[[], Iterator[float]],
        run_of_bot: Callable[[], UUID | None],
    ) -> None:
        """`now` stamps and judges deadlines; how long something takes is told by `monotonic`, which never jumps.

        `run_of_bot` is the one whose facts were heard last; None before the first.
        """
        self._bot = bot
        self._line = line
        self._command = command
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._waits = waits
        self._run_of_bot = run_of_bot
        self._sent_to = run_of_bot()
        self._ends = monotonic() + command.timeout_s

    async def run(self) -> Answered:
        """Send it until it has left us, then learn what came of it."""
        waits = self._waits()
        while True:
            try:
                return await self._line.execute(self._command, self._seconds_left() + GRACE_S)
            except NothingSent as error:
                wait = next(waits)
                too_late = self._now() + timedelta(seconds=wait) > self._command.not_after
                if too_late or not await self._wait(wait):
                    return self._surely(
                        Outcome.FAILED, f"{self._bot} could not be reached ({error}). Nothing was sent."
                    )
            except WrongBot as error:
                return self._surely(Outcome.REFUSED, sentence(f"{error} Nothing was done.", self._bot))
            except NotTaken as error:
                return self._surely(Outcome.FAILED, sentence(f"{error} Nothing was done.", self._bot))
            except Unreachable as error:
                log.warning("no answer from %s to %s %s: %s", self._bot, self._command.name, self._command.id, error)
                return Answered(await self._learn())

    async def _learn(self) -> CommandResult:
        """Ask by its id, at least once. It is not sent again: a bot that was restarted since would run it twice."""
        heard: CommandResult | None = None
        waits = self._waits()
        while True:
            # Before the bot is asked: an answer from before says nothing of the run that came since.
            is_another = self._sent_to is not None and self._run_of_bot() != self._sent_to
            try:
                heard = (told := await self._line.recall(self._command.id)) or heard
            except Unreachable as error:
                log.info("%s cannot be asked about %s: %s", self._bot, self._command.id, error)
            else:
                if told is None and is_another:
                    return self._unknown(f"{self._bot} was restarted, and does not remember what became of it.")
            if heard is not None and heard.outcome is not Outcome.UNKNOWN:
                return heard
            if not await self._wait(next(waits)):
                return heard or self._unknown(
                    f"No answer from {self._bot}. It may have happened, or still happen: look before you ask again."
                )

    async def _wait(self, seconds: float) -> bool:
        """Wait, unless its time were up then."""
        if seconds > self._seconds_left():
            return False
        await self._sleep(seconds)
        return True

    def _unknown(self, why: str) -> CommandResult:
        return unknown(self._command, why, self._now())

    def _seconds_left(self) -> float:
        return max(0.0, self._ends - self._monotonic())

    def _surely(self, outcome: Outcome, message: str) -> Answered:
        return Answered(
            CommandResult(command_id=self._command.id, outcome=outcome, message=message, finished_at=self._now())
        )
