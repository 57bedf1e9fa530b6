"""A clock that moves only when somebody sleeps by it."""

import asyncio
from datetime import datetime, timedelta

from tests.bot_integration.control.alpha import NOW


class Clock:
    def __init__(self) -> None:
        self._now = NOW
        self.slept: list[float] = []
        self._slept_again = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        self._slept_again.set()
        await asyncio.sleep(0)

    async def has_slept(self, times: int) -> None:
        """Wait until somebody has slept so often."""
        async with asyncio.timeout(10):
            while len(self.slept) < times:
                self._slept_again.clear()
                await self._slept_again.wait()

    @property
    def passed_s(self) -> float:
        return (self._now - NOW).total_seconds()


async def hurry(seconds: float) -> None:
    """Let time stand still, and others have their turn."""
    await asyncio.sleep(0)
