"""What is said of a message that does not come as it should have (pure)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from chatops.messages import Paragraph, Posting
from chatops.owed import Owed
from chatops.room import Room
from chatops.views.format import when

#: What is older than this when it goes out says of when it is.
LATE_AFTER = timedelta(seconds=60)
#: Said where the topic of a room is closed or gone, and the room itself is told.
TOPIC_GONE = "The topic that this belongs in is closed or gone."


def marked(
    owed: Owed, now: datetime, zone_of: Callable[[Room], tzinfo], *, repeat: bool, topic_gone: bool = False
) -> Posting:
    """The message as it goes out now: marked late, as a possible repeat, as out of place.

    What changes a message in its place says how things are, and is not late. What only goes on with the message before
    it is late and out of place there; but a part may go twice alone, and says so itself.
    """
    marks, goes_on = [], not owed.posting.message.title

    def of() -> str:
        return when(owed.created_at, now.astimezone(zone_of(owed.room)))

    if repeat and not owed.edits:
        marks.append(f"Possible repeat: nobody knows whether this arrived. It is of {of()}.")
    elif now - owed.created_at > LATE_AFTER and not (owed.edits or goes_on):
        marks.append(f"Late: this is of {of()}.")
    if topic_gone and not goes_on:
        marks.append(TOPIC_GONE)
    if not marks:
        return owed.posting
    message = owed.posting.message
    return replace(owed.posting, message=replace(message, blocks=(Paragraph(" ".join(marks)), *message.blocks)))
