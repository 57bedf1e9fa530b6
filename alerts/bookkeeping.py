"""Has steps stored, and goes on in memory while the store is away."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from alerts.model import Advance
from alerts.pending import Pending
from alerts.store import AlertStore, Overtaken, StoreAway

log = logging.getLogger(__name__)


class Bookkeeping:
    """What is decided goes to the store in order. What it does not take waits here, small however long that lasts."""

    def __init__(self, store: AlertStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._pending = Pending()
        self._fence = 0
        #: Since when the store does not answer.
        self.away_since: datetime | None = None

    @property
    def waiting(self) -> int:
        """How many steps wait."""
        return len(self._pending)

    async def begin(self) -> None:
        """Be the worker. Raises `StoreAway`."""
        self._fence = await self._store.take_over()
        self._pending.clear()
        self.away_since = None

    async def note(self, advances: Sequence[Advance]) -> bool:
        """Have these stored, now if the store answers; whether all is. Raises `Overtaken`, and then has dropped them.

        While it is away only `flush` asks it again: what is urgent does not wait for it each time.
        """
        self._pending.add(advances)
        return await self.flush() if self.away_since is None else False

    async def flush(self) -> bool:
        """Have stored what waits; whether all is. Raises `Overtaken`, and then has dropped it."""
        try:
            await self._flush()
        except StoreAway as error:
            self._pending.not_answered()
            if self.away_since is None:
                self.away_since = self._now()
                log.warning("alerts go on in memory, their store is away: %s", error)
            return False
        except Overtaken:
            self._pending.clear()
            raise
        if self.away_since is not None:
            log.warning("the store of alerts is back, it was away since %s", self.away_since)
            self.away_since = None
        return True

    async def _flush(self) -> None:
        try:
            await self._advance(self._pending.all())
        except Overtaken:
            first = self._pending.unanswered()
            if not first or not await self.is_worker():
                raise
            # It was stored, and its answer was lost: the same again says so.
            await self._advance(first)
            self._pending.answered()
            await self._advance(self._pending.all())
        self._pending.clear()

    async def _advance(self, advances: Sequence[Advance]) -> None:
        if not advances:
            return
        stored = await self._store.advance(self._fence, advances)
        for one in advances:
            kept = stored.get(one.alert.id, one.alert)
            if (kept.id, kept.number) != (one.alert.id, one.alert.number):
                raise Overtaken(f"alert {one.alert.number} is alert {kept.number} now")

    async def is_worker(self) -> bool:
        """Whether nobody else has taken over."""
        try:
            await self._store.advance(self._fence, ())
        except Overtaken:
            return False
        return True
