"""Joins what makes forms."""

from collections.abc import Callable, Collection
from datetime import datetime

from chatops.alerting.alerting import Alerting
from chatops.filling.forming import Forming
from chatops.filling.narrowing import Narrowing
from chatops.filling.suggesting import Suggesting
from chatops.fleet import Fleet
from chatops.guard.permissions import Permissions
from chatops.guard.presses import Presses
from chatops.people import Directory
from chatops.redactor import Redactor
from chatops.vocabulary import Vocabulary


def build_forms(
    *,
    directory: Directory,
    fleet: Fleet,
    vocabulary: Vocabulary,
    permissions: Permissions,
    presses: Presses,
    alerting: Alerting,
    rooms: Collection[str],
    now: Callable[[], datetime],
    redact: Redactor,
) -> Forming:
    """The forms of a desk whose settings give these names to rooms."""
    suggesting = Suggesting(
        alerting,
        alerting.held_to,
        alerting.shifts,
        directory=directory,
        permissions=permissions,
        rooms=rooms,
        able=alerting.roster.able,
    )
    return Forming(
        directory=directory,
        fleet=fleet,
        vocabulary=vocabulary,
        permissions=permissions,
        presses=presses,
        suggesting=suggesting,
        narrowing=Narrowing(alerting.held_to),
        now=now,
        redact=redact,
    )
