"""A bot that follows nobody's plan, and a reader of its feed, for the tests of the feed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot_integration import BotController, Snapshot
from bot_integration.feed import Feed
from bot_integration.frames import Changed, Whole
from tests.bot_integration.facts import facts


class Reader:
    """Remembers what it is told."""

    def __init__(self, feed: Feed) -> None:
        self.frames: list[Whole | Changed] = []
        self.leave = feed.read(self.frames.append)

    @property
    def kinds(self) -> list[str]:
        """Of all deltas that it was told."""
        return [str(delta.kind) for frame in self.frames if isinstance(frame, Changed) for delta in frame.deltas]


async def settle() -> None:
    """Let what was published come through; nothing here waits for a clock."""
    for _ in range(5):
        await asyncio.sleep(0)


@asynccontextmanager
async def fed(bot: BotController, **settings: Any) -> AsyncIterator[tuple[Feed, Reader]]:
    """Its feed, which batches until it is asked, and a reader that was there when it published first."""
    bot.publish(facts())
    async with Feed(bot, **{"batch_s": 3600, **settings}) as feed:
        yield feed, Reader(feed)


def newest(bot: BotController) -> Snapshot:
    """What it published last."""
    snapshot = bot.snapshot()
    assert snapshot is not None
    return snapshot
