"""Answers to what acts on a bot: close, pause, resume. Each asks twice."""

from datetime import timedelta
from typing import TypeAlias

from bot_integration import Bot, ClosePosition, Command, Outcome, Preview, Refused, Unreachable
from bot_integration import Pause as PauseBot
from bot_integration import Resume as ResumeBot
from chatops.asks import OPERATOR_SCOPES, Close, Pause, Resume
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.fleet import Fleet, Held
from chatops.guard.permissions import Allowed, Permissions
from chatops.people import Principal
from chatops.views import choices
from chatops.views.format import how_old
from chatops.views.trading import really_close, really_hold, refused, result

Hold: TypeAlias = Pause | Resume

#: So long after it was asked, a command that has not begun is not begun at all.
START_WITHIN = timedelta(seconds=30)


class TradingCommands:
    """Turns confirmed asks into commands with an id, a name and a deadline."""

    def __init__(self, fleet: Fleet, permissions: Permissions) -> None:
        self._fleet = fleet
        self._permissions = permissions

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Close, self.close, self.ask_close)
        registry.on(Pause, self.hold, self.ask_hold)
        registry.on(Resume, self.hold, self.ask_hold)

    # ------------------------------------------------------------------------ close

    async def ask_close(self, ask: Close, asking: Asking) -> Question | Reply:
        """What closing it now would realize."""
        held = self._fleet.held(ask.bot)

        def again(position: str, bot: str) -> Close:
            return Close(position=position, percent=ask.percent, bot=bot)

        if not held and (silent := self._fleet.silent(ask.bot)):
            return Reply(choices.not_heard(silent), Outcome.REFUSED)
        if not ask.position:
            return Reply(choices.which_position("Close which?", held, again), outcome=None)
        found = self._fleet.holding(ask.position, ask.bot)
        if len(found) != 1:
            return Reply(choices.not_one(ask.position, found, held, again), Outcome.REFUSED)
        return await self._really_close(again(found[0].position.id, found[0].bot.name), found[0], asking)

    async def _really_close(self, ask: Close, held: Held, asking: Asking) -> Question | Reply:
        snapshot = held.bot.snapshot()
        note = how_old(snapshot.at, asking.at) if snapshot else ""
        preview: Preview | None = None
        try:
            preview = await held.bot.preview(self._closing(ask, asking))
        except Refused as refusal:
            return Reply(refused(str(refusal)), Outcome.REFUSED)
        except Unreachable as error:
            note = f"No preview: {error} {note}"
        return Question(
            ask,
            really_close(ask, held.position, preview, note),
            preview=preview.model_dump(mode="json", include={"realized", "fees", "slippage"}) if preview else {},
        )

    async def close(self, ask: Close, asking: Asking) -> Reply:
        """Close it, and say what the fills were."""
        bot = self._fleet.named(ask.bot)
        if bot is None:
            return Reply(choices.no_such_bot(ask.bot, self._fleet.names), Outcome.REFUSED)
        ended = await bot.execute(self._closing(ask, asking))
        return Reply(result([(bot.name, ended)], ask), ended.outcome)

    def _closing(self, ask: Close, asking: Asking) -> ClosePosition:
        return ClosePosition(
            id=asking.command_id,
            by=asking.person.name,
            not_after=asking.at + START_WITHIN,
            position_id=ask.position,
            percent=ask.percent,
        )

    # --------------------------------------------------------------- pause and resume

    async def ask_hold(self, ask: Hold, asking: Asking) -> Question | Reply:
        """Which scope on which bot, and what that means."""
        bots = self._fleet.bots(ask.bot)
        if not bots:
            return Reply(choices.no_such_bot(ask.bot, self._fleet.names), Outcome.REFUSED)
        if len(bots) > 1:
            return Reply(choices.which_bot(ask, self._fleet.names), outcome=None)
        bot = bots[0]
        scopes = self._scopes(bot, asking.person, ask)
        if not ask.scope:
            return Reply(choices.which_scope(ask.model_copy(update={"bot": bot.name}), scopes), outcome=None)
        scope = next((known for known in scopes if known.casefold() == ask.scope.casefold()), None)
        if scope is None:
            return Reply(choices.no_such_scope(ask, scopes), Outcome.REFUSED)
        settled = ask.model_copy(update={"scope": scope, "bot": bot.name})
        return Question(settled, really_hold(settled, (bot.name,), _meaning(settled)))

    async def hold(self, ask: Hold, asking: Asking) -> Reply:
        """Hold the bot back, or let it go on."""
        bot = self._fleet.named(ask.bot)
        if bot is None:
            return Reply(choices.no_such_bot(ask.bot, self._fleet.names), Outcome.REFUSED)
        kind: type[PauseBot | ResumeBot] = PauseBot if isinstance(ask, Pause) else ResumeBot
        command: Command = kind(
            id=asking.command_id,
            by=asking.person.name,
            reason=ask.reason,
            not_after=asking.at + START_WITHIN,
            scope=ask.scope,
        )
        ended = await bot.execute(command)
        return Reply(result([(bot.name, ended)], ask), ended.outcome)

    def _scopes(self, bot: Bot, person: Principal, ask: Hold) -> tuple[str, ...]:
        """What this person may hold back on this bot."""
        snapshot = bot.snapshot()
        venues = tuple(venue.name for venue in snapshot.venues) if snapshot else ()
        return tuple(
            scope
            for scope in (*OPERATOR_SCOPES, "all", *venues)
            if isinstance(self._permissions.check(person, ask.model_copy(update={"scope": scope})), Allowed)
        )


def _meaning(ask: Hold) -> str:
    if isinstance(ask, Resume):
        return "It may trade again as it sees fit."
    return {
        "entry": "No new positions. What is open is watched, and may be closed.",
        "exit": "The bot closes nothing by itself. You still can.",
        "all": "No new positions, and the bot closes nothing by itself. You still can.",
    }.get(ask.scope, f"No new orders on {ask.scope} by the bot itself.")
