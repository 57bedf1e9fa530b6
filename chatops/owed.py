"""One message owed to one room: a row of `deliveries`."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from alerts.severity import Severity
from chatops.messages import Posting
from chatops.room import Room


class Kind(StrEnum):
    """Why somebody is told."""

    ANSWER = "answer"
    ALERT = "alert"
    REPORT = "report"
    NOTICE = "notice"


class State(StrEnum):
    """How far it has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    #: Another message stands for it.
    FOLDED = "folded"
    #: The platform may have it, and nobody can say; it does not go again.
    AMBIGUOUS = "ambiguous"
    #: It cannot go out; its reason says why.
    DEAD = "dead"


class Lane(IntEnum):
    """Who goes first in a room; within a lane the oldest does."""

    EMERGENCY = 0
    CRITICAL = 1
    #: Somebody waits for it with a phone in the hand.
    ANSWER = 2
    WARNING = 3
    INFO = 4

    @property
    def is_urgent(self) -> bool:
        """Whether room under the limits is kept free for it."""
        return self <= Lane.CRITICAL


@dataclass(frozen=True, slots=True)
class Owed:
    """A message that a platform takes in one piece, its buttons turned into tokens."""

    id: UUID
    room: Room
    posting: Posting
    created_at: datetime
    kind: Kind = Kind.ANSWER
    severity: Severity = Severity.INFO
    #: The ask that it answers.
    command_id: UUID | None = None
    #: What it is about, within its room: states of one card take each other's place.
    card: str | None = None
    #: Whether it takes the place of the message that shows its card, where there is one.
    in_place: bool = False
    #: The message that it takes the place of, where that is known already.
    replaces: str | None = None
    #: The card under whose first message it hangs.
    hangs_on: str | None = None
    #: Whether it tells the end of what its card is about.
    ends: bool = False
    #: Whether it goes nowhere where there is no message left that it could change.
    only_changes: bool = False

    @property
    def lane(self) -> Lane:
        """Where it waits."""
        if self.severity is Severity.EMERGENCY:
            return Lane.EMERGENCY
        if self.severity is Severity.CRITICAL:
            return Lane.CRITICAL
        if self.kind is Kind.ANSWER:
            return Lane.ANSWER
        return Lane.WARNING if self.severity is Severity.WARNING else Lane.INFO

    @property
    def edits(self) -> bool:
        """Whether it changes a message that is shown: sent twice, it is the same card."""
        return self.replaces is not None

    @property
    def about(self) -> str:
        """What it belongs with in its room: its card. Of an alert each message has a key of its own, behind a `#`."""
        if self.card is None:
            return str(self.id)
        return self.card.partition("#")[0] if self.kind is Kind.ALERT else self.card

    @property
    def is_calm(self) -> bool:
        """Whether it says that nobody is needed any more: of what is in hand, or over."""
        return self.ends or self.posting.message.silent

    @property
    def goes_again(self) -> bool:
        """Whether it is sent again, marked, where nobody knows if it arrived (SPEC 8).

        From critical up it is, since a second alarm is better than none; and answers are, since every answer comes
        (SPEC 4). The rest ends `ambiguous`.
        """
        return self.kind is Kind.ANSWER or self.severity.reaches(Severity.CRITICAL)
