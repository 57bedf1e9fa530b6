"""Everything that one step of an ask leaves behind, written together or not at all, in one round trip."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from chatops.guard.audit import Asked, Step
from chatops.guard.presses import StoredPress
from chatops.messages import Receipt
from chatops.owed import Owed


@dataclass(frozen=True, slots=True)
class Redemption:
    """What settles a waiting ask. Only the first of any number goes through."""

    #: The press; None where nobody pressed in time.
    token: str | None
    command_id: UUID
    by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One write."""

    steps: tuple[Step, ...]
    #: The row of the log itself, with the first step of an ask.
    asked: Asked | None = None
    minted: tuple[StoredPress, ...] = ()
    #: The parts of its answer, in order: on their way from then on, and the caller's to send.
    owed: tuple[Owed, ...] = ()
    #: The update that is handled with this write, and stored with it where it was not before.
    receipt: Receipt | None = None
    redeems: Redemption | None = None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An ask that a stop of the program left in the middle."""

    asked: Asked
    steps: tuple[Step, ...]
    #: The message that shows it, where that is known.
    card: str | None = None


class Recorded(StrEnum):
    """What became of an entry."""

    #: All of it is in the database; what it owes is on its way, and the caller's to send.
    WHOLE = "whole"
    #: The database is away: its steps and buttons are on disk and go there later. What it owes is not stored.
    ASIDE = "aside"
    #: Nothing was written: its press was settled, or its update came before.
    BEFORE = "before"


class Ledger(Protocol):
    """Where entries go."""

    @property
    def is_here(self) -> bool:
        """Whether the database is there, as far as we know; else entries go aside."""
        ...

    async def record(self, entry: Entry) -> Recorded:
        """Write it all, or nothing. Raises `DatabaseAway` where it can be written nowhere."""
        ...

    async def keep(self, receipt: Receipt) -> None:
        """Store its update, where that is not stored yet."""
        ...

    async def pass_over(self, receipt: Receipt, note: str) -> None:
        """Call an update handled, though no ask came of it."""
        ...
