"""What followers are told when a far bot shows newer facts (pure)."""

from datetime import datetime

from bot_integration.controller import changes
from bot_integration.events import Event, Noted, SnapshotTaken
from bot_integration.state import EventCategory, Snapshot


def news(before: Snapshot | None, after: Snapshot, at: datetime) -> list[Event]:
    """The events between two snapshots, in order. Of the first snapshot only itself: the rest is no news."""
    if before == after:
        return []
    told: list[Event] = [SnapshotTaken(after)]
    if before is not None and before.session_id != after.session_id:
        told.append(Noted(after.bot, at, EventCategory.WARNING, f"{after.bot} was restarted."))
    told.extend(changes(before, after))
    return told
