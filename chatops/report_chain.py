"""What a room was told of one kind of reports, a row after the other (port)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from chatops.guard.presses import StoredPress
from chatops.money.spans import Span
from chatops.owed import Owed
from chatops.report_kinds import ReportKind
from chatops.room import Room


class Step(StrEnum):
    """What a row says."""

    #: The room hears it from `span.end` on.
    BEGUN = "begun"
    #: It was told of the span: the message is owed by the same transaction.
    TOLD = "told"
    #: It hears it no more: it was turned off, or muted, or is nobody's.
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Heard:
    """A row: the last one of a room and a kind says where the next goes on."""

    room: Room
    kind: ReportKind
    #: Counts the rows of a room and a kind; who stores a number that is taken is refused.
    number: int
    step: Step
    span: Span
    at: datetime
    periods: int = 0
    #: What carries it.
    delivery: UUID | None = None
    #: Whether that could not be shown there, and never will be.
    is_lost: bool = False

    @property
    def until(self) -> datetime:
        """Up to where the room has heard all."""
        return self.span.start if self.is_lost else self.span.end


Key = tuple[Room, ReportKind]


class ReportStore(Protocol):
    """The rows. Every method raises `DatabaseAway` where the database is."""

    async def last(self) -> Mapping[Key, Heard]:
        """The last of each room, as it is called now, and kind."""
        ...

    async def add(self, heard: Heard, owed: Sequence[Owed] = (), minted: Collection[StoredPress] = ()) -> bool:
        """Store a row and what it owes, all or nothing. False where another gateway has stored that number."""
        ...
