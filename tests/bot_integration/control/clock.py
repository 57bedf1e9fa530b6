"""Clocks that move only when somebody sleeps by them."""

import asyncio
from datetime import datetime, timedelta

from tests.bot_integration.control.alpha import NOW


class Clock:
    """One that people read and that may jump, and one that never jumps."""

    def __init__(self) -> None:
        self._now = NOW
        self._passed_s = 0.0
        self.slept: list[float] = []
        self._slept_again = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._passed_s

    def jump(self, by: timedelta) -> None:
        """Somebody sets what people read."""
        self._now += by

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        self._passed_s += seconds
        self._slept_again.set()
        await asyncio.sleep(0)

    async def has_slept(self, times: int) -> None:
        """Wait until somebody has slept so often."""
        async with asyncio.timeout(30):
            while len(self.slept) < times:
                self._slept_again.clear()
                await self._slept_again.wait()

    @property
    def passed_s(self) -> float:
        return self._passed_s


async def hurry(seconds: float) -> None:
    """Let time stand still, and others have their turn."""
    await asyncio.sleep(0)
