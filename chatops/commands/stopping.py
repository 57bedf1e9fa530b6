"""Answers to what closes everything: close all, and the emergency stop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from bot_integration import Bot, CommandResult, EmergencyStop, Outcome, Refused
from bot_integration import CloseAll as CloseAllPositions
from chatops.asks import CloseAll, Stop
from chatops.commands.following import shown_as_it_goes
from chatops.commands.orders import foreseen, order, together, ways_out
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.guard.permissions import Permissions
from chatops.messages import Message
from chatops.views import choices, whole
from chatops.views.whole import Look

Whole: TypeAlias = CloseAll | Stop

#: An emergency does not wait for a bot to reckon what it would cost, in seconds.
PREVIEW_WITHIN_S = 3.0


class StoppingCommands:
    """One bot, or every one that whoever asks may see: each is told at the same time, and answers for itself."""

    def __init__(self, permissions: Permissions, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._permissions = permissions
        self._sleep = sleep

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(CloseAll, self.end, self.ask_end)
        registry.on(Stop, self.end, self.ask_end)

    async def ask_end(self, ask: Whole, asking: Asking) -> Question | Reply:
        """Each bot with what it holds, and what closing that would come to."""
        bots = asking.fleet.bots(ask.bot)
        if not bots:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        if len(bots) == 1:
            ask = ask.model_copy(update={"bot": bots[0].name})
        looks = await asyncio.gather(*(self._look(bot, ask, asking) for bot in bots))
        if isinstance(ask, CloseAll) and all(look.refusal for look in looks):
            ways = [way for bot in bots for way in ways_out(bot, asking, self._permissions)]
            return Reply(whole.refused(looks, ways), Outcome.REFUSED)
        # What an emergency stop would cost is no reason to ask once more: nothing of it is held against the facts.
        preview = whole.preview_facts(looks) if isinstance(ask, CloseAll) else {}
        return Question(ask, whole.really(ask, looks, asking.at, asking.command_id), preview=preview)

    async def end(self, ask: Whole, asking: Asking) -> Reply:
        """Have every bot do it, show how far they have come, and say what was closed and what was not."""
        bots = asking.fleet.bots(ask.bot)
        if not bots:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        began = asking.fleet.held(ask.bot)
        ended: dict[str, CommandResult] = {}

        def course() -> Message:
            return whole.course(ask, began, _now(bots), ended)

        async def have_done(bot: Bot) -> CommandResult:
            ended[bot.name] = await bot.execute(_order(ask, asking))
            return ended[bot.name]

        async with shown_as_it_goes(bots, course, asking.progress, self._sleep):
            ends = await asyncio.gather(*map(have_done, bots))
        refusing = [bot for bot, end in zip(bots, ends, strict=True) if end.outcome is not Outcome.DONE]
        ways = [way for bot in refusing for way in ways_out(bot, asking, self._permissions)]
        named = [(bot.name, end) for bot, end in zip(bots, ends, strict=True)]
        outcomes = {name: end.outcome for name, end in named}
        return Reply(whole.ended(ask, began, named, _now(bots), ways), together(outcomes.values()), outcomes)

    async def _look(self, bot: Bot, ask: Whole, asking: Asking) -> Look:
        look = Look(bot.name, bot.snapshot())
        try:
            async with asyncio.timeout(PREVIEW_WITHIN_S):
                preview, missing = await foreseen(bot, _order(ask, asking))
        except TimeoutError:
            return look.without_preview(f"No preview of {bot.name} in time.")
        except Refused as refusal:
            return look.refused(str(refusal))
        return look.with_preview(preview) if preview else look.without_preview(missing)


def _order(ask: Whole, asking: Asking) -> EmergencyStop | CloseAllPositions:
    if isinstance(ask, Stop):
        return order(EmergencyStop, asking, reason=ask.reason)
    return order(CloseAllPositions, asking)


def _now(bots: Sequence[Bot]) -> whole.Now:
    return {bot.name: bot.snapshot() for bot in bots}
