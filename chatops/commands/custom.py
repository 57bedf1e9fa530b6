"""Answers to the words of bot authors: what is missing is asked for, the rest is for the bot to judge."""

from datetime import UTC, datetime, tzinfo

from bot_integration import Argument, ArgumentType, Bot, Custom, Outcome, Refused
from chatops import moments
from chatops.asks.custom import CustomAsk, Gone, field_of
from chatops.commands.orders import foreseen, order
from chatops.commands.registry import Asking, Question, Registry, Reply, ZoneOf
from chatops.messages import Wanted
from chatops.views import answers, choices, custom
from chatops.views.format import how_old
from chatops.views.trading import refused


class CustomCommands:
    """One answer for all of them; `zone_of` is in whose zone somebody means a time of the day."""

    def __init__(self, zone_of: ZoneOf) -> None:
        self._zone_of = zone_of

    def register(self, registry: Registry) -> None:
        """Answer these words, whichever there are."""
        registry.on(CustomAsk, self.run, self.ask)
        registry.on(Gone, self.gone)

    async def ask(self, ask: CustomAsk, asking: Asking) -> Question | Reply:
        """What it would do, once all is said."""
        whole = self._whole(ask, asking)
        if isinstance(whole, Reply):
            return whole
        ask, bot = whole
        try:
            preview, note = await foreseen(bot, _command(ask, asking))
        except Refused as refusal:
            return Reply(refused(str(refusal)), Outcome.REFUSED)
        snapshot = bot.snapshot()
        age = how_old(snapshot.at, asking.at) if snapshot else ""
        facts = preview.model_dump(mode="json", include={"realized", "fees", "slippage"}) if preview else {}
        return Question(ask, custom.really(ask, preview, f"{note} {age}".strip()), preview=facts)

    async def run(self, ask: CustomAsk, asking: Asking) -> Reply:
        """Have the bot do it."""
        whole = self._whole(ask, asking)
        if isinstance(whole, Reply):
            return whole
        ask, bot = whole
        ended = await bot.execute(_command(ask, asking))
        return Reply(custom.ended(ask, bot.name, ended), ended.outcome)

    async def gone(self, ask: Gone, asking: Asking) -> Reply:
        """That nobody has this word now."""
        return Reply(custom.gone(ask, asking.fleet.silent()), Outcome.REFUSED)

    def _whole(self, ask: CustomAsk, asking: Asking) -> tuple[CustomAsk, Bot] | Reply:
        """The ask with all that it needs and its bot, or the next question."""
        bot = self._bot(ask, asking)
        if isinstance(bot, Reply):
            return bot
        ask = ask.model_copy(update={"bot": bot.name})
        missing = ask.missing
        if missing is not None:
            return Reply(custom.which(ask, missing, asking.fleet.held(bot.name)), outcome=None)
        settled = self._positions(ask, bot, asking)
        return settled if isinstance(settled, Reply) else self._moments(settled, bot, asking)

    def _bot(self, ask: CustomAsk, asking: Asking) -> Bot | Reply:
        if ask.bot:
            named = asking.fleet.named(ask.bot)
            if named is None:
                return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
            return named if named.name in ask.bots else Reply(custom.not_its(ask, named.name), Outcome.REFUSED)
        able = [bot for bot in asking.fleet.bots() if bot.name in ask.bots]
        if not able:
            return Reply(custom.nobodys(ask), Outcome.REFUSED)
        if len(able) > 1:
            return Reply(choices.which_bot(ask, [bot.name for bot in able]), outcome=None)
        return able[0]

    def _positions(self, ask: CustomAsk, bot: Bot, asking: Asking) -> CustomAsk | Reply:
        """With each position by its id, however it was named."""
        for one in ask.declared.arguments:
            wanted = ask.values.get(one.name)
            if one.type is not ArgumentType.POSITION or wanted is None:
                continue
            found = asking.fleet.holding(wanted, bot.name)
            if len(found) != 1:
                held = asking.fleet.held(bot.name)

                def again(position: str, _: str, ask: CustomAsk = ask, one: Argument = one) -> CustomAsk:
                    return ask.told(one, position) if position else ask

                return Reply(choices.not_one(wanted, found, held, again), Outcome.REFUSED)
            ask = ask.told(one, found[0].position.id)
        return ask

    def _moments(self, ask: CustomAsk, bot: Bot, asking: Asking) -> tuple[CustomAsk, Bot] | Reply:
        """With each moment as one of the calendar, in their time: "2h" must not begin anew with every press."""
        zone = self._zone_of(asking)
        for one in ask.declared.arguments:
            typed = ask.values.get(one.name)
            if one.type is not ArgumentType.MOMENT or typed is None:
                continue
            try:
                moment = _moment(typed, asking.at, zone)
            except ValueError as error:
                fault = f"“{typed}” will not do as {one.name}: {error}."
                again = ask.model_copy(update={field_of(one): None})
                return Reply(answers.say_again(fault, Wanted(again, field_of(one))), Outcome.REFUSED)
            ask = ask.told(one, moment.astimezone(zone).isoformat())
        return ask, bot


def _moment(typed: str, now: datetime, zone: tzinfo) -> datetime:
    try:
        dated = datetime.fromisoformat(typed)
    except ValueError:
        return moments.read(typed, now, zone)
    return (dated if dated.tzinfo else dated.replace(tzinfo=zone)).astimezone(UTC)


def _command(ask: CustomAsk, asking: Asking) -> Custom:
    values = ask.values
    for one in ask.declared.arguments:
        if one.type is ArgumentType.MOMENT and one.name in values:
            values[one.name] = datetime.fromisoformat(values[one.name]).astimezone(UTC).isoformat()
    return order(Custom, asking, custom=ask.declared.name, values=values)
