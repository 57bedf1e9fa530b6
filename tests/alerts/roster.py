"""People and rooms that a test moves about."""

from collections.abc import Mapping
from datetime import datetime

from alerts.model import Alert, Target, TargetKind
from alerts.policy import Whom
from alerts.severity import Severity


def room(name: str) -> Target:
    return Target(TargetKind.ROOM, name)


def person(name: str) -> Target:
    return Target(TargetKind.PERSON, name)


class MovableRoster:
    """A `Roster` of one room, three operators of whom one is an admin, and a pager."""

    def __init__(self) -> None:
        self.rooms = ["ops"]
        self.on_call: list[str] = ["ada", "bob"]
        self.operators: list[str] = ["ada", "bob", "cyn"]
        self.admins: list[str] = ["cyn"]
        self.channels = ["pager"]
        #: Of those that are not in `rooms` meanwhile.
        self.muted_rooms: set[str] = set()
        #: By the name of a room, until when it is quiet.
        self.quiet: dict[str, datetime] = {}
        #: Who is told in place of whom.
        self.in_place_of: dict[Target, Target] = {}
        #: Asked about this subject it breaks.
        self.breaks_at: str | None = None

    def revoke(self, name: str) -> None:
        for people in (self.on_call, self.operators, self.admins):
            people[:] = [one for one in people if one != name]

    def targets(self, word: str, alert: Alert, at: datetime) -> tuple[Target, ...]:
        if alert.key.subject == self.breaks_at:
            raise ValueError("it broke")
        rooms = tuple(map(room, self.rooms))
        operators = tuple(map(person, self.operators))
        channels = tuple(Target(TargetKind.CHANNEL, name) for name in self.channels)
        everyone = (*rooms, *operators, *channels)
        by_word = {
            Whom.ROOMS: rooms,
            Whom.ONCALL: tuple(map(person, self.on_call[:1])),
            Whom.NEXT: tuple(map(person, self.on_call[1:2])),
            Whom.OPERATORS: operators,
            Whom.ADMINS: tuple(map(person, self.admins)),
            Whom.CHANNELS: channels,
            Whom.EVERYONE: everyone,
        }
        named = tuple(one for one in everyone if str(one) == word)
        return next((found for whom, found in by_word.items() if whom == word), named)

    def standing_in(self, word: str, alert: Alert, at: datetime) -> Mapping[Target, Target]:
        meant = set(self.targets(word, alert, at))
        return {one: lost for one, lost in self.in_place_of.items() if {one, lost} <= meant}

    def muted(self, target: Target) -> bool:
        return target.name in self.muted_rooms

    def hushed(self, target: Target, severity: Severity, at: datetime) -> datetime | None:
        until = self.quiet.get(target.name)
        return until if until is not None and at < until else None
