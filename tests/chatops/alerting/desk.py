"""A desk's rooms and people, as alerts know them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.model import Alert
from alerts.oncall import Override, Rotation
from alerts.quiet import QuietHours, parse_hours
from alerts.severity import Severity
from alerts.terms import DEFAULTS, Terms
from chatops.alert_record import StandIn
from chatops.alerting.places import Place, Places
from chatops.alerting.roster import AlertRoster
from chatops.alerting.shifts import Shifts
from chatops.alerting.ways import Ways
from chatops.link import Away, Connected, Link
from chatops.people import Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.storage.oncall import OnCallTable
from tests.chatops.storage.alerting import fires
from tests.chatops.storage.owing import NOON

UTC_ZONE = ZoneInfo("UTC")
OPS, NIGHT, SLACK = Room("telegram", "-100"), Room("telegram", "-200"), Room("slack", "C1")
QUIET = QuietHours(*parse_hours("22:00-07:00"), UTC_ZONE)


def person(name: str, role: Role, **on: str) -> Principal:
    return Principal(name, role, frozenset(Identity(platform, id_) for platform, id_ in on.items()))


PEOPLE = (
    person("ada", Role.OPERATOR, telegram="1", slack="U1"),
    person("bob", Role.OPERATOR, telegram="2"),
    person("cyn", Role.ADMIN, slack="U3"),
    person("vic", Role.VIEWER, telegram="4"),
    person("nowhere", Role.OPERATOR),
)


class OneStandIn(OnCallTable):
    """A table that nobody stores in."""

    def __init__(self) -> None:
        self.kept: list[StandIn] = []

    async def load(self) -> list[StandIn]:
        return self.kept


class Desk:
    """Two rooms on Telegram and one on Slack; ada and bob take turns, vic looks on, cyn is admin."""

    def __init__(self, people: Sequence[Principal] = PEOPLE) -> None:
        self.now = NOON
        self.links: dict[str, Link] = {"telegram": Connected(NOON), "slack": Connected(NOON)}
        self.muted: set[Room] = set()
        self.terms: dict[str, Terms] = dict(DEFAULTS)
        self.channels: Mapping[str, Room] = {"pager": Room("apprise", "pager")}
        self.ways = Ways(lambda: self.links, lambda: self.now)
        self.table = OneStandIn()
        rotation = Rotation(("ada", "bob"), NOON.date(), NOON.weekday(), NOON.time(), UTC_ZONE)
        self.shifts = Shifts(rotation, self.table, lambda: self.now)
        places = Places(
            [Place("ops", OPS, quiet=QUIET), Place("night", NIGHT, receives=False), Place("slack-ops", SLACK)]
        )
        self.roster = AlertRoster(
            Directory(people),
            lambda one: [Room(i.platform, i.id) for i in sorted(one.identities, key=str) if i.platform in self.links],
            places,
            self.shifts,
            self.ways,
            muted=lambda room: room in self.muted,
            terms=lambda: self.terms,
            channels=lambda: self.channels,
        )

    def away(self, platform: str) -> None:
        self.links[platform] = Away(self.now, "it does not answer")

    def stands_in(self, who: str, until: datetime) -> None:
        self.table.kept.append(StandIn(1, Override(who, NOON, until), "cyn", NOON))

    def told(self, word: str, severity: Severity = Severity.CRITICAL) -> list[str]:
        return [str(one) for one in self.roster.targets(word, alert(severity), self.now)]


def alert(severity: Severity = Severity.CRITICAL, **more: Any) -> Alert:
    return replace(fires(severity=severity).alert, **more)
