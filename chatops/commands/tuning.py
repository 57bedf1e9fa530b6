"""Answers to how a bot is set: config, set, breakers, breaker reset."""

from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches

from bot_integration import Bot, Outcome, Parameter, ResetBreaker, SetParameter
from chatops import readings
from chatops.asks import BreakerReset, Breakers, Config, Set
from chatops.commands.orders import order, the_bot, ways_out
from chatops.commands.registry import Asking, Question, Registry, Reply, ZoneOf
from chatops.guard.permissions import Allowed, Permissions
from chatops.views import breakers, choices, tuning
from chatops.views.format import how_old
from chatops.views.trading import result


class TuningCommands:
    """Reads what the bot declares, and changes only what it declares as changeable."""

    def __init__(self, permissions: Permissions, zone_of: ZoneOf) -> None:
        """`zone_of` is in whose zone moments are told."""
        self._permissions = permissions
        self._zone_of = zone_of

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Config, self.config)
        registry.on(Set, self.set, self.ask_set)
        registry.on(Breakers, self.breakers)
        registry.on(BreakerReset, self.reset, self.ask_reset)

    # ------------------------------------------------------------------- parameters

    async def config(self, ask: Config, asking: Asking) -> Reply:
        """The categories, one of them, or one parameter where its name was typed."""
        found = _parameters(ask, asking)
        if isinstance(found, Reply):
            return found
        bot, known = found
        if not ask.category:
            return Reply(tuning.categories(bot.name, known))
        may_set = isinstance(self._permissions.check(asking.person, Set(bot=bot.name), asking.room), Allowed)
        wanted = ask.category.casefold()
        within = [one for one in known if tuning.category_of(one).casefold() == wanted]
        if within:
            return Reply(tuning.category(bot.name, tuning.category_of(within[0]), within, may_set=may_set))
        if (one := _named(known, ask.category)) is not None:
            return Reply(tuning.parameter(bot.name, one, may_set=may_set))
        return Reply(tuning.no_such_category(bot.name, ask.category, known), Outcome.REFUSED)

    async def ask_set(self, ask: Set, asking: Asking) -> Question | Reply:
        """Which parameter, to what; old and new. What does not fit is refused here, before the bot is asked."""
        found = _parameters(ask, asking)
        if isinstance(found, Reply):
            return found
        bot, known = found
        if not ask.key:
            return Reply(tuning.which_key(bot.name, known), outcome=None)
        one = _named(known, ask.key)
        if one is None:
            if within := [other for other in known if tuning.category_of(other).casefold() == ask.key.casefold()]:
                return Reply(tuning.which_of(bot.name, tuning.category_of(within[0]), within), outcome=None)
            near = get_close_matches(ask.key.casefold(), [other.key for other in known if other.hot], n=3)
            return Reply(tuning.no_such_key(bot.name, ask.key, near), Outcome.REFUSED)
        if one.secret:
            return Reply(tuning.is_secret(one), Outcome.REFUSED)
        if not one.hot:
            return Reply(tuning.not_hot(bot.name, one), Outcome.REFUSED)
        typed = ask.value if ask.to is None else str(ask.to)
        if not typed.strip():
            return Reply(tuning.which_value(bot.name, one), outcome=None)
        try:
            value = readings.read(one, typed)
        except ValueError:
            return Reply(tuning.will_not_do(bot.name, one, typed), Outcome.REFUSED)
        if value == one.value and isinstance(value, bool) is isinstance(one.value, bool):
            return Reply(tuning.is_already(bot.name, one), Outcome.REFUSED)
        settled = Set(key=one.key, to=value, bot=bot.name)
        snapshot = bot.snapshot()
        note = how_old(snapshot.at, asking.at) if snapshot else ""
        return Question(settled, tuning.really_set(settled, one, note), preview={"old": one.value, "new": value})

    async def set(self, ask: Set, asking: Asking) -> Reply:
        """Change it, and say what the bot says is true now."""
        bot = asking.fleet.named(ask.bot)
        if bot is None or ask.to is None:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        ended = await bot.execute(order(SetParameter, asking, key=ask.key, value=ask.to))
        message = result([(bot.name, ended)], ask)
        now = tuning.now_is(ask, ended, bot.snapshot())
        return Reply(replace(message, blocks=(*message.blocks, *now)), ended.outcome)

    # --------------------------------------------------------------------- breakers

    async def breakers(self, ask: Breakers, asking: Asking) -> Reply:
        """Which are active, and why."""
        seen = [(bot.name, snapshot) for bot, snapshot in asking.fleet.snapshots(ask.bot)]
        if not seen:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        reset = BreakerReset(bot=ask.bot)
        may_reset = isinstance(self._permissions.check(asking.person, reset, asking.room), Allowed)
        return Reply(breakers.breakers(seen, may_reset, self._now(asking), ask))

    async def ask_reset(self, ask: BreakerReset, asking: Asking) -> Question | Reply:
        """Why it tripped, and what resetting means."""
        bot = the_bot(ask, ask.bot, asking)
        if isinstance(bot, Reply):
            return bot
        snapshot = bot.snapshot()
        active = [one for one in breakers.known(snapshot) if one.active] if snapshot else []
        found = next((one for one in active if one.name.casefold() == ask.name.casefold()), None)
        if found is None:
            outcome = Outcome.REFUSED if ask.name else None
            return Reply(breakers.which(bot.name, snapshot, ask.name), outcome)
        settled = BreakerReset(name=found.name, bot=bot.name)
        return Question(settled, breakers.really_reset(settled, found, self._now(asking)))

    def _now(self, asking: Asking) -> datetime:
        """When they asked, as they read it."""
        return asking.at.astimezone(self._zone_of(asking))

    async def reset(self, ask: BreakerReset, asking: Asking) -> Reply:
        """Reset it."""
        bot = asking.fleet.named(ask.bot)
        if bot is None:
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        ended = await bot.execute(order(ResetBreaker, asking, breaker=ask.name))
        ways = ways_out(bot, asking, self._permissions) if ended.outcome is Outcome.REFUSED else ()
        return Reply(result([(bot.name, ended)], ask, ways), ended.outcome)


def _parameters(ask: Config | Set, asking: Asking) -> tuple[Bot, tuple[Parameter, ...]] | Reply:
    """The one bot that is meant, with what it declares; or what is said instead."""
    bot = the_bot(ask, ask.bot, asking)
    if isinstance(bot, Reply):
        return bot
    snapshot = bot.snapshot()
    return Reply(choices.not_heard([bot.name]), Outcome.REFUSED) if snapshot is None else (bot, snapshot.parameters)


def _named(known: tuple[Parameter, ...], key: str) -> Parameter | None:
    folded = key.casefold()
    return next((one for one in known if one.key.casefold() == folded), None)
