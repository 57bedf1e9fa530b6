"""What a report says, before it is worded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.severity import Severity
from bot_integration import Position
from chatops.money.daily import Bar
from chatops.money.known import Known
from chatops.money.parts import Parts
from chatops.money.spans import Span
from chatops.money.summary import Summary
from chatops.report_kinds import ReportKind


@dataclass(frozen=True, slots=True)
class Tally:
    """The alerts that began in a time; rehearsals are not counted."""

    by_peak: Mapping[Severity, int]
    #: How many of them somebody has acknowledged by now.
    acknowledged: int = 0
    #: How long that took, of half of those no longer. None where nobody did.
    to_acknowledge: timedelta | None = None

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.by_peak.values())


@dataclass(frozen=True, slots=True)
class Reported:
    """One report of some bots."""

    kind: ReportKind
    span: Span
    zone: ZoneInfo
    now: datetime
    bots: tuple[str, ...]
    summary: Summary
    by_bot: Mapping[str, Parts]
    known: Known
    alerts: Tally
    #: What is held now, and by whom; not at the end of the span.
    held: Sequence[tuple[str, Position]] = ()
    #: Each day (week, month) of it, where it tells several as one.
    each: Sequence[Bar] = ()
    #: Why it tells several as one, or late; empty where all went as it should.
    why: str = ""
    #: The span is not over: somebody asked for it now.
    is_so_far: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """What `/reports` says of one kind in a room."""

    kind: ReportKind
    is_on: bool
    #: In the room's zone, `08:30`; empty where it has no time of the day.
    at: str
    #: None where it is off.
    next_at: datetime | None
    #: When it was told last. None where it never was.
    told_at: datetime | None = None
    #: What was told last could not be shown there.
    is_lost: bool = False
