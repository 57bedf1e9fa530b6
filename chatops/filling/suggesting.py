"""What there is that an argument may name: of what whoever asks may see, and nothing secret."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alerts.amending import keys
from alerts.model import Alert
from alerts.silence import Silence, in_force
from alerts.terms import Terms
from bot_integration import Snapshot
from chatops.alert_record import StandIn
from chatops.asks import OPERATOR_SCOPES, Ask, GiveOncall
from chatops.asks.ask import Thing
from chatops.commands.alerts import seen
from chatops.commands.silences import may_end, subjects
from chatops.fleet import Fleet
from chatops.forms import Option
from chatops.guard.permissions import Allowed, Permissions
from chatops.people import Directory, Principal
from chatops.storage.errors import DatabaseAway
from chatops.views import breakers
from chatops.views.alert_list import short
from chatops.views.danger import urgency
from chatops.views.silences import about
from chatops.views.tuning import category_of


class Shifts(Protocol):
    """Who stands in."""

    @property
    def stand_ins(self) -> tuple[StandIn, ...]:
        """Now or later."""
        ...


class Alerted(Protocol):
    """What alerts there are, and what of them is not told."""

    def now(self) -> datetime:
        """By the clock that alerts go by."""
        ...

    def open(self, bot: str = "") -> Sequence[Alert]:
        """Those that stand, the worst first."""
        ...

    async def silences(self) -> list[Silence]:
        """Those in force and to come. Raises `DatabaseAway`."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """An argument that somebody is about to fill in."""

    person: Principal
    #: What they may see of the bots that know the word.
    fleet: Fleet
    kind: type[Ask]
    argument: str
    #: So far.
    typed: str
    #: Into the other arguments.
    filled: Mapping[str, str]

    @property
    def bot(self) -> str:
        """The bot that is meant; empty where that is open."""
        return self.filled.get("bot", "")


class Suggesting:
    """Lists it, the likeliest first. It does not raise."""

    def __init__(
        self,
        alerts: Alerted,
        rules: Callable[[], Mapping[str, Terms]],
        shifts: Shifts,
        *,
        directory: Directory,
        permissions: Permissions,
        rooms: Collection[str],
        able: Callable[[], Awaitable[Sequence[Principal]]],
    ) -> None:
        """`rooms` are the names that the settings give to rooms; `able` gives those who could answer an alert."""
        self._alerts = alerts
        self._rules = rules
        self._shifts = shifts
        self._directory = directory
        self._permissions = permissions
        self._rooms = rooms
        self._able = able
        self._lists: Mapping[Thing, Callable[[Gap], Iterable[Option]]] = {
            Thing.ALERT: self._open,
            Thing.BOT: lambda gap: _plain(gap.fleet.names),
            Thing.BREAKER: _tripped,
            Thing.CATEGORY: _categories,
            Thing.PARAMETER: _parameters,
            Thing.PERSON: self._people,
            Thing.POSITION: _positions,
            Thing.ROOM: lambda gap: _plain(self._rooms),
            Thing.RULE: lambda gap: _plain(self._rules()),
            Thing.SCOPE: self._scopes,
            Thing.SILENCED: self._silenced,
            Thing.STAND_IN: self._stand_ins,
            Thing.TERM: self._terms,
            Thing.TIME: _times,
        }

    async def options(self, gap: Gap) -> Iterable[Option]:
        """All that may stand there."""
        thing = gap.kind.names(gap.argument)
        if thing is Thing.SILENCE:
            return await self._silences(gap.person)
        if thing is Thing.PERSON and gap.kind is GiveOncall:
            return _plain(one.name for one in await self._able())
        return () if thing is None else self._lists[thing](gap)

    # ------------------------------------------------------------------------ of the desk

    def _open(self, gap: Gap) -> list[Option]:
        standing = seen(self._alerts.open(gap.bot), gap.person)
        return [Option(str(one.number), short(one)) for one in standing if one.number]

    def _silenced(self, gap: Gap) -> Iterable[Option]:
        named = subjects(seen(self._alerts.open(gap.bot), gap.person), gap.fleet)
        return (*self._open(gap), *_plain((*self._rules(), *named)))

    async def _silences(self, person: Principal) -> Iterable[Option]:
        try:
            every = in_force(await self._alerts.silences(), self._alerts.now())
        except DatabaseAway:
            return ()
        numbers: dict[object, int] = {one.id: one.number for one in self._alerts.open()}
        theirs = (one for one in every if may_end(one, person))
        return [Option(str(one.number), f"{one.number}: {about(one, numbers)}") for one in theirs]

    def _terms(self, gap: Gap) -> Iterable[Option]:
        folded = gap.filled.get("rule", "").casefold()
        found = next((terms for name, terms in self._rules().items() if name.casefold() == folded), None)
        return [Option(one.key, f"{one.key} ({one.text})") for one in keys(found)] if found is not None else ()

    def _scopes(self, gap: Gap) -> Iterator[Option]:
        """What this person may hold back, or let go on."""
        venues = (venue.name for facts in _facts(gap) for venue in facts.venues)
        for scope in dict.fromkeys((*OPERATOR_SCOPES, "all", *venues)):
            ask = gap.kind().model_copy(update={gap.argument: scope})
            if isinstance(self._permissions.check(gap.person, ask), Allowed):
                yield Option(scope)

    def _people(self, gap: Gap) -> Iterable[Option]:
        return _plain(one.name for one in self._directory.people)

    def _stand_ins(self, gap: Gap) -> Iterable[Option]:
        return [Option(str(one.number), f"{one.number}: {one.override.who}") for one in self._shifts.stand_ins]


def _plain(names: Iterable[str]) -> tuple[Option, ...]:
    return tuple(map(Option, dict.fromkeys(names)))


def _facts(gap: Gap) -> Iterator[Snapshot]:
    return (facts for _, facts in gap.fleet.snapshots(gap.bot) if facts is not None)


def _positions(gap: Gap) -> Iterator[Option]:
    """Each with its bot where there are several, the most endangered first; one of a name that several hold once."""
    several = len(gap.fleet.names) > 1
    holders: dict[str, list[str]] = {}
    for held in sorted(gap.fleet.held(gap.bot), key=lambda one: urgency(one.position)):
        holders.setdefault(held.position.id, []).append(held.bot.name)
    for named, bots in holders.items():
        yield Option(named, f"{named} {', '.join(bots)}" if several else "")


def _parameters(gap: Gap) -> Iterable[Option]:
    """Those that change while a bot runs."""
    every = (one for facts in _facts(gap) for one in facts.parameters)
    return _plain(one.key for one in every if one.hot and not one.secret)


def _categories(gap: Gap) -> Iterable[Option]:
    return _plain(category_of(one) for facts in _facts(gap) for one in facts.parameters)


def _tripped(gap: Gap) -> Iterable[Option]:
    return _plain(one.name for facts in _facts(gap) for one in breakers.known(facts) if one.active)


def _times(gap: Gap) -> Iterable[Option]:
    """Anything can be typed there, and is offered as it was."""
    typed = " ".join(gap.typed.split())
    examples = map(str, gap.kind.model_fields[gap.argument].examples or ())
    return _plain((*([typed] if typed else []), *examples))
