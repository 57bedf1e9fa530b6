"""Tasks with an owner: they end with the block that they were started for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

log = logging.getLogger(__name__)

#: Between two tries to have a task end: longer than any of them takes to put things away.
CANCEL_AGAIN_S = 10.0


@asynccontextmanager
async def running(
    coroutine: Coroutine[Any, Any, None], name: str, *, died: Callable[[BaseException], None] = lambda error: None
) -> AsyncIterator["asyncio.Task[None]"]:
    """Run it beside the block; cancelled and awaited when the block is left. One that dies is logged whole.

    `died` is told why, too.
    """
    task = asyncio.create_task(coroutine, name=name)
    task.add_done_callback(partial(_mourn, died))
    try:
        yield task
    finally:
        await end(task)


async def end(*tasks: "asyncio.Task[Any]", again_s: float = CANCEL_AGAIN_S) -> None:
    """Cancel them until they have ended: a cancellation may be lost where a library raises something else instead."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=again_s)
    await asyncio.gather(*tasks, return_exceptions=True)


def heed_stop() -> None:
    """End the task that runs, cancelled, where it was told to and something on the way has lost that.

    For the end of a long start: what comes after it waits for nothing but such a word.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Errands:
    """Tasks that nobody waits for, until `stop`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, coroutine: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        """Run it. It deals with what fails in it."""
        task = asyncio.create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self, within_s: float = 0.0) -> None:
        """Let them end for so long; what still runs is cancelled then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        await end(*self._tasks)


async def first_of(*waits: Awaitable[object]) -> None:
    """Wait for whichever ends first; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _mourn(died: Callable[[BaseException], None], task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s died", task.get_name(), exc_info=error)
        died(error)
