"""Work that must not hold up the loop: on a thread of its own, and waited for so long."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

Result = TypeVar("Result")
_Job = tuple[Callable[[], Result], asyncio.AbstractEventLoop, "asyncio.Future[Result]"]


class Overran(Exception):
    """It is not done within its time, or what was asked before it is not done yet."""


class Bounded(Generic[Result]):
    """One thread, which does one piece of work after the other. What never ends holds up nobody but itself.

    A thread that hangs is left behind when the process ends.
    """

    def __init__(self, name: str, within_s: float) -> None:
        self._name = name
        self._within_s = within_s
        self._jobs: SimpleQueue[_Job[Result] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._busy: asyncio.Future[Result] | None = None

    async def run(self, work: Callable[[], Result]) -> Result:
        """What the work gives, or raises. Raises `Overran`."""
        if self._busy is not None and not self._busy.done():
            raise Overran
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._busy = answer
        # Whoever stops waiting for it has no use for what went wrong.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._jobs.put((work, loop, answer))
        await asyncio.wait([answer], timeout=self._within_s)
        if not answer.done():
            raise Overran
        return await answer

    def close(self) -> None:
        """Let the thread end once it has done what it is at."""
        self._jobs.put(None)
        self._thread = None

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, loop, answer = job
            try:
                result = work()
            # Whatever it raises belongs to whoever asked.
            except Exception as error:  # noqa: BLE001
                _say(loop, answer.set_exception, error)
            else:
                _say(loop, answer.set_result, result)


def _say(loop: asyncio.AbstractEventLoop, say: Callable[..., None], what: object) -> None:
    try:
        loop.call_soon_threadsafe(say, what)
    except RuntimeError:
        # The loop has ended, and nobody waits.
        return
