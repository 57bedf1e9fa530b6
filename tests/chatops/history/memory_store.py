"""A history in memory: fenced as the real one is, and read back as books."""

import json
from collections.abc import Collection, Iterable, Sequence

from chatops.history.rows import Batch, Head
from chatops.money.books import Books
from chatops.storage.errors import DatabaseAway
from chatops.storage.history.snapshots import packed, unpacked


class MemoryStore:
    """A `Recording`. What it takes it keeps; heads are read back as they would be from bytes."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.is_away = False
        #: The next batches are stored, and nobody hears of it.
        self.loses_answers = 0
        self._heads: dict[str, tuple[Head, bytes]] = {}

    async def heads(self, bots: Collection[str]) -> dict[str, Head]:
        self._expect_here()
        return {bot: self._read(bot) for bot in bots if bot in self._heads}

    async def keep(self, batches: Sequence[Batch]) -> frozenset[str]:
        self._expect_here()
        refused = frozenset(one.bot for one in batches if not self.take(one))
        if self.loses_answers:
            self.loses_answers -= 1
            raise DatabaseAway("it went while it answered")
        return refused

    def take(self, batch: Batch) -> bool:
        """Whether it goes on from what is stored; then it is."""
        stored = self._heads.get(batch.bot)
        before = batch.before
        if (stored is None) != (before is None):
            return False
        if stored is not None and before is not None and place(stored[0]) != place(before):
            return False
        known = json.loads(json.dumps(batch.head.known))
        head = Head(batch.head.session_id, batch.head.seq, batch.head.snapshot, known)
        self._heads[batch.bot] = (head, packed(batch.head.snapshot))
        self.batches.append(batch)
        return True

    def head(self, bot: str) -> Head | None:
        """Up to where it is stored."""
        return self._read(bot) if bot in self._heads else None

    def _read(self, bot: str) -> Head:
        head, snapshot = self._heads[bot]
        return Head(head.session_id, head.seq, unpacked(snapshot), head.known)

    def _expect_here(self) -> None:
        if self.is_away:
            raise DatabaseAway("it does not answer")


def place(head: Head) -> tuple[object, int]:
    return head.session_id, head.seq


def books(batches: Iterable[Batch]) -> Books:
    """All that is stored, of each minute the newest sample."""
    stored = list(batches)
    samples = {(one.bot, one.at.replace(second=0, microsecond=0)): one for batch in stored for one in batch.samples}
    return Books(
        tuple(one for batch in stored for one in batch.bookings),
        tuple(one for batch in stored for one in batch.payments),
        tuple(one for batch in stored for one in batch.trades),
        tuple(samples.values()),
        tuple(one for batch in stored for one in batch.gaps),
    )
