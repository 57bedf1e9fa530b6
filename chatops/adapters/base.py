"""What a platform does for us: show messages, and hand over what people write and press."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from chatops.messages import Incoming, Posting, Room

#: Where an adapter hands over what came in. It answers people itself and does not raise.
Receive = Callable[[Incoming], Awaitable[None]]


class SendError(Exception):
    """The platform did not take a message. `permanent` where sending it again cannot help."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class Adapter(Protocol):
    """One platform. Both calls raise `SendError`."""

    @property
    def platform(self) -> str:
        """As rooms and identities name it."""
        ...

    async def send(self, room: Room, posting: Posting) -> str:
        """Show a new message; gives its id on the platform."""
        ...

    async def edit(self, room: Room, message_id: str, posting: Posting) -> str:
        """Make a message that is shown say this instead; gives its id, a new one where it could not be edited."""
        ...
