"""A thread with a loop of its own, and the way between loops."""

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

log = logging.getLogger(__name__)

ValueT = TypeVar("ValueT")

#: How often one who waits looks whether the other loop still is.
LOOK_S = 1.0


class OwnLoop:
    """A daemon thread that runs a loop from `start` to `stop`. What breaks in there stays there."""

    def __init__(self, name: str, new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop) -> None:
        self._name = name
        self._new_loop = new_loop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_ending = False
        self._leaving: asyncio.Task[None] | None = None

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
                while not self._is_ending:
                    try:
                        self._loop.run_forever()
                    # A SystemExit ends what raised it, not this thread.
                    except BaseException:
                        log.exception("something broke out of the loop %s", self._name)

        self._is_ending = False
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
        self.loop.call_soon_threadsafe(self._end)
        await asyncio.to_thread(self._thread.join)
        self._loop = self._thread = None

    def leave(self, within_s: float) -> None:
        """Have it end once nothing runs on it any more, or after so long. Returns at once, from any thread."""

        async def come_to_an_end() -> None:
            if others := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(others, timeout=within_s)
            self._end()

        def begin() -> None:
            if self._leaving is None:
                self._leaving = asyncio.create_task(come_to_an_end(), name=f"the end of {self._name}")

        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(begin)

    def _end(self) -> None:
        self._is_ending = True
        self.loop.stop()


async def cross(work: Coroutine[Any, Any, ValueT], loop: asyncio.AbstractEventLoop) -> ValueT:
    """Await it on another loop, or on this one.

    Raises `LoopClosed` where that one has ended, and its kind `CutShort` where it ended while the work was there.
    """
    if loop is asyncio.get_running_loop():
        return await work
    try:
        there = asyncio.run_coroutine_threadsafe(work, loop)
    except RuntimeError as error:
        work.close()
        raise LoopClosed("the loop over there has ended") from error
    here = asyncio.wrap_future(there)
    try:
        # A loop that ends before it came to this says nothing: it is looked after.
        while not (await asyncio.wait([here], timeout=LOOK_S))[0]:
            if loop.is_closed():
                if inspect.getcoroutinestate(work) == inspect.CORO_CREATED:
                    work.close()
                    raise LoopClosed("the loop over there ended before it came to this")
                raise CutShort("the loop over there ended while this ran")
    finally:
        here.cancel()
    if here.cancelled():
        # We were not cancelled, so whoever ended that loop cancelled all that ran there.
        raise CutShort("the loop over there ended while this ran")
    return here.result()


class LoopClosed(Exception):
    """Nothing can be run on that loop any more. Nothing of this was."""


class CutShort(LoopClosed):
    """The loop ended meanwhile: some of it may have been run."""
