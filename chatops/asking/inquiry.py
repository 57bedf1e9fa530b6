"""What became of a command, found out by asking its bot."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from bot_integration import CommandResult, Outcome, Unreachable
from chatops.commands.orders import START_WITHIN
from chatops.fleet import Fleet
from chatops.guard.audit import Step

log = logging.getLogger(__name__)

#: How it ended, and what is said of it.
End = tuple[Outcome, str]


class Inquiry:
    """Asks a bot by the id of the command, as often as it is called."""

    def __init__(self, fleet: Fleet, now: Callable[[], datetime]) -> None:
        self._fleet = fleet
        self._now = now

    async def once(self, name: str | None, session: str | None, began: Step) -> End | None:
        """What became of it on this bot, which was in this run when it began; None while that cannot be said."""
        bot = self._fleet.named(name or "")
        if bot is None:
            return Outcome.UNKNOWN, f"There is no bot {name} here any more. Look at the venue."
        # Judged before the bot is asked: what arrived since then would be called "never" by an answer from before.
        is_over = self._now() > began.at + START_WITHIN
        try:
            result = await bot.recall(began.command_id)
        except Unreachable as error:
            log.info("%s cannot be asked about %s yet: %s", bot.name, began.command_id, error)
            return None
        facts = bot.snapshot()
        run = None if facts is None else facts.session_id
        return judged(bot.name, result, run, session, is_over=is_over)


def judged(
    bot: str, remembered: CommandResult | None, run: UUID | None, session: str | None, *, is_over: bool
) -> End | None:
    """What follows from what the bot remembers. Pure; None where it is too early to say.

    `run` is the bot's by now, `session` the one in which it began; `is_over`: it cannot be started any more.
    """
    if remembered is not None and (remembered.outcome is not Outcome.UNKNOWN or is_over):
        return remembered.outcome, remembered.message
    if run is not None and session is not None and str(run) != session:
        return (
            Outcome.UNKNOWN,
            f"{bot} was restarted too, and does not remember. Look at the position before you ask again.",
        )
    if is_over and session is None:
        return Outcome.UNKNOWN, f"{bot} does not know of it. Look at the position before you ask again."
    if is_over and run is not None:
        return Outcome.FAILED, f"It never reached {bot}. Nothing was done."
    # Until its deadline has passed it might still arrive, and a bot of which nothing was heard yet may be another run
    # of it: only then is "never" true.
    return None
