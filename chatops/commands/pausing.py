"""Answers to what holds a bot back or lets it go: pause, resume, the kill switch."""

import asyncio
from typing import TypeAlias

from bot_integration import Bot, KillSwitch, Outcome
from bot_integration import Pause as PauseBot
from bot_integration import Resume as ResumeBot
from chatops.asks import OPERATOR_SCOPES, Kill, Pause, Resume
from chatops.commands.orders import order, the_bot, together, ways_out
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.guard.permissions import Allowed, Permissions
from chatops.people import Principal
from chatops.views import choices, killing
from chatops.views.trading import really_pause, result

Scoped: TypeAlias = Pause | Resume


class PausingCommands:
    """Asks twice, then tells the bot."""

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Pause, self.hold_back, self.ask_hold_back)
        registry.on(Resume, self.hold_back, self.ask_hold_back)
        registry.on(Kill, self.kill, self.ask_kill)

    # --------------------------------------------------------------- pause and resume

    async def ask_hold_back(self, ask: Scoped, asking: Asking) -> Question | Reply:
        """Which scope on which bot, and what that means."""
        bot = the_bot(ask, ask.bot, asking)
        if isinstance(bot, Reply):
            return bot
        scopes = self._scopes(bot, asking.person, ask)
        if not ask.scope:
            return Reply(choices.which_scope(ask.model_copy(update={"bot": bot.name}), scopes), outcome=None)
        scope = next((known for known in scopes if known.casefold() == ask.scope.casefold()), None)
        if scope is None:
            return Reply(choices.no_such_scope(ask, scopes), Outcome.REFUSED)
        settled = ask.model_copy(update={"scope": scope, "bot": bot.name})
        return Question(settled, really_pause(settled, (bot.name,), _meaning(settled)))

    async def hold_back(self, ask: Scoped, asking: Asking) -> Reply:
        """Hold the bot back, or let it go on."""
        bot = asking.fleet.named(ask.bot)
        if bot is None:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        kind: type[PauseBot | ResumeBot] = PauseBot if isinstance(ask, Pause) else ResumeBot
        ended = await bot.execute(order(kind, asking, scope=ask.scope, reason=ask.reason))
        resuming = isinstance(ask, Resume)
        ways = ways_out(bot, asking, self._permissions, resuming=resuming) if resuming else ()
        return Reply(result([(bot.name, ended)], ask, ways), ended.outcome)

    def _scopes(self, bot: Bot, person: Principal, ask: Scoped) -> tuple[str, ...]:
        """What this person may hold back on this bot."""
        snapshot = bot.snapshot()
        venues = tuple(venue.name for venue in snapshot.venues) if snapshot else ()
        return tuple(
            scope
            for scope in (*OPERATOR_SCOPES, "all", *venues)
            if isinstance(self._permissions.check(person, ask.model_copy(update={"scope": scope})), Allowed)
        )

    # -------------------------------------------------------------------- kill switch

    async def ask_kill(self, ask: Kill, asking: Asking) -> Question | Reply:
        """How it is, or what it would mean. On may be for every bot at once; off is for one."""
        known = asking.fleet.snapshots(ask.bot)
        if not known:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        if ask.switch not in ("on", "off"):
            return Reply(killing.on_or_off(ask, [(bot.name, facts) for bot, facts in known]), outcome=None)
        if ask.switch == "off" and isinstance(chosen := the_bot(ask, ask.bot, asking), Reply):
            return chosen
        if len(known) == 1:
            ask = ask.model_copy(update={"bot": known[0][0].name})
        return Question(ask, killing.really_kill(ask, [(bot.name, facts) for bot, facts in known], asking.command_id))

    async def kill(self, ask: Kill, asking: Asking) -> Reply:
        """Turn it on or off."""
        bots = asking.fleet.bots(ask.bot)
        if not bots:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        command = order(KillSwitch, asking, active=ask.switch == "on")
        ends = await asyncio.gather(*(bot.execute(command) for bot in bots))
        named = [(bot.name, ended) for bot, ended in zip(bots, ends, strict=True)]
        outcomes = {name: end.outcome for name, end in named}
        return Reply(result(named, ask), together(outcomes.values()), outcomes)


def _meaning(ask: Scoped) -> str:
    if isinstance(ask, Resume):
        return "It may trade again as it sees fit."
    return {
        "entry": "No new positions. What is open is watched, and may be closed.",
        "exit": "The bot closes nothing by itself. You still can.",
        "all": "No new positions, and the bot closes nothing by itself. You still can.",
    }.get(ask.scope, f"No new orders on {ask.scope} by the bot itself.")
