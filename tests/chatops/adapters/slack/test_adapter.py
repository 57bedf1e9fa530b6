"""The adapter on the strict server: what people do is handed over once, whatever becomes of the way in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from chatops.adapters.base import Fault, SendError
from chatops.adapters.slack.adapter import SlackAdapter
from chatops.adapters.slack.company import FIRST_LOOK_S
from chatops.adapters.slack.signed_http import PATH, SignedHttp
from chatops.adapters.slack.ways import ByHttp, BySocket
from chatops.link import Away, Connected
from chatops.messages import Incoming, Message, Posting, Press, Text
from chatops.people import Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.settings.address import Address
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from tests.servers.common.bell import Bell
from tests.servers.slack import ApiError, Channel, Person, SlackServer
from tests.servers.slack.patience import patient

MAKE_UP = {"type": "button", "action_id": "key-0", "value": "a" * 22}


class Desk:
    """What was handed over, and a brake for what handles it."""

    def __init__(self, server: SlackServer, database: Database) -> None:
        self.server = server
        self.inbox = Inbox(database)
        self.database = database
        self.ada, self.eve = server.person("ada"), server.person("eve")
        self.ops = server.channel("ops")
        self.came: list[Incoming] = []
        self.handled = 0
        #: The bot token, as its file says it now.
        self.bot_token = server.bot_token
        self.troubles: list[str | None] = []
        self.bell = Bell()
        #: Who handles something waits for this.
        self.brake: Callable[[], Awaitable[object]] | None = None
        #: Lets whoever waits to look for others who listen do so.
        self.look = asyncio.Event()

    @property
    def directory(self) -> Directory:
        """Ada, as the settings have her."""
        return Directory([Principal("ada", Role.ADMIN, frozenset({Identity("slack", self.ada.id)}))])

    async def sleep(self, seconds: float) -> None:
        """No wait is long here; but nobody looks for others before it is time."""
        if seconds >= FIRST_LOOK_S:
            await self.look.wait()
            self.look.clear()
        await asyncio.sleep(min(seconds, 0.02))

    async def receive(self, incoming: Incoming) -> None:
        self.came.append(incoming)
        self.bell.ring()
        if self.brake is not None:
            await self.brake()
        assert incoming.receipt is not None
        await self.inbox.done(incoming.receipt)
        self.handled += 1
        self.bell.ring()

    async def hears(self, count: int) -> list[Incoming]:
        """Wait for so many, handled or not."""
        assert await self.bell.until(lambda: len(self.came) >= count, 30), self.server.picture()
        return self.came

    async def handles(self, count: int) -> list[Incoming]:
        """Wait until so many are handled."""
        assert await self.bell.until(lambda: self.handled >= count, 30), self.server.picture()
        return self.came

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.came if isinstance(one, Text)]

    async def notes(self, count: int) -> list[str | None]:
        """Of what was handled or passed over, once that is so much: each is by itself."""
        async with asyncio.timeout(30):
            while True:
                rows = await self.database.fetch("SELECT note FROM inbox WHERE handled_at IS NOT NULL ORDER BY id")
                if len(rows) >= count:
                    return [row["note"] for row in rows]

    @asynccontextmanager
    async def listening(self, *, by_http: bool = False) -> AsyncIterator[SlackAdapter]:
        way = (
            ByHttp(self.server.signing_secret, Address("127.0.0.1", 0)) if by_http else BySocket(self.server.app_token)
        )
        adapter = SlackAdapter(
            self.bot_token,
            way,
            self.inbox,
            self.directory,
            now=lambda: datetime.now(UTC),
            base_url=self.server.base_url,
            sleep=self.sleep,
            jitter=lambda: 0.0,
            reread=lambda: (self.bot_token, None if by_http else self.server.app_token),
            on_trouble=self.troubles.append,
            within=patient(),
        )
        await adapter.start(self.receive)
        try:
            yield adapter
        finally:
            await adapter.close()


@pytest.fixture
def desk(server: SlackServer, database: Database) -> Desk:
    return Desk(server, database)


@asynccontextmanager
async def connected(desk: Desk, way: str) -> AsyncIterator[SlackAdapter]:
    """Open by this way, and reached by it."""
    async with desk.listening(by_http=way == "http") as adapter:
        async with asyncio.timeout(30):
            while not isinstance(adapter.state, Connected):  # noqa: ASYNC110 - it tells nobody here
                await asyncio.sleep(0.002)
        await REACHED[way](desk, adapter)
        yield adapter


async def by_http(desk: Desk, adapter: SlackAdapter) -> None:
    assert isinstance(adapter._way, SignedHttp)
    await desk.server.deliver_to(f"http://127.0.0.1:{adapter._way.port}{PATH}")


async def by_socket(desk: Desk, adapter: SlackAdapter) -> None:
    await desk.server.connected()


REACHED = {"http": by_http, "socket": by_socket}
both_ways = pytest.mark.parametrize("way", ["socket", "http"])


async def does_all(person: Person, channel: Channel) -> None:
    """Say it, mention us, write the command, and press."""
    await person.say(person.direct, "status")
    await person.mention(channel, "positions")
    await person.slash(channel, "/deck pnl 7d")
    post = await person.say(channel, "a card")
    await person.click_forged(channel, post, MAKE_UP)


@both_ways
async def test_whatever_people_do_comes_over_as_them_from_where_they_are(desk: Desk, way: str) -> None:
    async with connected(desk, way) as adapter:
        await does_all(desk.ada, desk.ops)
        came = await desk.hears(4)
        await desk.server.delivered()
    ada = Identity("slack", desk.ada.id)
    assert {one.sender for one in came} == {ada}
    assert sorted(desk.texts) == ["pnl 7d", "positions", "status"]
    rooms = {one.room for one in came}
    assert rooms == {Room("slack", desk.ops.id), adapter.direct(ada)}
    assert [one.token for one in came if isinstance(one, Press)] == ["a" * 22]
    assert all(one.is_acked for one in desk.server.deliveries)
    assert not isinstance(adapter.invitation("x"), str)


@both_ways
async def test_an_event_that_comes_three_times_makes_one_ask(desk: Desk, way: str) -> None:
    async with connected(desk, way):
        desk.server.deliver_thrice()
        await desk.ada.say(desk.ada.direct, "close SOL")
        await desk.server.delivered()
        await desk.ada.say(desk.ada.direct, "status")
        await desk.hears(2)
    assert sorted(desk.texts) == ["close SOL", "status"]
    assert [one.tries for one in desk.server.deliveries] == [3, 1]


@both_ways
async def test_slack_is_told_at_once_however_long_the_ask_takes(desk: Desk, way: str) -> None:
    ended = asyncio.Event()
    desk.brake = ended.wait
    async with connected(desk, way):
        for _ in range(70):
            delivery = await desk.ada.slash(desk.ops, "/deck status")
            assert delivery.is_acked
        ended.set()
        await desk.hears(70)


async def test_a_replayed_call_and_a_spoilt_one_ask_nothing(desk: Desk) -> None:
    async with connected(desk, "http"):
        delivery = await desk.ada.slash(desk.ops, "/deck close SOL")
        assert await desk.server.replay(delivery) == 401
        await desk.ada.slash(desk.ops, "/deck status")
        await desk.hears(2)
    assert sorted(desk.texts) == ["close SOL", "status"]


async def test_a_socket_that_is_replaced_in_the_middle_of_a_command_loses_nothing(desk: Desk) -> None:
    half = asyncio.Event()
    desk.brake = half.wait
    async with connected(desk, "socket"):
        await desk.ada.say(desk.ada.direct, "close SOL")
        await desk.hears(1)
        await desk.server.refresh_sockets("warning")
        await desk.server.connected(2)
        await desk.ada.say(desk.ada.direct, "status")
        await desk.server.refresh_sockets()
        await desk.server.connected()
        await desk.ada.say(desk.ada.direct, "positions")
        half.set()
        await desk.handles(3)
        await desk.server.delivered()
    assert sorted(desk.texts) == ["close SOL", "positions", "status"]
    assert await desk.notes(3) == [None, None, None]


async def test_a_socket_that_breaks_is_opened_again(desk: Desk) -> None:
    async with connected(desk, "socket") as adapter:
        desk.server.sockets.cut()
        await desk.server.wait_for(lambda: not desk.server.sockets.open)
        await desk.ada.say(desk.ada.direct, "status")
        await desk.hears(1)
        assert isinstance(adapter.state, Connected)


async def test_slack_may_be_away_when_the_desk_starts(desk: Desk) -> None:
    await desk.server.stop_listening()
    async with desk.listening() as adapter:
        assert isinstance(adapter.state, Away)
        await desk.server.start_listening()
        await desk.server.connected()
        await desk.ada.say(desk.ada.direct, "status")
        await desk.hears(1)
    assert desk.troubles == []


async def test_a_token_that_is_dead_is_told_as_trouble_and_when_it_is_over(desk: Desk) -> None:
    desk.server.fail(ApiError("invalid_auth"), method="apps.connections.open", times=2)
    async with desk.listening() as adapter:
        await desk.server.connected()
        async with asyncio.timeout(30):
            while not isinstance(adapter.state, Connected):  # noqa: ASYNC110 - it tells nobody here
                await asyncio.sleep(0.002)
    told, over = desk.troubles
    assert "invalid_auth" in str(told)
    assert over is None


async def test_a_bot_token_that_was_rotated_is_read_anew(desk: Desk) -> None:
    async with connected(desk, "socket") as adapter:
        desk.server.rotate_token("xoxb-2-rotated")
        with pytest.raises(SendError) as raised:
            await adapter.probe()
        assert raised.value.fault is Fault.DEAD_CREDENTIAL
        desk.bot_token = "xoxb-2-rotated"
        await adapter.probe()


async def test_a_token_of_another_app_is_not_taken(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    async with (
        SlackServer(bot_token="xoxb-9-another", team_id="T0OTHER") as other,
        connected(desk, "socket") as adapter,
    ):
        desk.server.revoke_token()
        desk.bot_token = other.bot_token
        # As a workspace of its own answers for that token.
        adapter._api.client.base_url, ours = other.base_url, adapter._api.client.base_url
        assert not await adapter._credential.renew()
        adapter._api.client.base_url = ours
    assert "the new token is that of another app" in caplog.text
    assert adapter._api.client.token == desk.server.bot_token


async def test_a_desk_that_starts_with_a_dead_token_goes_on_with_the_one_that_replaced_it(desk: Desk) -> None:
    desk.server.rotate_token("xoxb-2-rotated")
    async with desk.listening():
        desk.bot_token = "xoxb-2-rotated"
        await desk.server.connected()
        await desk.ada.say(desk.ada.direct, "status")
        await desk.hears(1)


async def test_what_was_stored_and_not_handled_comes_first_after_a_restart(desk: Desk) -> None:
    for_ever = asyncio.Event()
    desk.brake = for_ever.wait
    async with connected(desk, "socket"):
        await desk.ada.say(desk.ada.direct, "close SOL")
        (before,) = await desk.hears(1)
    desk.brake = None
    async with connected(desk, "socket"):
        await desk.handles(1)
    again = desk.came[-1]
    assert again.receipt is not None
    assert before.receipt is not None
    assert (again.receipt.command_id, again.at) == (before.receipt.command_id, before.at)
    assert await desk.notes(1) == [None]


async def test_bots_edits_and_what_is_said_to_others_are_passed_over(desk: Desk) -> None:
    bot = desk.server.person("robot", bot=True)
    async with connected(desk, "socket"):
        said = await desk.ada.say(desk.ops, "lunch?")
        await desk.ada.edit(desk.ops, said, f"<@{desk.server.bot.id}> stop")
        await bot.mention(desk.ops, "stop", bot_id="B1")
        await desk.server.delivered()
        await desk.ada.say(desk.ada.direct, "status")
        await desk.handles(1)
        notes = await desk.notes(len(desk.server.deliveries))
    assert desk.texts == ["status"]
    assert {"not said to us", "said by a bot"} <= {*notes}


async def test_guests_ask_nothing_even_where_the_settings_name_them(desk: Desk) -> None:
    desk.ada = desk.server.person("guest", guest=True)
    async with connected(desk, "socket"):
        await desk.ada.slash(desk.ops, "/deck status")
        await desk.eve.say(desk.eve.direct, "status")
        (came,) = await desk.handles(1)
        notes = await desk.notes(2)
    # Whom nobody knows the gateway turns away; whether they are guests nobody asks.
    assert came.sender == Identity("slack", f"{desk.server.team_id}/{desk.eve.id}")
    assert notes == ["said by a guest", None]
    assert [call.arguments["user"] for call in desk.server.calls_of("users.info")] == [desk.ada.id]


async def test_whether_somebody_is_a_guest_is_asked_once_in_a_while_and_waits_for_nobody(desk: Desk) -> None:
    desk.server.fail(ApiError("internal_error"), method="users.info")
    async with connected(desk, "socket"):
        for count in (1, 2, 3):
            await desk.ada.slash(desk.ops, "/deck stop")
            await desk.hears(count)
    assert len(desk.server.calls_of("users.info")) == 2


async def test_a_command_from_where_the_app_is_not_is_answered_by_themselves(desk: Desk) -> None:
    public, private = desk.server.channel("lobby"), desk.server.channel("board", private=True)
    public.has_app = private.has_app = False
    async with connected(desk, "socket") as adapter:
        for count, channel in enumerate((public, private, desk.ops, desk.ada.direct), start=1):
            await desk.ada.slash(channel, "/deck status")
            await desk.handles(count)
        public.has_app = True
        await desk.ada.slash(public, "/deck status")
        await desk.handles(5)
    alone = adapter.direct(Identity("slack", desk.ada.id))
    ops, lobby = Room("slack", desk.ops.id), Room("slack", public.id)
    assert [one.room for one in desk.came] == [alone, alone, ops, alone, lobby]


async def test_where_an_answer_found_the_channel_closed_the_next_one_comes_by_themselves(desk: Desk) -> None:
    ops = Room("slack", desk.ops.id)
    async with connected(desk, "socket") as adapter:
        await desk.ada.slash(desk.ops, "/deck status")
        await desk.handles(1)
        desk.ops.has_app = False
        with pytest.raises(SendError):
            await adapter.send(ops, Posting(Message("All is well.")))
        await desk.ada.slash(desk.ops, "/deck status")
        await desk.handles(2)
        alone = adapter.direct(Identity("slack", desk.ada.id))
    assert [one.room for one in desk.came] == [ops, alone]


async def test_where_nobody_tells_whether_the_app_is_there_the_answer_goes_there(desk: Desk) -> None:
    desk.server.take_scope("channels:read", "groups:read", "im:read", "mpim:read")
    async with connected(desk, "socket"):
        await desk.ada.slash(desk.ops, "/deck stop")
        (came,) = await desk.handles(1)
    assert came.room == Room("slack", desk.ops.id)


async def test_two_desks_on_one_app_hear_everything_once_together(desk: Desk) -> None:
    async with connected(desk, "socket"), desk.listening():
        await desk.server.connected(2)
        for number in range(12):
            await desk.ada.slash(desk.ops, f"/deck position {number}")
        await desk.hears(12)
    assert sorted(desk.texts) == sorted(f"position {number}" for number in range(12))


async def test_a_desk_that_finds_another_on_its_app_says_so_until_that_has_gone(desk: Desk) -> None:
    async with desk.listening() as first:
        await desk.server.connected()
        (theirs,) = desk.server.sockets.open
        async with connected(desk, "socket") as second:
            await desk.server.connected(2)
            assert noted(first, second) == [False, False]
            desk.look.set()
            await desk.server.connected(3)
            await until(lambda: noted(first, second) == [False, True])
            desk.look.clear()
            await first.close()
            await desk.server.wait_for(lambda: theirs not in desk.server.sockets.connections)
            desk.look.set()
            await until(lambda: noted(second) == [False])


def noted(*adapters: SlackAdapter) -> list[bool]:
    """Which say that another program listens as their app."""
    return [isinstance(one.state, Connected) and one.state.note.startswith("another program") for one in adapters]


async def until(so: Callable[[], bool]) -> None:
    """Wait for what rings no bell here."""
    async with asyncio.timeout(30):
        while not so():  # noqa: ASYNC110 - it tells nobody here
            await asyncio.sleep(0.002)
