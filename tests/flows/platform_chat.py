"""What the chats of real platforms have in common: a real adapter, and the wait until what people did was handled."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol, TypeVar

from chatops.adapters.base import Ability, Adapter, Pace, Receive
from chatops.adapters.memory import Shown
from chatops.messages import Incoming, Posting
from chatops.people import Identity
from chatops.room import Room
from tests.servers.common.bell import Bell

PATIENCE_S = 30.0

T = TypeVar("T")


class Server(Protocol):
    """The strict server of a platform."""

    async def wait_for(self, predicate: Callable[[], T]) -> T: ...

    def picture(self) -> str: ...


class PlatformChat(ABC):
    """Stands between an adapter and the desk of a story."""

    def __init__(self, adapter: Adapter, server: Server) -> None:
        self.adapter = adapter
        self.server = server
        self._bell = Bell()
        self._receiver: asyncio.Future[Receive] = asyncio.Future()
        self._handed_over = 0
        self._handled = 0

    @property
    def platform(self) -> str:
        return self.adapter.platform

    @property
    @abstractmethod
    def shown(self) -> list[Shown]:
        """What people see now, the oldest first."""

    @property
    def last(self) -> Shown:
        return self.shown[-1]

    @abstractmethod
    def in_room(self, room: Room) -> list[Shown]:
        """What one room shows now, the oldest first."""

    async def newest_with(self, label: str, room: Room) -> Shown:
        """Of the messages with such a button. On a slow machine an answer may wait its turn behind what is told."""

        def with_it() -> list[Shown]:
            return [shown for shown in self.in_room(room) if shown.token(label) is not None]

        return (await self.server.wait_for(with_it))[-1]

    @property
    def pace(self) -> Pace:
        return self.adapter.pace

    @property
    def abilities(self) -> frozenset[Ability]:
        return self.adapter.abilities

    def direct(self, identity: Identity) -> Room:
        return self.adapter.direct(identity)

    def is_private(self, chat: str) -> bool:
        return self.adapter.is_private(chat)

    def invitation(self, code: str) -> str | None:
        return self.adapter.invitation(code)

    def is_group(self, chat: str) -> bool:
        return self.adapter.is_group(chat)

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        return self.adapter.parts(posting)

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        return await self.adapter.send(room, posting, reply_to=reply_to, plain=plain)

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        return await self.adapter.edit(room, message_id, posting, plain=plain)

    async def probe(self) -> None:
        await self.adapter.probe()

    async def pin(self, room: Room, message_id: str) -> None:
        await self.adapter.pin(room, message_id)

    async def unpin(self, room: Room, message_id: str) -> None:
        await self.adapter.unpin(room, message_id)

    async def delete(self, room: Room, message_id: str) -> None:
        await self.adapter.delete(room, message_id)

    def connect(self, receive: Receive) -> None:
        if self._receiver.done():
            self._receiver = asyncio.Future()
        self._receiver.set_result(receive)

    async def receive(self, incoming: Incoming) -> None:
        """Stands between the adapter and the gateway, to tell when something was handled."""
        receive = await self._receiver
        try:
            await receive(incoming)
        finally:
            self._handled += 1
            self._bell.ring()

    async def until_one_more_handled(self) -> None:
        """Wait until as much has been handled as people did, the one before this included."""
        self._handed_over += 1
        await self.until_handled(self._handed_over)

    async def until_handled(self, count: int) -> None:
        """Wait until so much has been handled since we listen."""
        assert await self._bell.until(lambda: self._handled >= count, PATIENCE_S), self.picture()

    def picture(self) -> str:
        """What there is to see, for a person who reads why a story failed."""
        return self.server.picture()
