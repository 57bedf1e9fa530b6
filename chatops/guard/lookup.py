"""What an admin looks up on record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from chatops.guard.audit import State, Step


@dataclass(frozen=True, slots=True)
class AskOnRecord:
    """A row of `command_log`, with who approved it."""

    id: UUID
    at: datetime
    #: The name of whoever asked; of a stranger the account.
    who: str
    platform: str
    room: str
    bot: str | None
    word: str
    arguments: Mapping[str, Any]
    state: State
    outcome: str | None
    answer: str | None
    latency_ms: float | None
    approved_by: tuple[str, ...] = ()


class Lookup(Protocol):
    """The record, to be looked into. Both raise `DatabaseAway`."""

    async def find(
        self, about: str, *, bots: Collection[str] | None, limit: int, before: UUID | None = None
    ) -> Sequence[AskOnRecord]:
        """The newest asks of this person, account, word, bot, state or outcome, else of an id that ends so.

        Nothing in `about` means all; `bots` are the only ones whose asks count, folded. Older than the one of the id
        `before`, where that is given.
        """
        ...

    async def steps(self, ask: UUID) -> Sequence[Step]:
        """All that happened to it, in order."""
        ...
