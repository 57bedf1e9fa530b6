"""All settings of a desk, and what must fit together in them."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from alerts.model import TargetKind
from alerts.oncall import Rotation
from alerts.policy import Policy as Escalation
from alerts.quiet import QuietHours, parse_hours
from alerts.severity import Severity
from alerts.terms import DEFAULTS, Terms
from chatops.guard.policy import Policy
from chatops.people import Directory
from chatops.report_kinds import ReportTerms
from chatops.room import Room
from chatops.settings.alerts import AlertsSettings
from chatops.settings.channels import ChannelSettings, HeartbeatSettings
from chatops.settings.escalation import Escalations, EscalationSettings, named, policies_of
from chatops.settings.faults import Location, fault, raise_faults
from chatops.settings.oncall import OncallSettings
from chatops.settings.reports import ReportsSettings
from chatops.settings.rooms import Concern, RoomSettings
from chatops.settings.section import Section
from chatops.settings.sections import (
    DIRECT,
    BotSettings,
    ConfirmSettings,
    DatabaseSettings,
    DeskSettings,
    HttpSettings,
    PersonSettings,
)
from chatops.settings.slack import SlackSettings
from chatops.settings.telegram import TelegramSettings
from chatops.settings.totp import TotpSettings
from chatops.settings.words import Words, rules_of

Fault = tuple[Location, PydanticCustomError]
Named = BotSettings | RoomSettings | PersonSettings | ChannelSettings

#: The key of the names of attached bots in the context of a validation.
ATTACHED = "attached"

#: A part that is left out: read like one that is empty, so that its defaults know the folder.
_BY_DEFAULT: Any = {}


def _attached(info: ValidationInfo) -> tuple[str, ...]:
    return tuple((info.context or {}).get(ATTACHED, ()))


def _check_bots(bots: tuple[BotSettings, ...], info: ValidationInfo) -> tuple[BotSettings, ...]:
    here = [name.casefold() for name in _attached(info)]
    again = fault("is the bot that is attached here", "take this [[bots]] out: an attached bot needs none")
    raise_faults(
        [
            *_twice(bots),
            *(((number, "name"), again) for number, bot in enumerate(bots) if bot.name.casefold() in here),
        ]
    )
    return bots


def _check_rooms(rooms: tuple[RoomSettings, ...], info: ValidationInfo) -> tuple[RoomSettings, ...]:
    faults = [*_twice(rooms)]
    places: dict[Hashable, str] = {}
    for number, room in enumerate(rooms):
        # Not in `data` where it is wrong itself: that has been told.
        if info.data.get(room.platform, room) is None:
            faults.append(
                ((number, "platform"), fault("has no settings", f"a part [{room.platform}] with the bot's token"))
            )
        other = places.setdefault((room.platform, room.id, room.topic), room.name)
        if other != room.name:
            faults.append(((number, "id"), fault(f"is the place of {other} already", "one [[rooms]] for each place")))
    raise_faults(faults)
    return rooms


def _check_people(people: tuple[PersonSettings, ...], info: ValidationInfo) -> tuple[PersonSettings, ...]:
    faults = [*_twice(people)]
    owners: dict[Hashable, str] = {}
    for number, person in enumerate(people):
        for identity in sorted(person.identities, key=str):
            owner = owners.setdefault(identity, person.name)
            if owner != person.name:
                faults.append(
                    ((number, identity.platform), fault(f"belongs to {owner} already", "one person for each account"))
                )
        faults += _unknown(number, "bots", person.bots, info.data.get("bots"), *_attached(info))
        faults += _unknown(number, "rooms", person.rooms, info.data.get("rooms"), DIRECT)
    raise_faults(faults)
    return people


def _check_channels(channels: tuple[ChannelSettings, ...]) -> tuple[ChannelSettings, ...]:
    raise_faults(_twice(channels))
    return channels


def _check_alerts(alerts: AlertsSettings, info: ValidationInfo) -> AlertsSettings:
    rooms = (((rule, "rooms"), room) for rule, terms in alerts.rules.items() for room in terms.rooms)
    raise_faults((("rules", *place), error) for place, error in _not_there(rooms, "rooms", info))
    return alerts


def _check_escalation(policies: Escalations, info: ValidationInfo) -> dict[str, EscalationSettings]:
    raise_faults(
        [
            *_not_there(named(policies, TargetKind.ROOM), "rooms", info),
            *_not_there(named(policies, TargetKind.CHANNEL), "channels", info),
        ]
    )
    return policies


def _check_reports(reports: ReportsSettings, info: ValidationInfo) -> ReportsSettings:
    rooms = (((kind, "rooms"), room) for kind, told in reports.by_kind.items() for room in told.rooms or ())
    raise_faults(_not_there(rooms, "rooms", info))
    return reports


def _not_there(names: Iterable[tuple[Location, str]], key: str, info: ValidationInfo) -> Iterable[Fault]:
    # None where the list itself is wrong: that has been told.
    there: tuple[Named, ...] | None = info.data.get(key)
    if there is None:
        return
    known = [one.name for one in there]
    folded = [name.casefold() for name in known]
    for place, name in names:
        if name.casefold() not in folded:
            todo = f"one of {', '.join(known)}" if known else f"there are no [[{key}]]"
            yield place, fault(f"names what is in no [[{key}]]", todo)


def _unknown(
    number: int, key: str, named: tuple[str, ...] | None, there: Iterable[Named] | None, *others: str
) -> Iterable[Fault]:
    """What a person is bound to and nobody has heard of: they would be shut out, or not as they are meant to be."""
    # None where the list itself is wrong: that has been told.
    if named is None or there is None:
        return
    known = [*(one.name for one in there), *others]
    folded = [name.casefold() for name in known]
    if any(folded.count(name.casefold()) > 1 for name in named):
        yield (
            (number, key),
            fault(f"names {DIRECT}, which is a room too", f"another name for the room: {DIRECT} is alone"),
        )
        return
    wrong = [name for name in named if name.casefold() not in folded]
    if wrong:
        what = "names what is in no [[" + key + "]]"
        yield (number, key), fault(what, f"some of {', '.join(known)}" if known else f"there are no [[{key}]]")


def _twice(listed: Iterable[Named]) -> Iterable[Fault]:
    """Names that stand twice, in whatever case: that is how people type them."""
    seen: set[str] = set()
    for number, one in enumerate(listed):
        if one.name.casefold() in seen:
            yield (number, "name"), fault("is taken by another one", "a name of its own")
        seen.add(one.name.casefold())


def _passwords(url: str) -> Iterable[str]:
    parts = urlsplit(url)
    given = [parts.password or "", *parse_qs(parts.query).get("password", [])]
    # As it is written, and as the server gets it: either may turn up in an error.
    return [text for password in given if password for text in (password, unquote(password))]


class Settings(Section):
    """What the file and the environment say, checked. `read_settings` makes it."""

    desk: DeskSettings = _BY_DEFAULT
    database: DatabaseSettings = _BY_DEFAULT
    http: HttpSettings = _BY_DEFAULT
    #: None: no Telegram.
    telegram: TelegramSettings | None = None
    #: None: no Slack.
    slack: SlackSettings | None = None
    bots: Annotated[tuple[BotSettings, ...], AfterValidator(_check_bots)] = Field(
        (), description="one [[bots]] for each"
    )
    rooms: Annotated[tuple[RoomSettings, ...], AfterValidator(_check_rooms)] = Field(
        (), description="one [[rooms]] for each"
    )
    channels: Annotated[tuple[ChannelSettings, ...], AfterValidator(_check_channels)] = Field(
        (), description="one [[channels]] for each"
    )
    people: Annotated[tuple[PersonSettings, ...], AfterValidator(_check_people)] = Field(
        (), description="one [[people]] for each"
    )
    confirm: ConfirmSettings = _BY_DEFAULT
    words: Words = Field(default_factory=dict, description="one [words.NAME] for each word that needs something else")
    totp: TotpSettings = _BY_DEFAULT
    alerts: Annotated[AlertsSettings, AfterValidator(_check_alerts)] = _BY_DEFAULT
    escalation: Annotated[Escalations, AfterValidator(_check_escalation)] = Field(
        default_factory=dict, description="one [escalation.NAME] for each policy"
    )
    oncall: OncallSettings = _BY_DEFAULT
    reports: Annotated[ReportsSettings, AfterValidator(_check_reports)] = _BY_DEFAULT
    #: None: nobody is called.
    heartbeat: HeartbeatSettings | None = None

    def directory(self) -> Directory:
        """Everybody in the settings, by their accounts."""
        rooms = {one.name.casefold(): one.room for one in self.rooms}
        return Directory(person.principal(rooms) for person in self.people)

    def policy(self) -> Policy:
        """What each word needs."""
        return Policy(rules_of(self.words))

    def zone(self, room: RoomSettings) -> ZoneInfo:
        """The time zone of a room: its own, or the desk's."""
        return ZoneInfo(room.timezone or self.desk.timezone)

    def quiet_hours(self, room: RoomSettings) -> QuietHours | None:
        """When the room is told later what can wait; None: never."""
        return None if room.quiet is None else QuietHours(*parse_hours(room.quiet), self.zone(room))

    def escalations(self) -> dict[Severity, Escalation]:
        """Who is told, then who, of alerts of each severity."""
        return policies_of(self.escalation)

    def rotation(self) -> Rotation | None:
        """Who is on call, in turn; None where the settings name nobody."""
        return self.oncall.rotation(self.desk.timezone)

    def report_terms(self, others: Iterable[Room] = ()) -> ReportTerms:
        """Which rooms are told which reports; `others` are told besides those of the settings."""
        named = ((one.name, one.room, Concern.REPORTS in one.receives) for one in self.rooms)
        return self.reports.terms(named, others)

    def terms(self, usual: Mapping[str, Terms] = DEFAULTS) -> dict[str, Terms]:
        """What every rule is held to, by its name: as it is usual, or as it is written here."""
        return {**usual, **self.alerts.rules}

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not show anywhere; of the database's address only its passwords."""
        held = [self.telegram.token] if self.telegram else []
        if self.telegram is not None and self.telegram.webhook_secret is not None:
            held.append(self.telegram.webhook_secret)
        held += self.slack.secrets if self.slack else []
        held += [bot.token for bot in self.bots if bot.token is not None]
        held += [secret for one in self.channels for secret in (one.url, one.secret) if secret is not None]
        held += [self.heartbeat.url] if self.heartbeat is not None else []
        held += [self.totp.key] if self.totp.key is not None else []
        found = [secret.get_secret_value() for secret in held]
        if self.database.url is not None:
            found += _passwords(self.database.url.get_secret_value())
        return tuple(dict.fromkeys(found))
