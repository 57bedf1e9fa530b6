"""What comes of one try to send, and what that means for the message (pure)."""

from dataclasses import dataclass, replace

from chatops.adapters.base import Fault, Part, SendError
from chatops.owed import Owed, State

#: So often what may have arrived goes again. After that whoever reads it has it, or the platform takes nothing.
MOST_REPEATS = 3


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

#: After these nobody tries messages until the platform has answered a probe.
CLOSES_THE_GATE = (Fault.BACKOFF, Fault.AMBIGUOUS, Fault.DEAD_CREDENTIAL)


def judge(owed: Owed, error: SendError, attempts: int, *, repeat: bool = True) -> Ending:
    """What a failure means for this message; `attempts` counts this one, `repeat` is whether one before may have
    shown it."""
    reason = str(error)
    match error.fault:
        case Fault.RETRY_AFTER:
            return Waits(reason, error.wait_s or 0.0, holds_chat=True)
        case Fault.BACKOFF | Fault.DEAD_CREDENTIAL:
            return Waits(reason)
        case Fault.AMBIGUOUS if owed.edits:
            # The same card twice is the same card.
            return Waits(reason)
        case Fault.AMBIGUOUS if owed.goes_again and (attempts <= MOST_REPEATS or not repeat):
            # Attempts that showed nothing use up no repeat.
            return Waits(reason, repeat=True)
        case Fault.AMBIGUOUS:
            return Ends(State.AMBIGUOUS, reason)
        case Fault.REROUTE if error.moved_to:
            return Moves(error.moved_to, reason)
        case _:
            return Ends(State.DEAD, reason)


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
