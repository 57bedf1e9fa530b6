"""Answers to what acts on one position: close, rebalance, hold. Each asks twice."""

from bot_integration import Bot, ClosePosition, Command, CommandResult, Outcome, OverrideExit, Refused
from bot_integration import Rebalance as RebalancePosition
from chatops import moments
from chatops.asks import Ask, Close, Hold, Rebalance
from chatops.commands.orders import foreseen, order, the_position, ways_out
from chatops.commands.registry import Asking, Question, Registry, Reply, ZoneOf
from chatops.fleet import Held
from chatops.guard.permissions import Permissions
from chatops.views import choices, holding
from chatops.views.format import how_old
from chatops.views.trading import preview_facts, really_close, really_rebalance, refused, result


class TradingCommands:
    """Turns confirmed asks into commands with an id, a name and a deadline."""

    def __init__(self, permissions: Permissions, zone_of: ZoneOf) -> None:
        """`zone_of` is in whose zone somebody means a time of the day."""
        self._permissions = permissions
        self._zone_of = zone_of

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Close, self.close, self.ask_close)
        registry.on(Rebalance, self.rebalance, self.ask_rebalance)
        registry.on(Hold, self.hold, self.ask_hold)

    # ------------------------------------------------------------------------ close

    async def ask_close(self, ask: Close, asking: Asking) -> Question | Reply:
        """What closing it now would realize."""

        def again(position: str, bot: str) -> Close:
            return Close(position=position, percent=ask.percent, bot=bot)

        held = the_position("Close which?", ask.position, ask.bot, asking, again)
        if isinstance(held, Reply):
            return held
        ask = again(held.position.id, held.bot.name)
        try:
            preview, missing = await foreseen(held.bot, self._closing(ask, asking))
        except Refused as refusal:
            return self._refused(held.bot, str(refusal), asking)
        note = f"{missing} {_whose(held, asking)}".strip()
        return Question(
            ask,
            really_close(ask, held.position, preview, note),
            preview=preview_facts(held.position, preview, ask.percent),
        )

    async def close(self, ask: Close, asking: Asking) -> Reply:
        """Close it, and say what the fills were."""
        return await self._carry_out(ask, ask.bot, self._closing(ask, asking), asking)

    def _closing(self, ask: Close, asking: Asking) -> ClosePosition:
        return order(ClosePosition, asking, position_id=ask.position, percent=ask.percent)

    # -------------------------------------------------------------------- rebalance

    async def ask_rebalance(self, ask: Rebalance, asking: Asking) -> Question | Reply:
        """What the bot would trade and move."""

        def again(position: str, bot: str) -> Rebalance:
            return Rebalance(position=position, bot=bot)

        held = the_position("Rebalance which?", ask.position, ask.bot, asking, again)
        if isinstance(held, Reply):
            return held
        ask = again(held.position.id, held.bot.name)
        command = order(RebalancePosition, asking, position_id=ask.position)
        try:
            preview, missing = await foreseen(held.bot, command)
        except Refused as refusal:
            return self._refused(held.bot, str(refusal), asking)
        note = f"{missing} {_whose(held, asking)}".strip()
        return Question(
            ask, really_rebalance(ask, held.position, preview, note), preview=preview_facts(held.position, preview)
        )

    async def rebalance(self, ask: Rebalance, asking: Asking) -> Reply:
        """Rebalance it, and say what was moved."""
        command = order(RebalancePosition, asking, position_id=ask.position)
        return await self._carry_out(ask, ask.bot, command, asking)

    # ------------------------------------------------------------------------- hold

    async def ask_hold(self, ask: Hold, asking: Asking) -> Question | Reply:
        """Until when, against what the risk manager wants."""

        def again(position: str, bot: str) -> Hold:
            return Hold(position=position, until=ask.until, bot=bot)

        held = the_position("Hold which?", ask.position, ask.bot, asking, again)
        if isinstance(held, Reply):
            return held
        ask = again(held.position.id, held.bot.name)
        zone = self._zone_of(asking)
        until = None
        if ask.until not in ("", "off"):
            try:
                until = moments.read(ask.until, asking.at, zone)
            except ValueError as error:
                return Reply(holding.no_such_moment(ask, str(error)), Outcome.REFUSED)
            # In one way from here on: what is confirmed is that moment, and not so long after the press.
            ask = ask.model_copy(update={"until": until.isoformat().casefold()})
        if ask.until == "off" and not held.position.risk.held:
            return Reply(holding.not_held(held.bot.name, held.position), Outcome.REFUSED)
        note = _whose(held, asking)
        question = holding.really_hold(ask, held.position, until, asking.at.astimezone(zone), note=note)
        return Question(ask, question)

    async def hold(self, ask: Hold, asking: Asking) -> Reply:
        """Overrule the risk manager, or let it judge again."""
        try:
            until = None if ask.until in ("", "off") else moments.read(ask.until, asking.at, self._zone_of(asking))
        except ValueError as error:
            return Reply(holding.no_such_moment(ask, str(error)), Outcome.REFUSED)
        command = order(OverrideExit, asking, position_id=ask.position, hold=ask.until != "off", until=until)
        return await self._carry_out(ask, ask.bot, command, asking)

    # ----------------------------------------------------------------------- inside

    async def _carry_out(self, ask: Ask, name: str, command: Command, asking: Asking) -> Reply:
        bot = asking.fleet.named(name)
        if bot is None:
            return Reply(choices.no_such_bot(name, asking.fleet.names), Outcome.REFUSED)
        ended: CommandResult = await bot.execute(command)
        ways = ways_out(bot, asking, self._permissions) if ended.outcome is Outcome.REFUSED else ()
        return Reply(result([(bot.name, ended)], ask, ways), ended.outcome)

    def _refused(self, bot: Bot, reason: str, asking: Asking) -> Reply:
        return Reply(refused(reason, ways_out(bot, asking, self._permissions)), Outcome.REFUSED)


def _whose(held: Held, asking: Asking) -> str:
    """Of which bot it is, where there are several, and how old its facts are."""
    snapshot = held.bot.snapshot()
    said = [f"On {held.bot.name}."] if len(asking.fleet.names) > 1 else []
    return " ".join([*said, *([how_old(snapshot.at, asking.at)] if snapshot else [])])
