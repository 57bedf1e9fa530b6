"""Time that passes only while this process runs: who is held up by others is not late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from bot_integration.ending import end

#: Between two looks at the clock. Where twice that goes by without one, the process was held up.
LOOK_S = 0.02


@asynccontextmanager
async def own_time() -> AsyncIterator[None]:
    """The loop's clock goes by it until the block ends, and so does every limit that is waited for on this loop."""
    loop = asyncio.get_running_loop()
    looked_at, held_up_s = monotonic(), 0.0

    def time() -> float:
        nonlocal looked_at, held_up_s
        now = monotonic()
        held_up_s += max(0.0, now - looked_at - 2 * LOOK_S)
        looked_at = now
        return now - held_up_s

    async def look() -> None:
        # The loop looks at its clock each time that somebody has slept.
        while True:  # noqa: ASYNC110 - there is nothing to be waited for but time
            await asyncio.sleep(LOOK_S)

    looking = asyncio.create_task(look())
    loop.time = time  # type: ignore[method-assign]
    try:
        yield
    finally:
        await end(looking)
        # It never goes back, nor forward by what did not count.
        loop.time = lambda: monotonic() - held_up_s  # type: ignore[method-assign]
