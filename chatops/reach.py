"""How a person is reached by themselves: their direct messages on every platform."""

import asyncio
from collections.abc import Callable, Iterable

from alerts.severity import Severity
from chatops.adapters.base import Ability, Adapter, Judges
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.owed import Kind
from chatops.people import Identity, Principal
from chatops.room import Room


class Reach:
    """Knows where somebody alone reads, and tells them there."""

    def __init__(self, adapters: Iterable[Adapter], outbox: Callable[[], Outbox]) -> None:
        """`outbox` is called for once somebody is told."""
        self._adapters = {adapter.platform: adapter for adapter in adapters}
        self._outbox = outbox

    def is_direct(self, room: Room, sender: Identity) -> bool:
        """Whether nobody but the sender reads in this room."""
        adapter = self._adapters.get(room.platform)
        return adapter is not None and adapter.direct(sender) == room

    def alone(self, sender: Identity) -> Room | None:
        """The room in which nobody but the sender reads; None where their platform is not there."""
        adapter = self._adapters.get(sender.platform)
        return None if adapter is None else adapter.direct(sender)

    def is_private(self, room: Room) -> bool:
        """Whether one person alone reads there, or did while they belonged here."""
        adapter = self._adapters.get(room.platform)
        return adapter is not None and adapter.is_private(room.id)

    def whispers(self, room: Room) -> bool:
        """Whether one person can be shown something alone in a room where others read."""
        adapter = self._adapters.get(room.platform)
        return adapter is not None and Ability.WHISPER in adapter.abilities

    def rooms(self, person: Principal) -> tuple[Room, ...]:
        """The direct messages of this person, one for each account on a platform that is there."""
        accounts = sorted(person.identities, key=str)
        return tuple(self._adapters[one.platform].direct(one) for one in accounts if one.platform in self._adapters)

    async def is_heard(self, person: Principal) -> bool:
        """Whether any account of theirs is here and may ask: a guest on Slack is written to, and not heard."""
        there = [(self._adapters[one.platform], one) for one in person.identities if one.platform in self._adapters]
        judging = [(adapter, one) for adapter, one in there if isinstance(adapter, Judges)]
        if len(judging) < len(there):
            return True
        return None in await asyncio.gather(*(adapter.why_not(one) for adapter, one in judging))

    def invitations(self, code: str) -> tuple[str, ...]:
        """The addresses that open a chat with us and say this code, of the platforms that have such."""
        found = (adapter.invitation(code) for adapter in self._adapters.values())
        return tuple(link for link in found if link is not None)

    async def tell(
        self, people: Iterable[Principal], message: Message, *, severity: Severity = Severity.WARNING
    ) -> None:
        """Owe each of them the message, on all their platforms."""
        for room in dict.fromkeys(room for person in people for room in self.rooms(person)):
            await self._outbox().owe(message, room, kind=Kind.NOTICE, severity=severity)
