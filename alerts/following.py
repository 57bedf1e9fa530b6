"""The facts of a bot, one snapshot after the other: none that is newest is left out, however fast they come."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot_integration import Bot, Event, EventsMissed, Snapshot, SnapshotTaken

log = logging.getLogger(__name__)


@asynccontextmanager
async def following(bot: Bot) -> AsyncIterator[AsyncIterator[Snapshot]]:
    """What the bot says now, and from then on each newer snapshot, until the block is left."""
    async with bot.follow() as events:
        yield _snapshots(bot, events)


async def _snapshots(bot: Bot, events: AsyncIterator[Event]) -> AsyncIterator[Snapshot]:
    if (newest := bot.snapshot()) is not None:
        yield newest
    async for event in events:
        if isinstance(event, EventsMissed):
            log.warning("%d events of %s went by before alerts were read", event.count, bot.name)
            # What went by may be the newest facts; what still waits may be older than these.
            if (newest := bot.snapshot()) is not None:
                yield newest
        elif isinstance(event, SnapshotTaken) and not _is_heard(event.snapshot, newest):
            yield event.snapshot


def _is_heard(snapshot: Snapshot, heard: Snapshot | None) -> bool:
    return heard is not None and heard.session_id == snapshot.session_id and heard.seq >= snapshot.seq
