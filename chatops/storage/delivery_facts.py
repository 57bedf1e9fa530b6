"""What people are told of the messages that are owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from alerts.severity import Severity
from chatops.messages import Message
from chatops.owed import Kind, Lane, State
from chatops.room import Room


@dataclass(frozen=True, slots=True)
class Which:
    """Which deliveries are meant; None: whichever."""

    rooms: tuple[Room, ...] | None = None
    kind: Kind | None = None
    state: State | None = None
    #: Also what cards that are kept up to date said before.
    former: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery as people look at it."""

    id: UUID
    created_at: datetime
    kind: Kind
    severity: Severity
    room: Room
    state: State
    attempts: int
    #: The first thing that it says.
    title: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A delivery with all that is known of it."""

    listed: Listed
    #: What it says.
    message: Message
    #: The labels of its buttons, row by row.
    buttons: tuple[tuple[str, ...], ...]
    #: The name of the file that goes along; None where there is none.
    file: str | None
    #: In bytes; None where the file is not kept any more.
    file_size: int | None
    #: What else stands in its row, by the name of the column.
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are in each state that any is in."""

    states: Mapping[State, int]
    #: How long the oldest waits that is yet to go out; None where nothing does.
    oldest: timedelta | None
    #: How many former states of cards are not counted among them.
    former: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is yet to go out to a platform in a lane: pending, or on its way (`sending`)."""

    platform: str
    lane: Lane
    state: State
    count: int
    #: How long the oldest of them has been owed.
    oldest_s: float


def oldest_s(waiting: Sequence[Waiting]) -> float:
    """How long the oldest of them waits; 0 where nothing does."""
    return max((one.oldest_s for one in waiting), default=0.0)
