"""What a platform does for us: show messages, and hand over what people write and press."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from chatops.messages import Incoming, Posting, Room

#: Where an adapter hands over what came in. It answers people itself and does not raise.
Receive = Callable[[Incoming], Awaitable[None]]


class SendError(Exception):
    """The platform did not take a message. `permanent` where sending it again cannot help.

    `wait_s` is how long the platform wants to be left alone first. `unsent` says that it surely has not got it: only
    then may a new message be sent again without the risk of a second one.
    """

    def __init__(self, reason: str, *, permanent: bool, unsent: bool = False, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.unsent = unsent
        self.wait_s = wait_s


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
