"""How long something makes people wait, without what this process was held up meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatops.tasks import running
from tests.flows.platform_chat import PATIENCE_S

TICK_S = 0.01


@asynccontextmanager
async def waits_less_than(seconds: float) -> AsyncIterator[None]:
    """The block does. It is counted in ticks: a turn of the loop that a busy machine drew out is one of them."""
    ticks = 0

    async def count() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(TICK_S)
            ticks += 1

    async with asyncio.timeout(PATIENCE_S), running(count(), "counting how long it waits"):
        yield
    assert ticks * TICK_S < seconds, f"it waited for {ticks * TICK_S:g} s"
