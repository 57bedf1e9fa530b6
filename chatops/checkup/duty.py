"""Whether those who are to be told of alerts are there."""

from chatops.checkup.findings import Finding, Level
from chatops.people import StoredPeople
from chatops.settings import Settings
from chatops.settings.escalation import named

AREA = "alerts"


def check_duty(settings: Settings, stored: StoredPeople) -> list[Finding]:
    """Names of people that mean nobody yet: others are told in their place, and nobody wonders until it is night."""
    directory = settings.directory().as_if(stored)
    wanted = [("oncall.people", name) for name in settings.oncall.people]
    wanted += [(f"escalation.{where[0]}", name) for where, name in named(settings.escalation, "person")]
    return [
        Finding(
            AREA,
            Level.WARNING,
            f"{where} names {name}, who is nobody here: others are told instead",
            "Write the name as in [[people]] or as /users shows it, or let them in: /invite in a chat.",
        )
        for where, name in dict.fromkeys(wanted)
        if directory.named(name) is None
    ]
