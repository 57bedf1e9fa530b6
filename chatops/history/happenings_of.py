"""What a bot told between two snapshots: new lines of its timeline, and positions that changed their stage (pure)."""

from collections.abc import Sequence

from bot_integration import Snapshot, TimelineEvent
from chatops.history.rows import Happened
from chatops.history.sights import Sights

#: The category of a change of stage.
POSITION = "position"
#: The stage of a position that is gone without having been seen closed.
GONE = "gone"


def happenings_of(bot: str, before: Snapshot | None, after: Snapshot, seen: Sights) -> list[Happened]:
    """Oldest first."""
    session = after.session_id
    known = before.timeline if before is not None and before.session_id == session else ()
    found = [
        Happened(bot, session, one.at, one.category.value, one.message, _position(one))
        for one in _newer(known, after.timeline)
    ]
    found += [
        Happened(bot, session, after.at, POSITION, one.now.stage.value, one.now.id)
        for one in seen.here
        if one.was is None or one.was.stage is not one.now.stage
    ]
    found += [Happened(bot, session, after.at, POSITION, GONE, one.id) for one in seen.gone]
    return found


def _newer(known: Sequence[TimelineEvent], now: Sequence[TimelineEvent]) -> Sequence[TimelineEvent]:
    """What follows the last line that is known; all where that has gone by."""
    if not known or not now or known[-1] is now[-1]:
        return now if not known else ()
    last = known[-1]
    for place in range(len(now) - 1, -1, -1):
        if now[place] == last:
            return now[place + 1 :]
    return now


def _position(event: TimelineEvent) -> str:
    given = event.data.get("position", "")
    return given if isinstance(given, str) else ""
