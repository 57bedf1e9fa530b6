"""The end of a task, brought about by whoever began it."""

import asyncio
from typing import Any


async def end(task: "asyncio.Future[Any]") -> None:
    """Cancel it, and wait until it has ended; raises what it died of. A cancellation of whoever waits here passes."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
