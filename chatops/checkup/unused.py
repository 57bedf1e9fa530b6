"""Settings that do nothing without others, so that nobody relies on them."""

from chatops.checkup.findings import Finding, Level
from chatops.settings import Settings

AREA = "settings"


def check_unused(settings: Settings) -> list[Finding]:
    """What is written there by somebody who may count on it."""
    if settings.slack is not None:
        return []
    return [
        Finding(
            AREA,
            Level.WARNING,
            f"slack of {person.name} does nothing: this desk does not speak Slack",
            "Add [slack], or give them telegram too.",
        )
        for person in settings.people
        if person.slack is not None
    ]
