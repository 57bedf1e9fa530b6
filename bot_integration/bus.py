"""Events from the bot to its followers. Publishing never waits; a follower that falls behind is told what it missed."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot_integration.events import Event, EventsMissed, SnapshotTaken

#: Events kept for a follower that is busy.
QUEUE_LENGTH = 1_000
#: As many of them may be snapshots, or a tenth of the queue where that is more: each may be large, and the memory is
#: the bot's.
QUEUED_SNAPSHOTS = 100


class Follower:
    """One reader of the bus, on its own loop, with a bounded queue."""

    def __init__(self, length: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: deque[Event] = deque()
        self._length = length
        self._snapshots = 0
        self._most_snapshots = max(QUEUED_SNAPSHOTS, length // 10)
        self._missed = 0
        self._lock = threading.Lock()
        self._ready = asyncio.Event()
        self._woken = False

    def offer(self, event: Event) -> bool:
        """Take an event from any thread, letting the oldest go when full. False when the reader's loop has ended."""
        with self._lock:
            if isinstance(event, SnapshotTaken):
                self._snapshots += 1
                if self._snapshots > self._most_snapshots:
                    self._let_go(next(at for at, one in enumerate(self._events) if isinstance(one, SnapshotTaken)))
            if len(self._events) >= self._length:
                self._let_go(0)
            self._events.append(event)
            wake = not self._woken
            self._woken = True
        if not wake:
            return True
        try:
            self._loop.call_soon_threadsafe(self._ready.set)
        except RuntimeError:
            return False
        return True

    async def take(self) -> list[Event]:
        """All that waits, oldest first, led by `EventsMissed` where some were let go."""
        await self._ready.wait()
        with self._lock:
            self._ready.clear()
            self._woken = False
            taken = list(self._events)
            self._events.clear()
            self._snapshots = 0
            missed, self._missed = self._missed, 0
        return [EventsMissed(missed), *taken] if missed else taken

    def _let_go(self, at: int) -> None:
        self._snapshots -= isinstance(self._events[at], SnapshotTaken)
        del self._events[at]
        self._missed += 1

    async def events(self) -> AsyncIterator[Event]:
        """What is taken, one by one, without end."""
        while True:
            for event in await self.take():
                yield event


class Bus:
    """Hands each event to every follower, from whatever thread it comes."""

    def __init__(self, length: int = QUEUE_LENGTH) -> None:
        self._length = length
        #: Replaced, never changed, so that `publish` reads it without a lock.
        self._followers: tuple[Follower, ...] = ()
        self._lock = threading.Lock()

    def publish(self, event: Event) -> None:
        """Hand over and return. Never waits, never raises."""
        for follower in self._followers:
            if not follower.offer(event):
                self._leave(follower)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[AsyncIterator[Event]]:
        """Every event published from now on, until the block is left."""
        follower = Follower(self._length)
        with self._lock:
            self._followers = (*self._followers, follower)
        try:
            yield follower.events()
        finally:
            self._leave(follower)

    def _leave(self, follower: Follower) -> None:
        with self._lock:
            self._followers = tuple(other for other in self._followers if other is not follower)
