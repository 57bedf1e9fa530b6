"""Who waits to hear what became of a message."""

import asyncio
from uuid import UUID


class Curious:
    """Those who wait, by message. One a message."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, asyncio.Future[str | None]] = {}

    async def hear(self, delivery: UUID, within_s: float) -> str | None:
        """Wait until it is sent; gives its id there, None where it ends otherwise or not in time."""
        future = self._waiting.setdefault(delivery, asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.shield(future)
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(delivery, None)

    def tell(self, delivery: UUID, message_id: str | None) -> None:
        """It needs no more sending; `message_id` where the platform has it."""
        waiting = self._waiting.get(delivery)
        if waiting is not None and not waiting.done():
            waiting.set_result(message_id)
