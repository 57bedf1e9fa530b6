"""A thread with a loop of its own, and the way between loops."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

ValueT = TypeVar("ValueT")


class OwnLoop:
    """A daemon thread that runs a loop from `start` to `stop`. What breaks in there stays there."""

    def __init__(self, name: str, new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop) -> None:
        self._name = name
        self._new_loop = new_loop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, while the thread runs."""
        if self._loop is None:
            raise RuntimeError(f"the loop {self._name} does not run")
        return self._loop

    def start(self) -> None:
        """Begin. Returns once the loop runs."""
        begun = threading.Event()

        def run() -> None:
            with asyncio.Runner(loop_factory=self._new_loop) as runner:
                self._loop = runner.get_loop()
                self._loop.call_soon(begun.set)
                self._loop.run_forever()

        self._thread = threading.Thread(target=run, name=self._name, daemon=True)
        self._thread.start()
        begun.wait()

    async def run(self, work: Coroutine[Any, Any, ValueT]) -> ValueT:
        """Await it over there. Cancelled here, it is cancelled there."""
        return await cross(work, self.loop)

    async def stop(self) -> None:
        """End the loop, what runs on it cancelled first; the loop of the caller goes on meanwhile."""
        if self._thread is None:
            return
        self.loop.call_soon_threadsafe(self.loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop = self._thread = None


async def cross(work: Coroutine[Any, Any, ValueT], loop: asyncio.AbstractEventLoop) -> ValueT:
    """Await it on another loop, or on this one. Raises `LoopClosed` where that one runs no more."""
    if loop is asyncio.get_running_loop():
        return await work
    try:
        there = asyncio.run_coroutine_threadsafe(work, loop)
    except RuntimeError as error:
        work.close()
        raise LoopClosed("the loop over there has ended") from error
    return await asyncio.wrap_future(there)


class LoopClosed(Exception):
    """Nothing can be run on that loop any more."""
