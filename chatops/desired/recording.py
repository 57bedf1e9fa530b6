"""What the desk itself does about what people want, on record like any ask: begun before the act, ended after it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from bot_integration import Command, CommandRisk, KillSwitch, Outcome, Pause
from chatops.guard.audit import Asked, Step, StepName, storable
from chatops.ledger import Aside, Entry, Ledger
from chatops.people import THE_DESK
from chatops.restraints import Wish
from chatops.views.format import when

#: So long after it was sent, a command that has not begun is not begun at all.
START_WITHIN = timedelta(seconds=30)


def command_id(wish: Wish, session: UUID) -> UUID:
    """From the run and the ask: however often it is sent there, it runs once."""
    return uuid5(session, f"{wish.ask} {wish.what}")


class Recording:
    """Writes to the ledger. Where the database is away it is kept on disk, and where need be in memory."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now

    async def begin(self, wish: Wish, session: UUID) -> Command:
        """Record that a wish is asserted in this run of its bot; gives what the bot is told.

        Begun again it is the same command, on record once.
        """
        command = command_of(wish, command_id(wish, session), self._now())
        word, arguments = _said(wish, command.reason)
        began = {"bot": wish.bot, "session": str(session)}
        await self._begin(command.id, wish, began, word, arguments)
        return command

    async def end(self, command_id: UUID, outcome: Outcome, said: str) -> None:
        """Record how it ended. What has ended stays as it ended."""
        data = {"outcome": str(outcome), "answer": storable(said)}
        await self._ledger.record(Entry((self._step(command_id, StepName.FINISHED, data),), aside=Aside.ANYHOW))

    async def take_back(self, wish: Wish, cause: UUID, session: UUID, why: str) -> None:
        """Record that a wish is none any more, though nobody here did that: for this reason, and by this command."""
        id_ = uuid5(cause, f"{wish.ask} {wish.what}")
        word = "kill" if wish.is_kill else "resume"
        arguments = {"switch": "off"} if wish.is_kill else {"scope": wish.what, "reason": storable(why)}
        began = {"bot": wish.bot, "session": str(session)}
        await self._begin(id_, wish, began, word, {**arguments, "bot": wish.bot})
        await self.end(id_, Outcome.DONE, why)

    async def _begin(
        self, id_: UUID, wish: Wish, began: Mapping[str, Any], word: str, arguments: Mapping[str, Any]
    ) -> None:
        asked = Asked(
            id=id_,
            at=self._now(),
            platform=wish.room.platform,
            principal=THE_DESK,
            sender_id=THE_DESK,
            room=wish.room.key,
            bot=wish.bot,
            word=word,
            arguments=arguments,
            risk=CommandRisk.REDUCES if arguments.get("switch") == "on" or word == "pause" else None,
            correlation_id=wish.ask.hex[-12:],
        )
        steps = (
            self._step(id_, StepName.RECEIVED, asked.facts()),
            self._step(id_, StepName.RUNNING, began),
        )
        await self._ledger.record(Entry(steps, asked=asked, aside=Aside.ANYHOW))

    def _step(self, command_id: UUID, name: StepName, data: Mapping[str, Any]) -> Step:
        return Step(command_id, self._now(), name, THE_DESK, data)


def command_of(wish: Wish, id_: UUID, now: datetime) -> Command:
    """What the bot is told, under this id."""
    about: dict[str, Any] = {
        "id": id_,
        "by": wish.by,
        "not_after": now + START_WITHIN,
        "reason": storable(f"as {wish.by} asked {when(wish.at, now)}{_why(wish)}", 200),
    }
    return KillSwitch(**about) if wish.is_kill else Pause(scope=wish.what, **about)


def _said(wish: Wish, reason: str) -> tuple[str, dict[str, Any]]:
    if wish.is_kill:
        return "kill", {"switch": "on", "bot": wish.bot}
    return "pause", {"scope": wish.what, "reason": reason, "bot": wish.bot}


def _why(wish: Wish) -> str:
    return f": {wish.reason}" if wish.reason else ""
