"""What wakes whoever tells reports: once a minute, by APScheduler, and whenever somebody changed something."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC

# It says nothing of its types.
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]

from chatops.reports.due import GATHERED


class Waking:
    """A bell. What is due nobody keeps here: stored rows say it, so that a bell which did not ring loses nothing."""

    def __init__(self, second: str = str(int(GATHERED.total_seconds()))) -> None:
        """`second` is that of each minute at which it rings, as cron has it."""
        self._second = second
        self._news = asyncio.Event()

    def ring(self) -> None:
        """Have them look now."""
        self._news.set()

    async def wait(self) -> None:
        """Until it rings, or has rung since the last wait."""
        await self._news.wait()
        self._news.clear()

    @asynccontextmanager
    async def every_minute(self) -> AsyncIterator[None]:
        """Ring each minute while the block runs, as soon as what was due at the minute is gathered."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        # However late we wake, we look once; each zone's times of the day fall on a minute.
        scheduler.add_job(
            self._ring,
            CronTrigger(second=self._second, timezone=UTC),
            coalesce=True,
            misfire_grace_time=None,
        )
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)
            # It ends in the next turn of the loop.
            await asyncio.sleep(0)

    async def _ring(self) -> None:
        self.ring()
