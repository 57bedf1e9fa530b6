"""One message at a time to a chat; who waits is let in by lane."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from chatops.owed import Lane


class Slots:
    """The chats of one platform to which something is on its way."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[Lane, int, asyncio.Future[None]]]] = {}
        self._order = count()

    @property
    def taken(self) -> frozenset[str]:
        """The chats to which something is on its way now."""
        return frozenset(self._waiting)

    @asynccontextmanager
    async def hold(self, chat: str, lane: Lane) -> AsyncIterator[None]:
        """Have the chat for this message until the block ends."""
        if chat in self._waiting:
            await self._wait(chat, lane)
        else:
            self._waiting[chat] = []
        try:
            yield
        finally:
            self._pass_on(chat)

    async def _wait(self, chat: str, lane: Lane) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting[chat], (lane, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # It had just been let in: the next one is.
                self._pass_on(chat)
            raise

    def _pass_on(self, chat: str) -> None:
        waiting = self._waiting[chat]
        while waiting:
            _, _, turn = heapq.heappop(waiting)
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[chat]
