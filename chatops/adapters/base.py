"""What a platform does for us: show messages, and hand over what people write and press."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from chatops.messages import Incoming, Posting
from chatops.people import Identity
from chatops.room import Room

#: Where an adapter hands over what came in. It answers people itself and does not raise.
Receive = Callable[[Incoming], Awaitable[None]]


class Fault(StrEnum):
    """What a failure to send means, and so what is to be done (SPEC 8)."""

    #: Not now: after `wait_s`, in that room alone.
    RETRY_AFTER = "retry_after"
    #: Nothing was sent: again, once the platform can be reached.
    BACKOFF = "backoff"
    #: It was sent, and no answer came: the platform may have it.
    AMBIGUOUS = "ambiguous"
    #: The room has another id now: `moved_to`.
    REROUTE = "reroute"
    #: Not like that: again, without `without`.
    DEGRADE = "degrade"
    #: That room is closed to us.
    DEAD_RECIPIENT = "dead recipient"
    #: The platform does not know us any more.
    DEAD_CREDENTIAL = "dead credential"
    #: Such a message is never taken. That is a fault of ours, and said.
    REFUSED = "refused"


class Part(StrEnum):
    """What a message can do without."""

    #: Its formatting: as plain text.
    FORMATTING = "formatting"
    #: Its topic: in the room itself.
    TOPIC = "topic"
    #: The message that it hangs on: by itself.
    REPLY = "reply"
    #: The message that it would change: as a new one.
    CARD = "card"


class Ability(StrEnum):
    """What not every platform can do."""

    #: Show a `Posting.whisper_to` to that person alone, in a room of several.
    WHISPER = "whisper"
    #: Offer what fills in an argument in a menu (`Message.menu`).
    MENU = "menu"
    #: Look for what may be there before it is posted again: nothing is left out there for fear of a second one.
    FIND_AGAIN = "find again"


class SendError(Exception):
    """The platform did not take a message, as far as we know."""

    def __init__(
        self,
        reason: str,
        fault: Fault,
        *,
        wait_s: float | None = None,
        moved_to: str | None = None,
        without: Part | None = None,
        of_room: bool = False,
        of_kind: bool = False,
        unsought: bool = False,
    ) -> None:
        super().__init__(reason)
        self.fault = fault
        #: With `RETRY_AFTER`: how long the platform wants to be left alone.
        self.wait_s = wait_s
        #: With `REROUTE`: the id that the room has now.
        self.moved_to = moved_to
        #: With `DEGRADE`: what it was refused for.
        self.without = without
        #: Whether it says something of that room alone: others of the platform go on.
        self.of_room = of_room
        #: With `RETRY_AFTER`: whether it holds calls of that kind alone, such as edits: other messages go on.
        self.of_kind = of_kind
        #: With `AMBIGUOUS`, of one who can find again: whether an earlier try could not be looked for this time.
        self.unsought = unsought


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform lets us speak; edits count. None where it has no such limit."""

    #: In any second, to all rooms together.
    overall_per_s: int | None = None
    #: To one chat.
    per_chat_per_s: float | None = None
    #: How many may go to one chat at once after a silence.
    burst: int = 1
    #: In any minute, to one group.
    per_group_per_min: int | None = None


class Adapter(Protocol):
    """One platform. What it is asked to do raises `SendError`."""

    @property
    def platform(self) -> str:
        """As rooms and identities name it."""
        ...

    @property
    def pace(self) -> Pace:
        """How fast it lets us speak."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can do that others cannot."""
        ...

    def is_group(self, chat: str) -> bool:
        """Whether several people read there, where the platform counts that apart."""
        ...

    def direct(self, identity: Identity) -> Room:
        """The room in which this account alone reads what we say to it."""
        ...

    def is_private(self, chat: str) -> bool:
        """Whether it is such a room of somebody, whoever that is or was; False where an id does not tell."""
        ...

    def invitation(self, code: str) -> str | None:
        """An address that opens a chat with us and says this code; None where there is none, or not yet.

        Without a code it opens the chat alone.
        """
        ...

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        """The posting in pieces that the platform takes, never more than three, the buttons under the last.

        Each leaves room for the `MARK_CHARACTERS` that may yet be added to it.
        """
        ...

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Show a new message; gives its id on the platform."""
        ...

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        """Make a message that is shown say this instead; gives its id. That it says so already is no error.

        What can no longer be edited is `DEGRADE` without `Part.CARD`.
        """
        ...

    async def probe(self) -> None:
        """Ask the platform whether it takes us, without showing anybody anything."""
        ...

    async def pin(self, room: Room, message_id: str) -> None:
        """Keep a message in sight."""
        ...

    async def unpin(self, room: Room, message_id: str) -> None:
        """Let it go."""
        ...

    async def delete(self, room: Room, message_id: str) -> None:
        """Take a message of ours away, with its file; that it is gone already is no error."""
        ...


#: What is kept free in every part for what may have to be said of it: that it is late or a possible repeat, out of
#: place, without its buttons, and what it stands for.
MARK_CHARACTERS = 350


@runtime_checkable
class Judges(Protocol):
    """An adapter whose platform does not let every account ask."""

    async def why_not(self, identity: Identity) -> str | None:
        """What keeps this account from asking; None where nothing does that is known in time. Does not raise."""
        ...
