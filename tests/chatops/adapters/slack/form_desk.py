"""A desk with one form on the strict server, and inboxes that tell what they keep, or keep nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chatops.adapters.slack.adapter import SlackAdapter
from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.signed_http import PATH, SignedHttp
from chatops.adapters.slack.ways import ByHttp, BySocket
from chatops.arrival import Arrival
from chatops.forms import Field, Form, Forms, Option, Takes
from chatops.link import Connected
from chatops.messages import Incoming, Receipt
from chatops.people import Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.settings.address import Address
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.inbox import Inbox
from tests.servers.common.bell import Bell
from tests.servers.slack import Delivery, Kind, Person, Post, SlackServer, View
from tests.servers.slack.patience import patient

HELD = ("SOL-1", "ETH-1")
FORM_KEY, PLAIN_KEY = "f" * 22, "p" * 22
CLOSE = Form(
    "close",
    "Close",
    (Field("position", "Position", Takes.SUGGESTED), Field("percent", "Percent", Takes.NUMBER, given="100")),
    {"bot": "alpha"},
)


async def at_once() -> None: ...


async def away() -> None:
    raise DatabaseAway("it is away")


class Closing:
    """`Forms` of one word, for whoever asks."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self.form = CLOSE
        #: What comes of asking for a form, where it breaks.
        self.trouble: Exception | None = None
        #: What a menu under a message offers.
        self.offered = "7"
        #: Whoever wants suggestions waits for this.
        self.brake: Callable[[], Awaitable[object]] = at_once
        self.asked: list[Identity] = []

    async def of_text(self, sender: Identity, room: Room, text: str) -> Form | None:
        if self.trouble is not None:
            raise self.trouble
        return {"close": self.form}.get(text)

    async def of_press(self, sender: Identity, room: Room, token: str) -> Form | None:
        return {FORM_KEY: self.form}.get(token)

    async def suggest(
        self, sender: Identity, word: str, argument: str, typed: str, filled: Mapping[str, str]
    ) -> tuple[Option, ...]:
        assert (word, argument, filled["bot"]) == ("close", "position", "alpha")
        self.asked.append(sender)
        self._bell.ring()
        await self.brake()
        return tuple(Option(one) for one in HELD if typed.casefold() in one.casefold())

    async def suggest_reply(self, sender: Identity, room: Room, message_id: str, typed: str) -> tuple[Option, ...]:
        self.asked.append(sender)
        return (Option(self.offered, f"#7 {room.id} {message_id}"),)

    def faults(self, sender: Identity, word: str, filled: Mapping[str, str]) -> Mapping[str, str]:
        return {"percent": "At most 100."} if float(filled.get("percent", "1")) > 100 else {}


class Tapped(Inbox):
    """Knows what was stored: what was handled is forgotten."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.kept: list[Mapping[str, Any]] = []
        #: Storing waits for this.
        self.brake: Callable[[], Awaitable[object]] = at_once

    async def store(self, platform: str, updates: Any) -> list[Receipt | None]:
        await self.brake()
        self.kept += [payload for _, payload in updates]
        return await super().store(platform, updates)


class Unkept(Inbox):
    """The database is away; the disk takes what comes as long as there is room."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.has_room = True
        self.came: list[Receipt] = []

    async def store(self, platform: str, updates: Any) -> list[Receipt | None]:
        ((update_id, payload),) = updates
        receipt = Receipt(None, uuid4(), Arrival(platform, update_id, payload))
        assert receipt.arrival is not None
        if self.has_room:
            receipt.arrival.stored.set()
        self.came.append(receipt)
        return [receipt]


class Desk:
    """What was handed over, by an adapter that knows ada and a guest."""

    def __init__(self, server: SlackServer, inbox: Inbox, database: Database) -> None:
        self.server, self.inbox, self.database = server, inbox, database
        self.ada, self.eve = server.person("ada"), server.person("eve")
        self.guest, self.far = server.person("guest", guest=True), server.person("far", stranger=True)
        self.ops = server.channel("ops")
        self.bell = Bell()
        self.forms = Closing(self.bell)
        self.within = patient()
        self.came: list[Incoming] = []

    async def receive(self, incoming: Incoming) -> None:
        assert incoming.receipt is not None
        await self.inbox.done(incoming.receipt)
        self.came.append(incoming)
        self.bell.ring()

    async def hears(self, count: int) -> list[Incoming]:
        assert await self.bell.until(lambda: len(self.came) >= count, 30), self.server.picture()
        return self.came

    async def notes(self, count: int) -> list[str | None]:
        """Of what was handled, once that is so much: an adapter that is closed before hands it on again later."""
        async with asyncio.timeout(30):
            while True:
                rows = await self.database.fetch("SELECT note FROM inbox WHERE handled_at IS NOT NULL ORDER BY id")
                if len(rows) >= count:
                    return [row["note"] for row in rows]

    @asynccontextmanager
    async def listening(self, way: str = "socket") -> AsyncIterator[SlackAdapter]:
        forms: Forms = self.forms
        known = [("ada", self.ada.id), ("guest", self.guest.id)]
        http = ByHttp(self.server.signing_secret, Address("127.0.0.1", 0))
        ways: dict[str, BySocket | ByHttp] = {"socket": BySocket(self.server.app_token), "http": http}
        adapter = SlackAdapter(
            self.server.bot_token,
            ways[way],
            self.inbox,
            Directory([Principal(name, Role.ADMIN, frozenset({Identity("slack", id_)})) for name, id_ in known]),
            now=lambda: datetime.now(UTC),
            base_url=self.server.base_url,
            jitter=lambda: 0.0,
            forms=lambda: forms,
            within=self.within,
        )
        await adapter.start(self.receive)
        try:
            async with asyncio.timeout(30):
                while not isinstance(adapter.state, Connected):  # noqa: ASYNC110 - it tells nobody here
                    await asyncio.sleep(0.002)
            await REACHED[way](self.server, adapter)
            yield adapter
        finally:
            await adapter.close()

    async def opens(self, person: Person) -> View:
        """They write `/deck close`; gives what stands before them then."""
        await person.slash(self.ops, "/deck close")
        view = await self.server.wait_for(lambda: person.view)
        assert view is not None
        return view

    async def post(self, *blocks: dict[str, Any]) -> Post:
        """A message of the app's."""
        call = {"channel": self.ops.id, "text": "card", "blocks": list(blocks)}
        async with SlackApi(self.server.base_url, self.server.bot_token) as api:
            ts = (await api.call("chat.postMessage", call))["ts"]
        post = self.ops.find(ts)
        assert post is not None
        return post

    async def delivers(self, body: Mapping[str, Any]) -> tuple[bool, Any]:
        """Hand over something made up; gives whether it was acknowledged, and what was said to it."""
        made_up = Delivery(Kind.INTERACTION, body, accepts_answer=True)
        delivery = await self.server.deliver_again(made_up)
        return delivery.is_acked, delivery.answer


async def by_http(server: SlackServer, adapter: SlackAdapter) -> None:
    assert isinstance(adapter._way, SignedHttp)
    await server.deliver_to(f"http://127.0.0.1:{adapter._way.port}{PATH}")


async def by_socket(server: SlackServer, adapter: SlackAdapter) -> None:
    await server.connected()


REACHED = {"http": by_http, "socket": by_socket}
