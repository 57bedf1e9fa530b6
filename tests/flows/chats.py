"""Where stories are told: what people do in a chat, on any platform."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Protocol

from chatops.adapters.base import Adapter, Receive
from chatops.adapters.memory import Shown
from chatops.adapters.telegram.adapter import TelegramAdapter
from chatops.grammar import only_reads
from chatops.messages import Attachment, Key, Message, Paragraph, Posting
from chatops.people import Directory, Identity
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from tests.flows.platform_chat import PlatformChat
from tests.servers.telegram import Call, Person, TelegramServer
from tests.servers.telegram import Chat as Place
from tests.servers.telegram import Message as Said

OPS = -1001234567890


class Chat(Adapter, Protocol):
    """A platform and the people on it. What they do returns when it was handled."""

    @property
    def room(self) -> Room:
        """Where people talk unless a story says otherwise."""
        ...

    @property
    def shown(self) -> list[Shown]:
        """What the program shows there now, oldest first."""
        ...

    @property
    def last(self) -> Shown: ...

    def connect(self, receive: Receive) -> None:
        """Hand what people write and press to `receive` from now on."""
        ...

    @property
    def kept_in_sight(self) -> list[str]:
        """The ids of the messages that are pinned there, in their order."""
        ...

    def in_room(self, room: Room) -> list[Shown]:
        """What one room shows now."""
        ...

    def identity(self, person_id: str) -> Identity:
        """The account of somebody, as the directory has to know it."""
        ...

    def take_away(self, shown: Shown) -> None:
        """Somebody deletes a message of the program's."""
        ...

    async def say(
        self,
        person_id: str,
        text: str,
        *,
        room: Room | None = None,
        at: datetime | None = None,
        reply_to: str | None = None,
    ) -> None: ...

    async def press(
        self, person_id: str, label: str, message: Shown | None = None, *, room: Room | None = None
    ) -> None: ...

    async def press_token(self, person_id: str, token: str, *, at: datetime | None = None) -> None: ...


class TelegramChat(PlatformChat):
    """A group on the strict Bot API server, by way of the real adapter and the real inbox."""

    adapter: TelegramAdapter
    server: TelegramServer

    def __init__(self, server: TelegramServer, adapter: TelegramAdapter, place: Place) -> None:
        super().__init__(adapter, server)
        self.place = place

    @property
    def room(self) -> Room:
        return Room(self.platform, str(self.place.id))

    @property
    def shown(self) -> list[Shown]:
        return [as_shown(message) for message in self.place.from_bot]

    def person(self, person_id: str) -> Person:
        return self.server.person(int(person_id), f"Person {person_id}")

    @property
    def kept_in_sight(self) -> list[str]:
        return [str(message_id) for message_id in self.place.pinned]

    def in_room(self, room: Room) -> list[Shown]:
        return [as_shown(message) for message in self._place(room).from_bot]

    def identity(self, person_id: str) -> Identity:
        return Identity(self.platform, person_id)

    def take_away(self, shown: Shown) -> None:
        place = self._place(shown.room)
        gone = place.find(int(shown.id))
        assert gone is not None
        place.remove(gone)

    async def say(
        self,
        person_id: str,
        text: str,
        *,
        room: Room | None = None,
        at: datetime | None = None,
        reply_to: str | None = None,
    ) -> None:
        await self.say_in(self._place(room), person_id, text, at=at, reply_to=reply_to)

    def _place(self, room: Room | None) -> Place:
        if room is None or room.id == str(self.place.id):
            return self.place
        # A private chat has the id of its person.
        return self.server.private(self.person(room.id))

    async def say_in(
        self,
        place: Place,
        person_id: str,
        text: str,
        *,
        at: datetime | None = None,
        thread: int | None = None,
        reply_to: str | None = None,
    ) -> None:
        person = self.person(person_id)
        extra = {"is_topic_message": True} if thread else {}
        date = None if at is None else int(at.timestamp())
        answered = None if reply_to is None else int(reply_to)
        await place.say(person, text, date=date, thread=thread, extra=extra, reply_to=answered)
        await self.until_one_more_handled()

    async def press(
        self, person_id: str, label: str, message: Shown | None = None, *, room: Room | None = None
    ) -> None:
        pressed = message or await self.newest_with(label, room or self.room)
        token = pressed.token(label)
        assert token is not None, f"no button {label!r} on {pressed.labels}"
        await self.press_in(self._place(pressed.room), person_id, token, int(pressed.id))

    async def press_token(self, person_id: str, token: str, *, at: datetime | None = None) -> None:
        await self.press_in(self.place, person_id, token)

    async def press_in(
        self, place: Place, person_id: str, token: str, message_id: int = 1, *, inaccessible: bool = False
    ) -> None:
        # A forged press may name a message that never was.
        made_up = Said(place.id, message_id, 0, self.server.bot, "?")
        pressed = place.find(message_id) or made_up
        await place.press_data(self.person(person_id), pressed, token, inaccessible=inaccessible)
        await self.until_one_more_handled()

    async def until_it_listens(self) -> None:
        """Wait until what comes now cannot have waited."""
        await self.server.wait_for(lambda: any(call.parameters["timeout"] for call in self._polls()))

    def _polls(self) -> list[Call]:
        return self.server.calls_of("getUpdates")


def as_shown(message: Said) -> Shown:
    """A message of Telegram's in the shape of the memory platform's, so that one story reads both."""
    return Shown(
        str(message.message_id),
        Room("telegram", str(message.chat_id), str(message.thread_id or "")),
        _posting(message),
        tuple(_posting(earlier) for earlier in message.edits),
        None if message.reply_to is None else str(message.reply_to),
    )


def _posting(message: Said) -> Posting:
    title, _, rest = message.text.partition("\n")
    sent = message.photo or message.document
    file = None if sent is None else Attachment(sent.name, sent.content, is_picture=sent is message.photo)
    keys = tuple(tuple(Key(button.label, button.data) for button in row) for row in message.buttons)
    said = (Paragraph(rest.strip("\n")),) if rest else ()
    return Posting(Message(title, said, attachment=file), keys)


@asynccontextmanager
async def telegram(now: Callable[[], datetime]) -> AsyncIterator[TelegramServer]:
    """The platform; at the end nothing was sent to it that never should be."""
    async with TelegramServer(now=lambda: now().timestamp()) as server:
        yield server
        assert server.violations == []


@asynccontextmanager
async def listening(
    server: TelegramServer,
    place: Place,
    database: Database,
    now: Callable[[], datetime],
    directory: Directory,
    *,
    inbox: Inbox | None = None,
) -> AsyncIterator[TelegramChat]:
    """The real adapter, which hands over nothing before somebody is connected to the chat."""
    adapter = TelegramAdapter(
        server.token,
        inbox or Inbox(database),
        directory,
        base_url=server.base_url,
        now=now,
        jitter=lambda: 0.0,
        only_reads=partial(only_reads, bots=("alpha",)),
    )
    chat = TelegramChat(server, adapter, place)
    await adapter.start(chat.receive)
    try:
        yield chat
    finally:
        await adapter.close()
