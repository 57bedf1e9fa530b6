"""A task with an owner: it ends with the block that it was started for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

log = logging.getLogger(__name__)


@asynccontextmanager
async def running(coroutine: Coroutine[Any, Any, None], name: str) -> AsyncIterator["asyncio.Task[None]"]:
    """Run it beside the block; cancelled and awaited when the block is left. One that dies is logged whole."""
    task = asyncio.create_task(coroutine, name=name)
    task.add_done_callback(_mourn)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _mourn(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s died", task.get_name(), exc_info=error)
