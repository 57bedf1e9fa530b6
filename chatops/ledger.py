"""Everything that one step of an ask leaves behind, written together or not at all, in one round trip."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from chatops.asks import Ask
from chatops.guard.audit import Asked, State, Step
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
    #: What it must wait for; None: for whatever it waits.
    state: State | None = None


class Aside(StrEnum):
    """What becomes of an entry while the database is away."""

    #: It is not taken: what it stands before has to wait.
    REFUSED = "refused"
    #: It is kept on disk, or not taken where the disk does not take it either.
    ON_DISK = "on disk"
    #: It is kept in memory alone where need be: nothing may hold up an emergency, or undo what was done.
    ANYHOW = "anyhow"


def aside_of(ask: Ask) -> Aside:
    """What becomes of the entry that lets this ask happen: what would add risk has to wait."""
    if not ask.cannot_wait:
        return Aside.REFUSED
    return Aside.ANYHOW if ask.emergency else Aside.ON_DISK


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
    #: It says what became of an ask that ended as unknown; nothing is written where that did not, or is known by now.
    #: It never goes aside.
    amends: bool = False
    aside: Aside = Aside.ON_DISK


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An ask in the middle: it waits for somebody, a stop of the program left it there, or nobody knows its end."""

    asked: Asked
    steps: tuple[Step, ...]
    #: The message that shows it, where that is known.
    card: str | None = None


class Recorded(StrEnum):
    """What became of an entry."""

    #: All of it is in the database; what it owes is on its way, and the caller's to send.
    WHOLE = "whole"
    #: The database is away: all of it is on disk, and goes there later. What it owes is on its way all the same.
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
        """Write it all, or nothing. Raises `DatabaseAway` where the database is away and it may not go aside, or
        cannot: whether the database has it then is not known.
        """
        ...

    async def waiting(self, command_id: UUID) -> Unsettled | None:
        """The ask of this id, where it waits for a press or a code. Raises `DatabaseAway`."""
        ...

    async def waiting_of(self, person: str) -> list[Unsettled]:
        """What this person asked that waits, the newest first. Raises `DatabaseAway`."""
        ...

    async def pass_over(self, receipt: Receipt, note: str) -> None:
        """Call an update handled, though no ask came of it."""
        ...
