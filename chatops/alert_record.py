"""What is on record of alerts, as people are shown it, and of what they said about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from alerts.model import Alert, AlertEvent, Form, Ledger, Target
from alerts.oncall import Override
from alerts.severity import Severity
from chatops.owed import State


@dataclass(frozen=True, slots=True)
class Carried:
    """A message that carried what was told, and what became of it."""

    id: UUID
    platform: str
    room: str
    state: State
    sent_at: datetime | None = None
    #: Why it is not sent, or what it had to do without.
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody was told something of an alert."""

    at: datetime
    target: Target
    form: Form
    why: str
    reason: str
    epoch: int
    #: None where it was told that it is resolved.
    severity: Severity | None
    #: Nothing is left of messages that are older than the record of them is kept.
    carried_by: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """One alert, from its first firing to now."""

    alert: Alert
    told: Ledger
    events: tuple[AlertEvent, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a rule fired, and how fast people were; rehearsals are not counted.

    Times are since it began: to the first acknowledgement, and to its resolution. None where there was none.
    """

    rule: str
    count: int
    by_peak: dict[Severity, int]
    acknowledged: int
    resolved: int
    to_acknowledge: timedelta | None
    #: Nine in ten were no slower.
    to_acknowledge_p90: timedelta | None
    to_resolve: timedelta | None
    to_resolve_p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Rang:
    """An alert fired, or got worse."""

    number: int
    rule: str
    #: As `alerts.model.Key` has it: a position, or one of its legs.
    subject: str
    severity: Severity
    at: datetime
    #: When it was over, by now.
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandIn:
    """An override on record."""

    #: What people type.
    number: int
    override: Override
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RuleChange:
    """Somebody set something of a rule."""

    rule: str
    #: As `alerts.amending.keys` names it.
    key: str
    #: As it was typed; None: as the settings have it again.
    value: str | None
    by: str
    at: datetime
