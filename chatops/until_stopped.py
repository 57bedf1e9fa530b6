"""A program that runs until it ends or is told to stop."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from types import FrameType
from typing import Any, TypeVar

from chatops.event_loop import new_event_loop

ValueT = TypeVar("ValueT")

#: Told to stop: Ctrl-C, a service manager, a terminal that is closed.
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_until_stopped(coroutine: Coroutine[Any, Any, ValueT]) -> ValueT | None:
    """Run it until it ends, or until we are told to stop; then it puts things away, and that is no failure.

    Gives what it gave, None where it was stopped first.
    """

    async def until_stopped() -> ValueT | None:
        task = asyncio.ensure_future(coroutine)
        loop = asyncio.get_running_loop()
        was_told = False

        def stop() -> None:
            # Once: a second Ctrl-C must not cut off the closing that the first one began. Not `task.cancelling()`: a
            # time limit that passes at this moment cancels too, and then takes it back.
            nonlocal was_told
            if not was_told:
                was_told = True
                task.cancel()

        def signalled(number: int, frame: FrameType | None) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(stop)

        # Not the loop's own handlers: those end with the loop, and Ctrl-C once more would then be a crash.
        for number in numbers:
            signal.signal(number, signalled)
        with suppress(asyncio.CancelledError):
            return await task
        return None

    # Whoever started us with `nohup` does not want the third, nor a script that left us in its background the first.
    numbers = [one for one in STOPPING if signal.getsignal(one) is not signal.SIG_IGN]
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(until_stopped())
    finally:
        # All is put away; what is left is Python's own end, which would take the next one for a crash.
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
