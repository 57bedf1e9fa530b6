"""Wakes those who wait for a newer snapshot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

from bot_integration.bot import Bot
from bot_integration.control.wire import Mark
from bot_integration.events import Event, EventsMissed, SnapshotTaken
from bot_integration.state import Snapshot


class SnapshotBell:
    """Follows a bot while it is entered; once it is left, nobody waits any more."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._rung = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._following = AsyncExitStack()

    async def __aenter__(self) -> Self:
        events = await self._following.enter_async_context(self._bot.follow())
        self._listening = asyncio.create_task(self._listen(events), name=f"snapshots of {self._bot.name}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        listening, self._listening = self._listening, None
        self._ring()
        if listening is not None:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        await self._following.aclose()

    async def newer(self, than: Mark | None, wait_s: float) -> Snapshot | None:
        """The facts of now as soon as they are other than `than`; None where they are not within `wait_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while True:
                    # Taken before looking: what is published in between rings this one.
                    rung = self._rung
                    snapshot = self._bot.snapshot()
                    if snapshot is not None and Mark.of(snapshot) != than:
                        return snapshot
                    if self._listening is None:
                        return None
                    await rung.wait()
        return None

    async def _listen(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            if isinstance(event, SnapshotTaken | EventsMissed):
                self._ring()

    def _ring(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()
