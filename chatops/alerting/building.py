"""Joins the parts of alerting, from the ground up."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from alerts.model import Alert, Key, Target, TargetKind
from alerts.oncall import Rotation
from alerts.policy import Policy, usual
from alerts.quiet import QuietHours
from alerts.rulebook import Rulebook
from alerts.rules import usual as usual_rules
from alerts.severity import Severity
from alerts.terms import DEFAULTS, Terms
from alerts.watch import Watch
from chatops.alerting.alerting import Alerting
from chatops.alerting.cards import Buttons
from chatops.alerting.drafting import Drafting
from chatops.alerting.held_to import HeldTo
from chatops.alerting.places import Place, Places
from chatops.alerting.roster import NO_CHANNELS, AlertRoster
from chatops.alerting.shifts import Shifts
from chatops.alerting.store import TellingStore
from chatops.alerting.trial import Trial
from chatops.alerting.ways import Ways
from chatops.fleet import Fleet
from chatops.habits import Habits
from chatops.ids import uuid7
from chatops.outbox import Outbox
from chatops.people import Directory
from chatops.preferences import Preferences
from chatops.reach import Reach
from chatops.room import Room
from chatops.storage.alert_history import AlertHistory
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.lasting_alerts import LastingAlerts
from chatops.storage.lasting_ledger import LastingLedger
from chatops.storage.oncall import OnCallTable
from chatops.storage.rule_changes import RuleChanges
from chatops.storage.silences import SilenceTable
from chatops.views.alert_titles import NO_TEMPLATES, Templates
from chatops.views.alerts import Around


@dataclass(frozen=True, slots=True)
class AlertTerms:
    """What the settings say of alerts; without them all is as it is usual, and no room is told."""

    places: tuple[Place, ...] = ()
    terms: Mapping[str, Terms] = field(default_factory=lambda: DEFAULTS)
    policies: Mapping[Severity, Policy] = field(default_factory=lambda: {one: usual(one) for one in Severity})
    rotation: Rotation | None = None
    templates: Templates = field(default_factory=lambda: NO_TEMPLATES)
    #: By name, where each channel beyond the chats is told.
    channels: Mapping[str, Room] = field(default_factory=lambda: NO_CHANNELS)
    rules: Callable[[], Rulebook] = usual_rules

    def quiet_in(self, room: Room) -> QuietHours | None:
        """When a room is not disturbed; None: never."""
        return next((one.quiet for one in self.places if one.room == room), None)

    @property
    def rooms(self) -> tuple[Room, ...]:
        """Those that are told."""
        return tuple(one.room for one in self.places if one.receives)


def build_alerting(
    given: AlertTerms,
    *,
    database: Database,
    backlog: Backlog,
    ledger: LastingLedger,
    fleet: Fleet,
    directory: Directory,
    outbox: Outbox,
    reach: Reach,
    preferences: Preferences,
    ways: Ways,
    now: Callable[[], datetime],
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]],
    habits: Habits | None = None,
    alerted: Callable[[str], None] = lambda bot: None,
) -> Alerting:
    """Alerts of this fleet. Nothing runs yet; what people have said is not loaded yet.

    `alerted` is told of each bot that something is wrong with.
    """
    rulebook = given.rules()
    shifts = Shifts(given.rotation, OnCallTable(database), now)
    held_to = HeldTo({**rulebook.terms, **given.terms}, RuleChanges(database), now)
    roster = AlertRoster(
        directory,
        reach.rooms,
        Places(given.places),
        shifts,
        ways,
        muted=preferences.is_muted,
        terms=held_to,
        channels=lambda: given.channels,
        habits=habits,
        is_heard=reach.is_heard,
    )
    buttons = Buttons()

    def policies(key: Key, severity: Severity) -> Policy:
        return given.policies[severity]

    def zone_of(target: Target) -> tzinfo:
        room = next(iter(roster.rooms_of(target)), None)
        if room is None or habits is None:
            return UTC
        return (habits.of(target.name, room) if target.kind is TargetKind.PERSON else habits.of_room(room)).zone

    def around(alert: Alert, target: Target) -> Around:
        at = alerting.now()
        coming = alerting.next_told(alert)
        return Around(
            now=at.astimezone(zone_of(target)),
            on_call=shifts.on_call(at),
            next_at=None if coming is None else coming[0],
            next_whom=() if coming is None else [one.name for one in coming[1]],
            silence=alerting.watch.silence_of(alert),
            several=len(fleet.names) > 1,
            templates=given.templates,
        )

    drafting = Drafting(outbox.drafts, roster.rooms_of, around, buttons)
    kept = LastingAlerts(database, backlog, carry=ledger.carry, owe_by=outbox.owe_by)
    watch = Watch(
        fleet.bots(),
        rulebook,
        TellingStore(kept, database, drafting, buttons, remember=ledger.remember, alerted=alerted),
        roster,
        terms=held_to,
        ids=uuid7,
        wall=now,
        elapsed=monotonic,
        policies=policies,
        sleep=sleep,
    )
    alerting = Alerting(
        watch,
        roster,
        shifts=shifts,
        held_to=held_to,
        silences=SilenceTable(database),
        history=AlertHistory(database),
        trial=Trial(outbox, roster, policies),
        ways=ways,
        sleep=sleep,
    )
    return alerting
