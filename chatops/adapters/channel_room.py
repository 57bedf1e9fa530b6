"""What every platform has in common whose rooms are channels: nobody speaks there, and nothing there can be changed."""

from chatops.adapters.base import Ability, Fault, Pace, Part, SendError
from chatops.messages import Posting
from chatops.people import Identity
from chatops.room import Room

#: A pager that rings more often than once a second says no more for it: what waits is folded.
PACE = Pace(per_chat_per_s=1.0, burst=5)


class OneWay:
    """The part of an `Adapter` of channels that only take messages."""

    @property
    def pace(self) -> Pace:
        """One a second and channel, after a few at once."""
        return PACE

    @property
    def abilities(self) -> frozenset[Ability]:
        """None of them."""
        return frozenset()

    def is_group(self, chat: str) -> bool:
        """None counts apart."""
        return False

    def direct(self, identity: Identity) -> Room:
        """A room of that id: nobody has an account here."""
        return Room(identity.platform, identity.id)

    def is_private(self, chat: str) -> bool:
        """A channel belongs to the settings."""
        return False

    def invitation(self, code: str) -> str | None:
        """Nobody comes from here."""
        return None

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        """The whole of it."""
        return (posting,)

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        """What was sent stays: `DEGRADE` without the card, so that the change goes as a message of its own."""
        raise SendError("what a channel was sent cannot be changed", Fault.DEGRADE, without=Part.CARD)

    async def probe(self) -> None:
        """There is no platform to ask: each channel is one by itself."""

    async def pin(self, room: Room, message_id: str) -> None:
        """Nothing is kept in sight."""
        raise SendError("a channel keeps nothing in sight", Fault.REFUSED)

    async def unpin(self, room: Room, message_id: str) -> None:
        """Nothing is."""

    async def delete(self, room: Room, message_id: str) -> None:
        """Raises `SendError`."""
        raise SendError("what a channel was sent cannot be taken back", Fault.REFUSED)
