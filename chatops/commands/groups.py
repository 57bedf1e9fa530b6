"""Commands by what they are about: a desk joins each group at once."""

from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo

from chatops.alerting.alerting import Alerting
from chatops.alerting.building import AlertTerms
from chatops.alerting.drills import Drills
from chatops.charts.studio import Studio
from chatops.commands.accounts import AccountCommands
from chatops.commands.alerts import AlertCommands
from chatops.commands.custom import CustomCommands
from chatops.commands.drills import DrillCommands
from chatops.commands.exports import ExportCommands
from chatops.commands.habits import HabitCommands
from chatops.commands.incidents import Acted, IncidentCommands
from chatops.commands.money import MoneyCommands
from chatops.commands.oncall import OncallCommands
from chatops.commands.pausing import PausingCommands
from chatops.commands.position import PositionCommands
from chatops.commands.preferences import PreferenceCommands
from chatops.commands.registry import Asking, Registry, ZoneOf
from chatops.commands.reports import ReportCommands
from chatops.commands.rules import RuleCommands
from chatops.commands.silences import SilenceCommands
from chatops.commands.stopping import StoppingCommands
from chatops.commands.trading import TradingCommands
from chatops.commands.tuning import TuningCommands
from chatops.commands.watching import WatchingCommands
from chatops.guard.permissions import Permissions
from chatops.habits import Habits
from chatops.history.figures import Figures
from chatops.outbox import Outbox
from chatops.people import Directory
from chatops.personal import Personal
from chatops.pinned import PinnedStatus
from chatops.preferences import Preferences
from chatops.reports.telling import Reports
from chatops.steward import Steward


def about_bots(
    registry: Registry,
    permissions: Permissions,
    desired: Steward,
    alerting: Alerting,
    *,
    habits: Habits,
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """How bots are, and what they are told to do."""
    WatchingCommands(now, desired.of, alerting.open, zone_of=asker_zone(habits)).register(registry)
    TradingCommands(permissions, asker_zone(habits)).register(registry)
    StoppingCommands(permissions, sleep).register(registry)
    PausingCommands(permissions).register(registry)
    TuningCommands(permissions, asker_zone(habits)).register(registry)
    CustomCommands(asker_zone(habits)).register(registry)


def about_money(
    registry: Registry,
    figures: Figures,
    studio: Studio,
    habits: Habits,
    *,
    now: Callable[[], datetime],
    alerting: Alerting,
    record: Acted,
) -> None:
    """What was made over time, and by what; what there is, and how near its end it stands."""
    MoneyCommands(figures, studio, habits, now).register(registry)
    AccountCommands(figures, studio, habits, now, alerts=alerting, terms=alerting.held_to).register(registry)
    PositionCommands(figures, habits, now, alerting).register(registry)
    ExportCommands(figures, habits, now).register(registry)
    IncidentCommands(
        alerting, figures.history, record, studio, terms=alerting.held_to, now=now, habits=habits
    ).register(registry)


def about_alerts(
    registry: Registry,
    permissions: Permissions,
    alerting: Alerting,
    outbox: Outbox,
    given: AlertTerms,
    *,
    directory: Directory,
    habits: Habits,
    sleep: Callable[[float], Awaitable[None]],
) -> Drills:
    """What is wrong, who has it in hand, who is told of what, and whether that works; gives the rehearsals."""
    zone_of = asker_zone(habits)
    drills = Drills(alerting, outbox, given.rooms, sleep=sleep)
    AlertCommands(alerting, permissions, zone_of).register(registry)
    SilenceCommands(alerting, alerting.held_to, permissions, zone_of).register(registry)
    RuleCommands(alerting.held_to, [one.name for one in given.places], permissions, zone_of).register(registry)
    OncallCommands(
        alerting.shifts, directory, permissions, able=alerting.roster.able, now=alerting.now, zone_of=zone_of
    ).register(registry)
    DrillCommands(alerting, drills, alerting.held_to, given.policies).register(registry)
    return drills


def about_choices(
    registry: Registry,
    permissions: Permissions,
    habits: Habits,
    *,
    preferences: Preferences,
    personal: Personal,
    status: PinnedStatus,
    reports: Reports,
    given: AlertTerms,
    now: Callable[[], datetime],
) -> None:
    """What rooms and people choose for themselves."""
    reading = HabitCommands(
        habits, preferences, personal, permissions, now=now, quiet=given.quiet_in, changed=reports.changed
    )
    PreferenceCommands(preferences, status, permissions, reading).register(registry)
    ReportCommands(reports, habits, permissions, now=now).register(registry)


def asker_zone(habits: Habits) -> ZoneOf:
    """Their own zone, else that of the room."""

    def zone_of(asking: Asking) -> tzinfo:
        return habits.of(asking.person.name, asking.room).zone

    return zone_of
