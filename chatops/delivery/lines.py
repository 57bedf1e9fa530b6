"""Answers that wait their turn in the book, by chat: what is answered after them stands behind them."""

from collections.abc import Collection
from uuid import UUID


class Lines:
    """The lines of one platform."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[UUID]] = {}
        #: Those that the book did not know at the last look.
        self._doubted: frozenset[UUID] = frozenset()

    def __contains__(self, chat: str) -> bool:
        return chat in self._waiting

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def join(self, chat: str, delivery: UUID) -> None:
        """It waits from now on."""
        self._waiting.setdefault(chat, set()).add(delivery)

    def leave(self, chat: str, delivery: UUID) -> None:
        """It waits no more, if it did."""
        line = self._waiting.get(chat)
        if line is not None:
            line.discard(delivery)
            if not line:
                del self._waiting[chat]

    def move(self, old: str, new: str) -> None:
        """The chat has another id now."""
        if old in self._waiting and old != new:
            self._waiting.setdefault(new, set()).update(self._waiting.pop(old))

    def check(self, known: Collection[UUID]) -> None:
        """Let go of what the book does not know as waiting, twice in a row: others may have ended it.

        Once is not enough: it may be on its way now, or about to be stored.
        """
        missing = {delivery for line in self._waiting.values() for delivery in line}.difference(known)
        for chat, line in tuple(self._waiting.items()):
            for delivery in line & missing & self._doubted:
                self.leave(chat, delivery)
        self._doubted = frozenset(missing)
