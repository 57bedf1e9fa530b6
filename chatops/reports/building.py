"""Joins the parts of reports, from the ground up."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from alerts.model import Alert
from alerts.quiet import QuietHours
from chatops.fleet import Fleet
from chatops.habits import Habits
from chatops.history.figures import Figures
from chatops.outbox import Outbox
from chatops.people import Directory
from chatops.preferences import Preferences
from chatops.reach import Reach
from chatops.report_kinds import ReportTerms
from chatops.reports.plans import Plans
from chatops.reports.telling import Reports
from chatops.reports.writing import Pictures, Writing
from chatops.room import Room
from chatops.storage.alert_history import AlertHistory
from chatops.storage.database import Database
from chatops.storage.reports import PostgresReports


def build_reports(
    terms: ReportTerms,
    *,
    database: Database,
    fleet: Fleet,
    directory: Directory,
    outbox: Outbox,
    reach: Reach,
    preferences: Preferences,
    habits: Habits,
    figures: Figures,
    pictures: Pictures,
    exists: Callable[[Room], bool],
    quiet: Callable[[Room], QuietHours | None],
    alerts: Callable[[str], Sequence[Alert]],
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> Reports:
    """Reports of this fleet; `exists` tells of each room whether its platform is here. Nothing runs yet."""
    plans = Plans(terms, preferences, habits, fleet, directory, direct=reach.rooms, exists=exists, quiet=quiet)
    writing = Writing(figures, pictures, AlertHistory(database), fleet)
    return Reports(plans, PostgresReports(database), writing, outbox, fleet, alerts=alerts, now=now, sleep=sleep)
