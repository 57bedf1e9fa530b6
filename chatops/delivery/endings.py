"""What comes of one try to send, and what that means for the message (pure)."""

from dataclasses import dataclass, replace
from typing import Protocol

from chatops.adapters.base import Fault, Part, SendError
from chatops.owed import Owed, State

#: After so many tries more an answer that may have arrived goes no more: whoever asked can ask again.
MOST_REPEATS = 3
#: Between two tries of an alarm that may have arrived, in seconds.
LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it."""

    message_id: str
    #: What it had to do without.
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """It goes again, at its old place in the order."""

    reason: str
    #: At once when the platform can be reached, where there is nothing to wait for.
    wait_s: float = 0.0
    #: The platform wants the whole chat left alone until then.
    holds_chat: bool = False
    #: It may have been shown.
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Moves:
    """The chat has another id now, and all that is owed to it follows."""

    chat: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ends:
    """It does not go out any more."""

    state: State
    reason: str


Ending = Sent | Waits | Moves | Ends


class Ended(Protocol):
    """Told when a message needs no more sending."""

    def __call__(self, owed: Owed, state: State, message_id: str | None) -> None:
        """`message_id` where the platform has it."""
        ...


def judge(owed: Owed, error: SendError, attempts: int, *, repeat: bool = True, found_again: bool = False) -> Ending:
    """What a failure means for this message.

    `attempts` counts every try, this one and those that showed nothing included; `repeat` is whether one before this
    may have shown it. `found_again`: what may be there is looked for before it goes again.
    """
    reason = str(error)
    match error.fault:
        case Fault.RETRY_AFTER:
            return Waits(reason, error.wait_s or 0.0, holds_chat=not error.of_kind)
        case Fault.BACKOFF | Fault.DEAD_CREDENTIAL:
            return Waits(reason)
        case Fault.AMBIGUOUS if owed.edits and attempts <= MOST_REPEATS:
            # The same card twice is the same card.
            return Waits(reason)
        case Fault.AMBIGUOUS if not owed.edits and owed.lane.is_urgent:
            # An alarm is never given up. It goes again more and more seldom: perhaps each of them arrives, where it is
            # not looked for before.
            is_at_once = (found_again and not error.unsought) or not repeat
            return Waits(reason, 0.0 if is_at_once else min(2.0 ** min(attempts, 10), LONGEST_S), repeat=True)
        case Fault.AMBIGUOUS if _may_go_again(owed, found_again) and (attempts <= MOST_REPEATS or not repeat):
            # The first that may have shown it is always followed by another, however many showed nothing before.
            return Waits(reason, repeat=True)
        case Fault.AMBIGUOUS:
            return Ends(State.AMBIGUOUS, reason)
        case Fault.REROUTE if error.moved_to:
            return Moves(error.moved_to, reason)
        case _:
            return Ends(State.DEAD, reason)


def _may_go_again(owed: Owed, found_again: bool) -> bool:
    return not owed.edits and (owed.goes_again or found_again)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a message is put: whole, until the platform refuses a part of it."""

    plain: bool = False
    topic: bool = True
    reply: bool = True
    edit: bool = True

    def without(self, part: Part | None) -> "Manner | None":
        """Without this part too; None where there is nothing left to do without."""
        match part:
            case Part.FORMATTING if not self.plain:
                return replace(self, plain=True)
            case Part.TOPIC if self.topic:
                return replace(self, topic=False)
            case Part.REPLY if self.reply:
                return replace(self, reply=False)
            case Part.CARD if self.edit:
                return replace(self, edit=False)
            case _:
                return None

    @property
    def note(self) -> str | None:
        """What was done without, for the record."""
        left = [
            name
            for name, kept in (
                ("formatting", not self.plain),
                ("topic", self.topic),
                ("reply", self.reply),
                ("card", self.edit),
            )
            if not kept
        ]
        return f"without {', '.join(left)}" if left else None
