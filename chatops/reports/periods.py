"""The days, weeks and months that reports are of, and the moment at which each is told."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.wall import first_at
from chatops.money.spans import Span, day, day_of, month, week
from chatops.report_kinds import ReportKind

_HOUR = timedelta(hours=1)


def period(kind: ReportKind, moment: datetime, zone: ZoneInfo) -> Span:
    """The one that a moment is in. Hours are those of UTC: a card that is there every hour has no zone."""
    if kind is ReportKind.HEARTBEAT:
        start = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return Span(start, start + _HOUR)
    of = day_of(moment, zone)
    match kind:
        case ReportKind.DAILY:
            return day(of, zone)
        case ReportKind.WEEKLY:
            return week(of, zone)
        case ReportKind.MONTHLY:
            return month(of, zone)


def told_at(kind: ReportKind, of: Span, at: time, zone: ZoneInfo) -> datetime:
    """When the report of a period is due: at this time of the day after its last one, or at its end, an hour's.

    On a night that has the time twice it is the first, on one that leaves it out the moment of the jump.
    """
    if not kind.has_time:
        return of.end
    return first_at(day_of(of.end, zone), at, zone)
