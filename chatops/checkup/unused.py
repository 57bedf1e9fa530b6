"""Settings that are taken and do nothing yet, so that nobody relies on them.

Each goes from here with the part that pays it: Slack, alerts, reports.
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
    early = sorted({Concern.ALERTS, Concern.REPORTS} & {one for room in settings.rooms for one in room.receives})
    if early:
        found.append(
            Finding(
                AREA,
                Level.OK,
                f"receives: there are no {' and no '.join(early)} yet; notices are sent, "
                "and to rooms with alerts that a platform is away",
            )
        )
    return found
