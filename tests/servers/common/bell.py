"""A bell that many can wait for: it rings whenever something has changed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

#: What is waited for may stand elsewhere too, where nobody rings: so often it is looked for all the same.
_LOOK_S = 0.5


class Bell:
    """Each ring wakes all who wait, and they look again."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, predicate: Callable[[], object], timeout_s: float | None) -> bool:
        """Wait until `predicate` holds; False where `timeout_s` has passed first."""
        try:
            async with asyncio.timeout(timeout_s):
                while not predicate():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_S):
                            await self._event.wait()
        except TimeoutError:
            return bool(predicate())
        return True
