"""How late a loop runs what is due."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

#: Between two moments at which something is due.
PERIOD_S = 0.001


class LoopDelay:
    """Samples the loop that it is started on. A moment that was missed counts with its whole delay."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` is the loop's own."""
        self._clock = clock
        self._delays_ms: list[float] = []
        self._sampling: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to sample."""
        self._delays_ms = []
        self._sampling = asyncio.create_task(self._sample())

    async def stop(self) -> list[float]:
        """The delays in ms since the start."""
        assert self._sampling is not None
        self._sampling.cancel()
        with suppress(asyncio.CancelledError):
            await self._sampling
        return self._delays_ms

    async def _sample(self) -> None:
        due = self._clock()
        while True:
            due += PERIOD_S
            # What is due already would not give way to the others without the sleep.
            await asyncio.sleep(max(0.0, due - self._clock()))
            self._delays_ms.append(max(0.0, self._clock() - due) * 1_000)
