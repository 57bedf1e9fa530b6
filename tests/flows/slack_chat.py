"""A channel on the strict Slack server, by way of the real adapter, either way in and the real inbox."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from chatops.adapters.memory import Shown
from chatops.adapters.slack.adapter import SlackAdapter
from chatops.adapters.slack.signed_http import PATH, SignedHttp
from chatops.adapters.slack.ways import ByHttp, BySocket
from chatops.link import Connected
from chatops.people import Directory, Identity
from chatops.room import Room
from chatops.settings.address import Address
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from tests.flows.platform_chat import PATIENCE_S, PlatformChat
from tests.flows.slack_reading import as_shown, control_of
from tests.servers.slack import Channel, Control, File, Person, Post, SlackServer
from tests.servers.slack.patience import ACK_S, patient

_TEAM = "T0DECK00001"
#: An account is that of the person with the number behind it.
_MEMBER = "U0PERSON"
#: Who has an account before anybody does anything. Others have one as soon as a story speaks of them.
NEWCOMERS = ("1", "2", "3", "4", "11")


def account_id(person_id: str) -> str:
    """The account of a person of stories, as the desk knows it."""
    return f"{_TEAM}/{_MEMBER}{person_id}"


class SlackChat(PlatformChat):
    """People write to the app in a channel by mentioning it, and by themselves without."""

    adapter: SlackAdapter
    server: SlackServer

    def __init__(self, server: SlackServer, adapter: SlackAdapter, place: Channel) -> None:
        super().__init__(adapter, server)
        self.place = place

    @property
    def room(self) -> Room:
        return Room(self.platform, self.place.id)

    @property
    def shown(self) -> list[Shown]:
        """All that anybody sees there, with what was shown to one person alone."""
        return self._shown_in(self.place, self.room)

    def identity(self, person_id: str) -> Identity:
        self.person(person_id)
        return Identity(self.platform, account_id(person_id))

    async def why_not(self, identity: Identity) -> str | None:
        return await self.adapter.why_not(identity)

    def person(self, person_id: str) -> Person:
        return person_of(self.server, person_id)

    def in_room(self, room: Room) -> list[Shown]:
        return self._shown_in(self._place(room), room)

    @property
    def kept_in_sight(self) -> list[str]:
        return list(self.place.pinned)

    def take_away(self, shown: Shown) -> None:
        channel = self._place(shown.room)
        channel.remove(self._post(channel, shown.id))

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
        answered = None if reply_to is None else self._post(place, reply_to)
        # There are no threads within threads: who answers what stands in one writes below it.
        thread = None if answered is None else answered.thread_ts or answered.ts
        await write(place, escaped, at=None if at is None else at.timestamp(), thread_ts=thread)
        await self.until_one_more_handled()

    async def press(
        self, person_id: str, label: str, message: Shown | None = None, *, room: Room | None = None
    ) -> None:
        pressed = message or await self.newest_with(label, room or self.room)
        token = pressed.token(label)
        assert token is not None, f"no button {label!r} on {pressed.labels}"
        channel = self._place(pressed.room)
        await self._press(person_id, channel, self._post(channel, pressed.id), token)

    async def press_token(self, person_id: str, token: str, *, at: datetime | None = None) -> None:
        # A forged press may name a message that never was.
        posts = self.place.from_app or [await self.person(person_id).say(self.place, "?")]
        await self._press(person_id, self.place, posts[-1], token)

    async def _press(self, person_id: str, channel: Channel, post: Post, token: str) -> None:
        """Also what is not under it any more: a phone may have missed the edits."""
        made_up = Control("gone", {"type": "button", "action_id": "key-0", "value": token})
        control, what = control_of(post, token) or (made_up, {})
        delivery = await self.person(person_id).click_once_there(channel, post, control, what)
        assert delivery.is_acked, delivery.trouble
        await self.until_one_more_handled()

    def _place(self, room: Room) -> Channel:
        """A channel, or what a person reads alone: that room has the id of the person."""
        if room.id.startswith(_MEMBER):
            return self.person(room.id.removeprefix(_MEMBER)).direct
        return next(one for one in self.server.channels if one.id == room.id)

    def _shown_in(self, channel: Channel, room: Room) -> list[Shown]:
        return as_shown([*channel.from_app, *channel.ephemeral], room, self._file)

    def _file(self, file_id: str) -> File | None:
        return next((file for file in self.server.files if file.id == file_id), None)

    def _post(self, channel: Channel, ts: str) -> Post:
        return next(post for post in (*channel.posts, *channel.ephemeral, *channel.deleted) if post.ts == ts)


def person_of(server: SlackServer, person_id: str) -> Person:
    """The person of this number, who from now on is in the workspace."""
    return server.person(f"Person {person_id}", member_id=f"{_MEMBER}{person_id}")


@asynccontextmanager
async def slack(now: Callable[[], datetime]) -> AsyncIterator[SlackServer]:
    """The platform with its people; at the end nothing was sent to it that never should be."""
    async with SlackServer(team_id=_TEAM, ack_s=ACK_S, now=lambda: now().timestamp()) as server:
        for person_id in NEWCOMERS:
            person_of(server, person_id)
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
    by_http: bool = False,
    **more: Any,
) -> AsyncIterator[SlackChat]:
    """The real adapter, which hands over nothing before somebody is connected to the chat. `more` goes to it."""
    adapter = SlackAdapter(
        server.bot_token,
        ByHttp(server.signing_secret, Address("127.0.0.1", 0)) if by_http else BySocket(server.app_token),
        inbox or Inbox(database),
        directory,
        now=now,
        base_url=server.base_url,
        jitter=lambda: 0.0,
        within=patient(),
        **more,
    )
    chat = SlackChat(server, adapter, server.channel("ops"))
    await adapter.start(chat.receive)
    try:
        if isinstance(adapter._way, SignedHttp):
            async with asyncio.timeout(PATIENCE_S):
                while not isinstance(adapter.state, Connected):  # noqa: ASYNC110 - it tells nobody here
                    await asyncio.sleep(0.001)
            await server.deliver_to(f"http://127.0.0.1:{adapter._way.port}{PATH}")
        else:
            await server.wait_for(lambda: server.sockets.open)
        yield chat
    finally:
        await adapter.close()
