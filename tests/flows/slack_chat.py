"""A channel on the strict Slack server, by way of the real adapter, Socket Mode and the real inbox."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from html import unescape

from chatops.adapters.memory import Shown
from chatops.adapters.slack.adapter import SlackAdapter
from chatops.adapters.slack.ways import BySocket
from chatops.messages import Key, Message, Paragraph, Posting
from chatops.people import Directory, Identity
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from tests.flows.platform_chat import PlatformChat
from tests.servers.slack import Channel, Control, Person, Post, SlackServer

#: The people of stories, in the order in which they come to the workspace: so each has the same account each time.
NEWCOMERS = ("1", "2", "3", "4", "11")


def account_id(person_id: str) -> str:
    """The account of one of `NEWCOMERS`, as the desk knows it."""
    return f"T0DECK00001/U0{NEWCOMERS.index(person_id) + 1:09d}"


class SlackChat(PlatformChat):
    """People write to the app in a channel by mentioning it, and by themselves without."""

    adapter: SlackAdapter

    def __init__(self, server: SlackServer, adapter: SlackAdapter, place: Channel) -> None:
        super().__init__(adapter)
        self.server = server
        self.place = place

    @property
    def room(self) -> Room:
        return Room(self.platform, self.place.id)

    @property
    def shown(self) -> list[Shown]:
        return [as_shown(post, self.room) for post in self.place.from_app]

    def direct(self, identity: Identity) -> Room:
        """Stories know people by their numbers."""
        known = identity.id if "/" in identity.id else account_id(identity.id)
        return self.adapter.direct(Identity(self.platform, known))

    def person(self, person_id: str) -> Person:
        return self.server.person(f"Person {person_id}")

    def in_room(self, room: Room) -> list[Shown]:
        return [as_shown(post, room) for post in self._place(room).from_app]

    async def say(
        self,
        person_id: str,
        text: str,
        *,
        room: Room | None = None,
        at: datetime | None = None,
        reply_to: str | None = None,
    ) -> None:
        place, person = self._place(room or self.room), self.person(person_id)
        write = person.say if place.kind == "im" else person.mention
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        await write(place, escaped, at=None if at is None else at.timestamp(), thread_ts=reply_to)
        await self.until_one_more_handled()

    async def press(
        self, person_id: str, label: str, message: Shown | None = None, *, room: Room | None = None
    ) -> None:
        pressed = message or await self._newest_with(label, room or self.room)
        token = pressed.token(label)
        assert token is not None, f"no button {label!r} on {pressed.labels}"
        post = self._place(pressed.room).find(pressed.id)
        assert post is not None
        await self._press(person_id, post, token)

    async def press_token(self, person_id: str, token: str, *, at: datetime | None = None) -> None:
        # A forged press may name a message that never was.
        posts = self.place.from_app or [await self.person(person_id).say(self.place, "?")]
        await self._press(person_id, posts[-1], token)

    async def _press(self, person_id: str, post: Post, token: str) -> None:
        """Also what is not under it any more: a phone may have missed the edits."""
        channel = next(one for one in self.server.channels if one.id == post.channel_id)
        made_up = {"type": "button", "action_id": "key-0", "value": token}
        delivery = await self.person(person_id).click_forged(channel, post, made_up)
        assert delivery.is_acked, delivery.trouble
        await self.until_one_more_handled()

    async def _newest_with(self, label: str, room: Room) -> Shown:
        """Of the messages with such a button. On a slow machine an answer may wait its turn behind what is told."""

        def with_it() -> list[Shown]:
            return [shown for shown in self.in_room(room) if shown.token(label) is not None]

        return (await self.server.wait_for(with_it))[-1]

    def _place(self, room: Room) -> Channel:
        """A channel, or what a person reads alone: that room has the id of the person."""
        people = [self.person(id_) for id_ in NEWCOMERS]
        alone = {person.id: person.direct for person in people}
        return alone.get(room.id) or next(one for one in self.server.channels if one.id == room.id)

    def picture(self) -> str:
        return self.server.picture()


def as_shown(post: Post, room: Room) -> Shown:
    """A post of Slack's in the shape of the memory platform's, so that one story reads both."""
    return Shown(post.ts, room, _posting(post), tuple(_posting(earlier) for earlier in post.edits), post.thread_ts)


def _posting(post: Post) -> Posting:
    title, *rest = [_read(block) for block in post.blocks if block["type"] in ("header", "section")] or [post.text]
    rows = [block["elements"] for block in post.blocks if block["type"] == "actions"]
    keys = tuple(tuple(Key(Control("", one).label, one["value"]) for one in row) for row in rows)
    return Posting(Message(title, tuple(Paragraph(text) for text in rest)), keys)


def _read(block: object) -> str:
    """What a person reads there."""
    assert isinstance(block, dict)
    text = block["text"]
    if text["type"] == "plain_text":
        return str(text["text"])
    return unescape(str(text["text"])).removeprefix("```\n").removesuffix("\n```").strip("*")


@asynccontextmanager
async def slack(now: Callable[[], datetime]) -> AsyncIterator[SlackServer]:
    """The platform with its people; at the end nothing was sent to it that never should be."""
    async with SlackServer(now=lambda: now().timestamp()) as server:
        members = [server.person(f"Person {id_}").id for id_ in NEWCOMERS]
        assert [f"{server.team_id}/{member}" for member in members] == list(map(account_id, NEWCOMERS))
        yield server
        assert server.violations == []


@asynccontextmanager
async def listening_on_slack(
    server: SlackServer,
    database: Database,
    now: Callable[[], datetime],
    directory: Directory,
    *,
    inbox: Inbox | None = None,
) -> AsyncIterator[SlackChat]:
    """The real adapter, which hands over nothing before somebody is connected to the chat."""
    adapter = SlackAdapter(
        server.bot_token,
        BySocket(server.app_token),
        inbox or Inbox(database),
        directory,
        now=now,
        base_url=server.base_url,
        jitter=lambda: 0.0,
    )
    chat = SlackChat(server, adapter, server.channel("ops"))
    await adapter.start(chat.receive)
    try:
        await server.wait_for(lambda: server.sockets.open)
        yield chat
    finally:
        await adapter.close()
