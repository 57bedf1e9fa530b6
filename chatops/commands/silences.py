"""Answers to what is not to be told for a while: silence, unsilence, silences."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from alerts.model import Alert
from alerts.severity import Severity
from alerts.silence import Silence, in_force, parse_length
from alerts.subjects import standing
from bot_integration import Outcome
from chatops.asks import Silence as Hush
from chatops.asks import Silences, Unsilence
from chatops.commands.alerts import seen
from chatops.commands.registry import Asking, Registry, Reply, ZoneOf
from chatops.fleet import Fleet
from chatops.guard.permissions import Allowed, Permissions
from chatops.layout import fit
from chatops.people import Principal
from chatops.views import silences as views


class Silencing(Protocol):
    """What stands, and what of it is not told."""

    def now(self) -> datetime:
        """By the clock that alerts go by."""
        ...

    def open(self, bot: str = "") -> Sequence[Alert]:
        """Those that stand, of one bot or of all."""
        ...

    async def silences(self) -> list[Silence]:
        """Those in force and to come. Raises `DatabaseAway`."""
        ...

    async def silence(
        self,
        by: str,
        length: timedelta | None,
        *,
        alert: Alert | None = None,
        rule: str = "",
        bot: str = "",
        subject: str = "",
        up_to: Severity = Severity.CRITICAL,
        reason: str = "",
    ) -> Silence:
        """Make one; None: until it is resolved. Raises `ValueError` with what is allowed, and `DatabaseAway`."""
        ...

    async def unsilence(self, number: int, by: str) -> Silence | None:
        """End one before its time; None where none of this number holds. Raises `DatabaseAway`."""
        ...


class SilenceCommands:
    """Silences what whoever asks may see. Nothing of it is kept anywhere but in the database."""

    def __init__(
        self, alerting: Silencing, rules: Callable[[], Collection[str]], permissions: Permissions, zone_of: ZoneOf
    ) -> None:
        """`rules` are the names of those there are; `zone_of` is in whose zone moments are told."""
        self._alerting = alerting
        self._zone_of = zone_of
        self._rules = rules
        self._permissions = permissions

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Hush, self.silence)
        registry.on(Silences, self.silences)
        registry.on(Unsilence, self.unsilence)

    async def silences(self, ask: Silences, asking: Asking) -> Reply:
        """Those in force."""
        may_end = isinstance(self._permissions.check(asking.person, Unsilence(), asking.room), Allowed)
        now = self._now(asking)
        return Reply(views.silences(await self._in_force(asking.person), self._numbers(), now, may_end=may_end))

    async def silence(self, ask: Hush, asking: Asking) -> Reply:
        """Make one; what is left open is asked for with buttons."""
        open_now = seen(self._alerting.open(), asking.person)
        rules = sorted(self._rules())
        if not ask.what:
            return Reply(views.which(open_now, rules), outcome=None)
        if ask.bot and not asking.fleet.bots(ask.bot):
            return Reply(views.which(open_now, rules, f"There is no bot “{fit(ask.bot, 20)}”."), Outcome.REFUSED)
        one = _alert(ask.what, open_now)
        rule, subject = ("", "") if one is not None else _about(ask.what, rules, open_now, asking.fleet)
        if one is None and not rule and not subject:
            said = f"“{fit(ask.what, 20)}” is no alert that stands, no rule, no position, leg or venue."
            if ask.bot and _is_length(ask.what):
                said = f"A bot is not silenced whole: name a rule, a position, a leg or a venue of {fit(ask.bot, 20)}."
            return Reply(views.which(open_now, rules, said), Outcome.REFUSED)
        if one is None and not ask.bot and asking.person.bots is not None:
            # Whoever is bound to some bots keeps nobody else's quiet.
            if len(asking.fleet.names) != 1:
                return Reply(views.which_bot(ask, asking.fleet.names), outcome=None)
            ask = ask.model_copy(update={"bot": asking.fleet.names[0]})
        if not ask.length:
            return Reply(views.how_long(ask, one), outcome=None)
        bot = asking.fleet.named(ask.bot) if ask.bot else None
        try:
            made = await self._alerting.silence(
                asking.person.name,
                parse_length(ask.length),
                alert=one,
                rule=rule,
                bot=bot.name if bot is not None else "",
                subject=subject,
            )
        except ValueError as error:
            said = str(error)
            return Reply(views.how_long(ask, one, f"{said[:1].upper()}{said[1:]}."), Outcome.REFUSED)
        return Reply(views.silenced(made, self._numbers(), self._now(asking)))

    async def unsilence(self, ask: Unsilence, asking: Asking) -> Reply:
        """End one before its time."""
        found = await self._in_force(asking.person)
        if not ask.number:
            return Reply(views.which_to_end(found, self._numbers()), outcome=None)
        # What another of them holds back too is not shown, and can be ended all the same.
        theirs = {one.number for one in await self._alerting.silences() if may_end(one, asking.person)}
        gone = await self._alerting.unsilence(ask.number, asking.person.name) if ask.number in theirs else None
        if gone is None:
            said = f"There is no silence {ask.number} in force."
            return Reply(views.which_to_end(found, self._numbers(), said), Outcome.REFUSED)
        return Reply(views.ended(gone, self._numbers()))

    # ------------------------------------------------------------------------ inside

    def _now(self, asking: Asking) -> datetime:
        """As who asks reads it."""
        return self._alerting.now().astimezone(self._zone_of(asking))

    async def _in_force(self, person: Principal) -> list[Silence]:
        every = in_force(await self._alerting.silences(), self._alerting.now())
        return [one for one in every if may_end(one, person)]

    def _numbers(self) -> dict[object, int]:
        return {one.id: one.number for one in self._alerting.open()}


def _alert(what: str, open_now: Sequence[Alert]) -> Alert | None:
    number = what.removeprefix("#")
    return next((one for one in open_now if str(one.number) == number), None)


def _about(what: str, rules: Sequence[str], open_now: Sequence[Alert], fleet: Fleet) -> tuple[str, str]:
    """The rule or else the subject of this name, as it is written; both empty where it is neither."""
    folded = what.casefold()
    if rule := next((one for one in rules if one.casefold() == folded), ""):
        return rule, ""
    return "", next((one for one in subjects(open_now, fleet) if one.casefold() == folded), "")


def _is_length(text: str) -> bool:
    try:
        parse_length(text)
    except ValueError:
        return False
    return True


def subjects(open_now: Sequence[Alert], fleet: Fleet) -> Iterator[str]:
    """What a silence may be about besides alerts and rules: positions, legs and venues, some of them twice."""
    for one in open_now:
        yield from filter(None, (one.key.subject, one.reading.position))
    for _, snapshot in fleet.snapshots():
        if snapshot is not None:
            yield from filter(None, sorted(standing(snapshot)))


def may_end(one: Silence, person: Principal) -> bool:
    """Whether it is theirs to see, and to end."""
    return person.bots is None or one.by == person.name or (bool(one.bot) and person.may_see(one.bot))
