"""What the settings say of alerts, as alerting takes it."""

from collections.abc import Sequence

from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.room import Room
from chatops.settings import Concern, Settings


def alert_terms(settings: Settings, rooms: Sequence[Room] = ()) -> AlertTerms:
    """All of it; `rooms` are told besides those of the settings, and have no other name than what they are."""
    named = [
        Place(one.name, one.room, Concern.ALERTS in one.receives, settings.quiet_hours(one)) for one in settings.rooms
    ]
    return AlertTerms(
        places=(*named, *(Place(str(room), room) for room in rooms)),
        terms=settings.terms(),
        policies=settings.escalations(),
        rotation=settings.rotation(),
        templates=settings.alerts.templates,
        channels={one.name: one.room for one in settings.channels},
    )
