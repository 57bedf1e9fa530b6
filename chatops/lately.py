"""A question that costs something, asked no more often than its answer grows old, whoever wants to know."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

AnswerT = TypeVar("AnswerT")


class Lately(Generic[AnswerT]):
    """Asks in a task of its own, one at a time, for `async with`: who cannot wait leaves, and breaks nothing off.

    `clock` gives seconds that only grow. A failure is an answer, and kept as long.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[AnswerT]],
        *,
        fresh_s: float,
        within_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._within_s = within_s
        self._clock = clock
        self._asking: asyncio.Task[AnswerT] | None = None
        self._asked_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def __call__(self) -> AnswerT:
        """The last answer, or a new one. Raises what `ask` raised, and `TimeoutError` after `within_s` without one."""
        asking = self._asking
        if asking is None or (asking.done() and self._clock() - self._asked_at >= self._fresh_s):
            self._asked_at = self._clock()
            asking = self._asking = asyncio.create_task(self._answer(), name="a look at what waits")
            asking.add_done_callback(_heard)
        await asyncio.wait({asking}, timeout=self._within_s)
        if not asking.done():
            raise TimeoutError
        return asking.result()

    async def _answer(self) -> AnswerT:
        return await self._ask()


def _heard(asking: "asyncio.Task[AnswerT]") -> None:
    # Who asked may have left by now; that nobody heard of a failure is no fault of the program.
    if not asking.cancelled():
        asking.exception()
