"""What followers are told when a far bot shows newer facts."""

from collections import Counter
from datetime import datetime

from bot_integration.controller import changes
from bot_integration.events import Event, Noted, SnapshotTaken
from bot_integration.state import EventCategory, Snapshot, TimelineEvent


def news(before: Snapshot | None, after: Snapshot, at: datetime) -> list[Event]:
    """The events between two snapshots, in order. Of the first snapshot only itself: the rest is no news."""
    told: list[Event] = [SnapshotTaken(after)]
    if before is None:
        return told
    if before.session_id != after.session_id:
        told.append(Noted(after.bot, at, EventCategory.WARNING, f"{after.bot} was restarted."))
    told.extend(changes(before, after))
    told.extend(Noted(after.bot, event.at, event.category, event.message) for event in _added(before, after))
    return told


def _added(before: Snapshot, after: Snapshot) -> list[TimelineEvent]:
    # Counted, not looked up: the same sentence may be said twice at one moment.
    known = Counter(map(_key, before.timeline))
    added = []
    for event in after.timeline:
        key = _key(event)
        if known[key]:
            known[key] -= 1
        else:
            added.append(event)
    return added


def _key(event: TimelineEvent) -> tuple[datetime, EventCategory, str]:
    return event.at, event.category, event.message
