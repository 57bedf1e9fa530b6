"""The gateway on a thread of its own, opened again whenever it breaks, until it is told to end."""

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol

from chatops.daemon_threads import DaemonThreads

log = logging.getLogger(__name__)

#: Between a break and the next opening: twice as long each time, until it has held for a while.
AGAIN_S, AGAIN_AT_MOST_S, HELD_S = 1.0, 60.0, 120.0
#: Between two tries to have what is left of a broken gateway end, and all of them together.
_CANCEL_AGAIN_S, _PUT_AWAY_S = 10.0, 60.0


class Life(Protocol):
    """A gateway that is open."""

    async def lost(self) -> None:
        """Wait until it is not whole any more; raises why."""
        ...

    async def said(self) -> None:
        """Wait, for a moment at most, until what happened up to now has been told."""
        ...


Opening = Callable[[], AbstractAsyncContextManager[Life]]


class Lives:
    """One gateway after another. Each has a loop of its own, so that nothing broken is handed on."""

    def __init__(
        self, name: str, opening: Opening, new_loop: Callable[[], asyncio.AbstractEventLoop], again_s: float
    ) -> None:
        self._name = name
        self._opening = opening
        self._new_loop = new_loop
        self._again_s = again_s
        self._told_to_end = threading.Event()
        self._guard = threading.Lock()
        #: That of now, and the loop that it is on.
        self._life: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = None
        self._is_open = False
        self._has_spared_the_collector = False
        self._last_error: BaseException | None = None
        #: Done when there will be none any more.
        self.ended: Future[None] = Future()

    @property
    def is_open(self) -> bool:
        """Whether people are answered now."""
        return self._is_open

    @property
    def last_error(self) -> BaseException | None:
        """Why it broke last."""
        return self._last_error

    def begin(self) -> None:
        """Have the first one opened. Returns at once."""
        threading.Thread(target=self._live, name=self._name, daemon=True).start()

    def end(self) -> None:
        """Have the last one closed. Returns at once, from any thread."""
        with self._guard:
            self._told_to_end.set()
            if self._life is not None:
                loop, life = self._life
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(life.cancel)

    def _live(self) -> None:
        wait_s = self._again_s
        while not self._told_to_end.is_set():
            began = time.monotonic()
            try:
                self._live_once()
            # Whatever it is, it is not the bot's.
            except BaseException as error:
                self._last_error = error
                if time.monotonic() - began > HELD_S:
                    wait_s = self._again_s
                log.exception("the gateway broke, and is opened again in %g s", wait_s)
                self._told_to_end.wait(wait_s)
                wait_s = min(2 * wait_s, AGAIN_AT_MOST_S)
        self.ended.set_result(None)

    def _live_once(self) -> None:
        loop = self._new_loop()
        # Python waits for the threads of a usual one before it ends.
        loop.set_default_executor(DaemonThreads(self._name))
        try:
            life = loop.create_task(self._open(), name=self._name)
            with self._guard:
                self._life = loop, life
                if self._told_to_end.is_set():
                    life.cancel()
            try:
                loop.run_until_complete(life)
            except asyncio.CancelledError:
                if not self._told_to_end.is_set():
                    raise
        finally:
            self._is_open = False
            with self._guard:
                self._life = None
            _put_away(loop)

    async def _open(self) -> None:
        async with self._opening() as life:
            if not self._has_spared_the_collector:
                # What a gateway that broke has left is the collector's.
                self._has_spared_the_collector = True
                _spare_the_collector()
            self._is_open = True
            try:
                await life.lost()
            except asyncio.CancelledError:
                self._is_open = False
                if self._told_to_end.is_set():
                    await _say(life)
                raise


def _spare_the_collector() -> None:
    # A full collection looks at all that lives, of which our modules are most: 50 to 100 ms in which the bot stands
    # still, some times an hour. What is put aside here is still let go of once nobody refers to it.
    gc.collect(1)
    gc.freeze()


async def _say(life: Life) -> None:
    try:
        await life.said()
    except Exception:
        log.exception("the last words of the gateway were lost")


def _put_away(loop: asyncio.AbstractEventLoop) -> None:
    """End all that runs on a loop whose life is over, however it ended, and close it."""
    give_up = time.monotonic() + _PUT_AWAY_S
    while (left := asyncio.all_tasks(loop)) and time.monotonic() < give_up:
        for task in left:
            task.cancel()
        try:
            loop.run_until_complete(asyncio.wait(left, timeout=_CANCEL_AGAIN_S))
        except BaseException:
            log.exception("the gateway broke while it was put away")
    try:
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
