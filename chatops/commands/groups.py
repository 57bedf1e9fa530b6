"""Commands by what they are about: a desk joins each group at once."""

from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo

from chatops.alerting.alerting import Alerting
from chatops.alerting.building import AlertTerms
from chatops.alerting.drills import Drills
from chatops.commands.alerts import AlertCommands
from chatops.commands.custom import CustomCommands
from chatops.commands.drills import DrillCommands
from chatops.commands.oncall import OncallCommands
from chatops.commands.pausing import PausingCommands
from chatops.commands.registry import Registry
from chatops.commands.rules import RuleCommands
from chatops.commands.silences import SilenceCommands
from chatops.commands.stopping import StoppingCommands
from chatops.commands.trading import TradingCommands
from chatops.commands.tuning import TuningCommands
from chatops.commands.watching import WatchingCommands
from chatops.guard.permissions import Permissions
from chatops.outbox import Outbox
from chatops.people import Directory
from chatops.room import Room
from chatops.steward import Steward


def about_bots(
    registry: Registry,
    permissions: Permissions,
    desired: Steward,
    alerting: Alerting,
    *,
    zone_of: Callable[[Room], tzinfo],
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """How bots are, and what they are told to do."""
    WatchingCommands(now, desired.of, alerting.open).register(registry)
    TradingCommands(permissions, zone_of).register(registry)
    StoppingCommands(permissions, sleep).register(registry)
    PausingCommands(permissions).register(registry)
    TuningCommands(permissions).register(registry)
    CustomCommands(zone_of).register(registry)


def about_alerts(
    registry: Registry,
    permissions: Permissions,
    alerting: Alerting,
    outbox: Outbox,
    given: AlertTerms,
    *,
    directory: Directory,
    zone_of: Callable[[Room], tzinfo],
    sleep: Callable[[float], Awaitable[None]],
) -> Drills:
    """What is wrong, who has it in hand, who is told of what, and whether that works; gives the rehearsals."""
    drills = Drills(alerting, outbox, given.rooms, sleep=sleep)
    AlertCommands(alerting, permissions).register(registry)
    SilenceCommands(alerting, alerting.held_to, permissions).register(registry)
    RuleCommands(alerting.held_to, [one.name for one in given.places], permissions).register(registry)
    OncallCommands(alerting.shifts, directory, permissions, now=alerting.now, zone_of=zone_of).register(registry)
    DrillCommands(alerting, drills, alerting.held_to, given.policies).register(registry)
    return drills
