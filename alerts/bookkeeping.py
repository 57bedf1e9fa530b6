"""Has steps stored, and goes on in memory while the store is away."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from alerts.model import Advance
from alerts.pending import Pending
from alerts.store import AlertStore, Overtaken, StoreAway

log = logging.getLogger(__name__)


class NotStored(Exception):
    """The store broke over these alerts' steps. All others are stored; of these nothing is, nor does it wait."""

    def __init__(self, alerts: Sequence[UUID]) -> None:
        super().__init__(f"{len(alerts)} steps of alerts are not stored")
        self.alerts = tuple(alerts)


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
        """Have these stored, now if the store answers; whether all is. Raises as `flush` does.

        While it is away only `flush` asks it again: what is urgent does not wait for it each time.
        """
        self._pending.add(advances)
        return await self.flush() if self.away_since is None else False

    async def flush(self) -> bool:
        """Have stored what waits; whether all is. Raises `Overtaken`, and then has dropped it, and `NotStored`."""
        try:
            refused = await self._flush()
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
        if refused:
            raise NotStored(refused)
        return True

    async def _flush(self) -> list[UUID]:
        """Gives the alerts whose steps were not stored, whatever the reason."""
        refused: list[UUID] = []
        try:
            await self._flush_at_once()
        except (StoreAway, Overtaken):
            raise
        except Exception:
            log.exception("steps of alerts are not stored together: each is tried by itself")
            refused = await self._flush_one_by_one()
        self._pending.clear()
        return refused

    async def _flush_at_once(self) -> None:
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

    async def _flush_one_by_one(self) -> list[UUID]:
        refused: list[UUID] = []
        for one in self._pending.all():
            try:
                await self._advance([one])
            except (StoreAway, Overtaken):
                raise
            except Exception:
                # It must not keep all the others from being told, now and for ever.
                log.exception("a step of alert %s is not stored, and nobody is told of it", one.alert.number)
                refused.append(one.alert.id)
        return refused

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
