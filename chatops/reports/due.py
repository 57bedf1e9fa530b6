"""What is due in a room: which whole periods have ended since the last that it was told of."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chatops.money.spans import Span
from chatops.report_kinds import ReportKind
from chatops.reports.periods import period, told_at

#: What happened in the last moments of a period is on record by then, so that its report has it too.
GATHERED = timedelta(seconds=10)
#: From then on a report is late, and says so.
LATE = timedelta(minutes=15)
_JUST = datetime.resolution


@dataclass(frozen=True, slots=True)
class Times:
    """When a room is told of which periods."""

    kind: ReportKind
    zone: ZoneInfo
    at: time = time(0)

    def due_at(self, of: Span) -> datetime:
        """When the report of a period is due."""
        return told_at(self.kind, of, self.at, self.zone)


@dataclass(frozen=True, slots=True)
class Due:
    """A report that has to be told now."""

    #: All periods of it, from where the last one ended.
    span: Span
    #: More than one where some were missed.
    periods: int
    #: When the first of them was to be told.
    since: datetime


def due(times: Times, told_until: datetime, now: datetime) -> Due | None:
    """Everything between what was told last and the last period whose time has come, as one; None where there is none.

    Nothing is left out and nothing told twice: each begins where the one before ended, whatever the zone or the time
    were then. What a change of the zone leaves of a period is told with the next one where that is less than half.
    """
    of = _first(times, told_until)
    since, end, periods = times.due_at(of), None, 0
    while times.due_at(of) + GATHERED <= now:
        end, periods = of.end, periods + 1
        of = period(times.kind, of.end, times.zone)
    return Due(Span(told_until, end), periods, since) if end is not None else None


def next_at(times: Times, told_until: datetime, now: datetime) -> datetime:
    """When the next one is told that is not due yet."""
    of = _first(times, told_until)
    while times.due_at(of) + GATHERED <= now:
        of = period(times.kind, of.end, times.zone)
    return times.due_at(of)


def begins(times: Times, now: datetime) -> datetime:
    """From when on a room is told that begins to hear it now: from the first period whose time is still to come."""
    current = period(times.kind, now, times.zone)
    before = period(times.kind, current.start - _JUST, times.zone)
    return before.start if times.due_at(before) + GATHERED > now else current.start


def _first(times: Times, told_until: datetime) -> Span:
    """The first period that has a report of its own."""
    of = period(times.kind, told_until, times.zone)
    if 2 * (of.end - told_until) < of.length:
        return period(times.kind, of.end, times.zone)
    return of
