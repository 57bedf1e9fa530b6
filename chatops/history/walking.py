"""Snapshots walked from the first to the last, some at a time: a long run needs no more memory than a short."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from chatops.history.port import Reading
from chatops.history.rows import Kept, Run
from chatops.money.spans import Span

#: Snapshots that are read at once: some megabytes.
AT_ONCE = 200


def span_of(run: Run) -> Span:
    """All that is known of it, its last moment included."""
    return Span(run.started_at, max(run.ended_at or run.seen_at, run.seen_at, run.started_at) + datetime.resolution)


async def walked(
    history: Reading, session_id: UUID | None, span: Span, *, bot: str = "", at_once: int = AT_ONCE
) -> AsyncIterator[Kept]:
    """What was kept of a run, or of all runs of a bot, in a span, oldest first. Raises `DatabaseAway`."""
    begins = span.start
    while begins < span.end:
        found = await history.kept(session_id=session_id, bot=bot, span=Span(begins, span.end), most=at_once)
        if not found:
            return
        newest = found[-1].snapshot.at
        # There may be more of the very moment at which it was cut off: those come once more, together.
        whole = [one for one in found if one.snapshot.at < newest] if len(found) >= at_once else []
        for one in whole or found:
            yield one
        begins = newest if whole else newest + datetime.resolution
