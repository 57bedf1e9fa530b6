"""Tasks that have an owner: so many at once, each failure logged, all cancelled and awaited at the end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from chatops.tasks import end

log = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]


class OwnTasks:
    """Runs work beside the caller. `at_once` bounds what `begin_when_free` has running."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, what: str, work: Work) -> asyncio.Task[None]:
        """Begin work that is short, or that there is only one of. `what` names it in the log."""
        task = asyncio.create_task(_guarded(what, work), name=what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def begin_when_free(self, what: str, work: Work) -> None:
        """Wait for a free place, and begin."""
        await self._free.acquire()
        self.begin(what, work).add_done_callback(lambda _: self._free.release())

    async def close(self) -> None:
        """Cancel all that runs, and wait until it has ended."""
        await end(*self._tasks)


async def _guarded(what: str, work: Work) -> None:
    try:
        await work()
    except Exception:
        log.exception("%s failed", what)
