"""Who stands behind the words of a policy at this desk: its rooms, its people, who is on call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime

from alerts.model import Alert, Target, TargetKind
from alerts.policy import Whom
from alerts.quiet import QuietHours
from alerts.severity import Severity
from alerts.terms import Terms
from chatops.alerting.places import Place, Places
from chatops.alerting.shifts import Shifts
from chatops.alerting.ways import Ways
from chatops.habits import Habits
from chatops.people import Directory, Principal, Role
from chatops.room import Room

NO_CHANNELS: Mapping[str, Room] = {}


async def _everybody_is(person: Principal) -> bool:
    return True


class AlertRoster:
    """A `Roster`. Where a room cannot be reached the rooms of other platforms stand in, and for a person the next."""

    def __init__(
        self,
        directory: Directory,
        direct: Callable[[Principal], Sequence[Room]],
        places: Places,
        shifts: Shifts,
        ways: Ways,
        *,
        muted: Callable[[Room], bool],
        terms: Callable[[], Mapping[str, Terms]],
        channels: Callable[[], Mapping[str, Room]] = lambda: NO_CHANNELS,
        habits: Habits | None = None,
        is_heard: Callable[[Principal], Awaitable[bool]] = _everybody_is,
    ) -> None:
        """`direct` gives the rooms in which somebody alone reads; `channels` by name where each is told.

        `habits` is what rooms and people chose of quiet hours; without it what the settings say of rooms holds.
        `is_heard` is whether a platform lets somebody ask: not everybody whom it takes messages for.
        """
        self._directory = directory
        self._direct = direct
        self._places = places
        self._shifts = shifts
        self._ways = ways
        self._muted = muted
        self._terms = terms
        self._channels = channels
        self._habits = habits
        self._is_heard = is_heard

    # ------------------------------------------------------------------------ whom a word means

    def targets(self, word: str, alert: Alert, at: datetime) -> tuple[Target, ...]:
        """Whom a word of a policy means for this alert."""
        match word:
            case Whom.ROOMS:
                return self._rooms(alert)
            case Whom.ONCALL:
                return self._on_call(alert, at)
            case Whom.NEXT:
                return self._people([self._shifts.next(at)], alert)
            case Whom.OPERATORS:
                return self._of_role(Role.OPERATOR, alert)
            case Whom.ADMINS:
                return self._of_role(Role.ADMIN, alert)
            case Whom.CHANNELS:
                channels = (Target(TargetKind.CHANNEL, name) for name in self._channels())
                return tuple(one for one in channels if self.rooms_of(one))
            case Whom.EVERYONE:
                return self._everyone(alert, at)
            case _:
                return self._named(word, alert)

    def standing_in(self, word: str, alert: Alert, at: datetime) -> Mapping[Target, Target]:
        """Those of them who are told in place of somebody who is not reached, and in place of whom."""
        match word:
            case Whom.ROOMS:
                meant = self._meant(alert)
                return self._in_place(_rooms(meant), _rooms(self._fallback(meant, alert)))
            case Whom.ONCALL:
                people = self._on_call(alert, at)
                return self._in_place(people[:1], people[1:])
            case Whom.EVERYONE:
                return self.standing_in(Whom.ROOMS, alert, at)
            case _:
                return {}

    def muted(self, target: Target) -> bool:
        """Whether somebody muted this room."""
        place = self._places.named(target.name) if target.kind is TargetKind.ROOM else None
        return place is not None and self._ways.exists(place.room) and self._muted(place.room)

    def hushed(self, target: Target, severity: Severity, at: datetime) -> datetime | None:
        """Until when the quiet hours of a room hold, or a person's own; channels have none."""
        quiet = self._quiet(target)
        return quiet.ends_at(at) if quiet is not None else None

    def _quiet(self, target: Target) -> QuietHours | None:
        match target.kind:
            case TargetKind.ROOM:
                place = self._places.named(target.name)
                if place is None or self._habits is None:
                    return None if place is None else place.quiet
                return self._habits.quiet_in(place.room, place.quiet)
            case TargetKind.PERSON:
                room = next(iter(self.rooms_of(target)), None)
                return None if room is None or self._habits is None else self._habits.quiet_of(target.name, room)
            case TargetKind.CHANNEL:
                return None

    def is_reached(self, target: Target) -> bool:
        """Whether anything that is said to it arrives."""
        return any(map(self._ways.is_open, self.rooms_of(target)))

    async def able(self) -> list[Principal]:
        """Those who may say that they have an alert in hand, whom a message reaches and whose answer is heard."""
        found = [one for one in self._directory.people if one.role.covers(Role.OPERATOR) and one.identities]
        heard = await asyncio.gather(*map(self._is_heard, found))
        return [one for one, is_heard in zip(found, heard, strict=True) if is_heard]

    # ------------------------------------------------------------------------ where they are

    def rooms_of(self, target: Target) -> tuple[Room, ...]:
        """Every room in which a target is told: of a person one on each platform."""
        match target.kind:
            case TargetKind.ROOM:
                place = self._places.named(target.name)
                return () if place is None or not self._ways.exists(place.room) else (place.room,)
            case TargetKind.PERSON:
                person = self._directory.named(target.name)
                return () if person is None else tuple(self._direct(person))
            case TargetKind.CHANNEL:
                room = self._channels().get(target.name)
                return () if room is None or not self._ways.exists(room) else (room,)

    # ------------------------------------------------------------------------ inside

    def _named(self, word: str, alert: Alert) -> tuple[Target, ...]:
        kind, _, name = word.partition(":")
        match kind:
            case TargetKind.ROOM:
                place = self._places.named(name)
                return () if place is None else _rooms([place] if self._may_hear(place) else [])
            case TargetKind.PERSON:
                return self._people([name], alert)
            case TargetKind.CHANNEL:
                same = [one for one in self._channels() if one.casefold() == name.casefold()]
                channels = (Target(TargetKind.CHANNEL, one) for one in same)
                return tuple(one for one in channels if self.rooms_of(one))
            case _:
                return ()

    def _may_hear(self, place: Place) -> bool:
        return self._ways.exists(place.room) and not self._muted(place.room)

    def _rooms(self, alert: Alert) -> tuple[Target, ...]:
        meant = self._meant(alert)
        return _rooms([*meant, *self._fallback(meant, alert)])

    def _meant(self, alert: Alert) -> list[Place]:
        """Those that its rule names, else all that receive alerts."""
        terms = self._terms().get(alert.key.rule)
        only = {name.casefold() for name in terms.rooms} if terms is not None else set()
        return [
            one
            for one in (self._places.all if only else self._places.receiving)
            if self._may_hear(one) and (not only or one.name.casefold() in only)
        ]

    def _fallback(self, meant: Sequence[Place], alert: Alert) -> list[Place]:
        """Where some are not reached, from critical up, rooms that are: those that receive alerts, else any."""
        if not alert.severity.reaches(Severity.CRITICAL) or all(self._ways.is_open(one.room) for one in meant):
            return []
        others = [
            one for one in self._places.all if one not in meant and self._may_hear(one) and self._ways.is_open(one.room)
        ]
        return [one for one in others if one.receives] or others

    def _in_place(self, meant: Sequence[Target], others: Sequence[Target]) -> dict[Target, Target]:
        """The others, and which of those who are meant is not reached."""
        lost = next((one for one in meant if not self.is_reached(one)), None)
        return {} if lost is None else dict.fromkeys(others, lost)

    def _on_call(self, alert: Alert, at: datetime) -> tuple[Target, ...]:
        """Who is on call; where nothing reaches them the next one too, now."""
        found = self._people([self._shifts.on_call(at)], alert)
        if found and not self.is_reached(found[0]):
            found += self._people([self._shifts.next(at)], alert)
        return tuple(dict.fromkeys(found))

    def _people(self, names: Iterable[str | None], alert: Alert) -> tuple[Target, ...]:
        people = (self._directory.named(name) for name in names if name)
        return tuple(self._person(one) for one in people if one is not None and self._may_be_told(one, alert))

    def _of_role(self, role: Role, alert: Alert) -> tuple[Target, ...]:
        people = (one for one in self._directory.people if one.role.covers(role))
        return tuple(self._person(one) for one in people if self._may_be_told(one, alert))

    def _may_be_told(self, person: Principal, alert: Alert) -> bool:
        """Of a bot that is not theirs nothing is said to them; and they have to be somewhere."""
        return (not alert.key.bot or person.may_see(alert.key.bot)) and bool(self._direct(person))

    def _everyone(self, alert: Alert, at: datetime) -> tuple[Target, ...]:
        words = (Whom.ROOMS, Whom.ONCALL, Whom.OPERATORS, Whom.CHANNELS)
        return tuple(dict.fromkeys(one for word in words for one in self.targets(word, alert, at)))

    @staticmethod
    def _person(person: Principal) -> Target:
        return Target(TargetKind.PERSON, person.name)


def _rooms(places: Iterable[Place]) -> tuple[Target, ...]:
    return tuple(dict.fromkeys(Target(TargetKind.ROOM, one.name) for one in places))
