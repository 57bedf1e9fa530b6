"""Threads for what a loop cannot wait for, in a program whose end they must not hold up."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

ValueT = TypeVar("ValueT")
GivenT = ParamSpec("GivenT")

#: Names of hosts and a few files are all that is waited for.
COUNT = 4


class DaemonThreads(ThreadPoolExecutor):
    """For `loop.set_default_executor`. Python's own waits at the end of the program for whatever still runs in it.

    All threads are begun at once: while a program ends it takes on work still, and Python allows no new ones then.
    """

    def __init__(self, name: str, count: int = COUNT) -> None:
        # None of its own threads is ever begun: `submit` is ours.
        super().__init__(max_workers=count)
        self._waiting: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._count = count
        self._is_shut = False
        for number in range(count):
            threading.Thread(target=self._serve, name=f"{name} {number}", daemon=True).start()

    def submit(self, fn: Callable[GivenT, ValueT], /, *args: GivenT.args, **kwargs: GivenT.kwargs) -> Future[ValueT]:
        """Have it run. Raises `RuntimeError` after `shutdown`."""
        if self._is_shut:
            raise RuntimeError("these threads take on nothing any more")
        future: Future[ValueT] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for it
                future.set_exception(error)

        self._waiting.put(run)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take on nothing more. What runs is left to itself, whatever `wait` says."""
        self._is_shut = True
        for _ in range(self._count):
            self._waiting.put(None)

    def _serve(self) -> None:
        while (run := self._waiting.get()) is not None:
            run()
            # Or what it gave is held until the next one comes.
            del run
