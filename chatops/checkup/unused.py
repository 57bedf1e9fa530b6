"""Settings that are taken and do nothing yet, so that nobody relies on them.

Each goes from here with the part that pays it: Slack, reports.
"""

from chatops.checkup.findings import Finding, Level
from chatops.settings import Concern, Settings

AREA = "settings"


def check_unused(settings: Settings) -> list[Finding]:
    """What is written there by somebody who may count on it."""
    found = [
        Finding(
            AREA,
            Level.WARNING,
            f"slack of {person.name} does nothing yet: this desk does not speak Slack",
            "Give them telegram too.",
        )
        for person in settings.people
        if person.slack is not None
    ]
    if any(Concern.REPORTS in room.receives for room in settings.rooms):
        found.append(Finding(AREA, Level.OK, "receives: there are no reports yet; alerts and notices are sent"))
    return found
