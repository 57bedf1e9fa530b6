"""Telegram calls us: who is let in, what is kept, and what is known of its age."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import asyncpg
import pytest

from chatops.adapters.called_here import LARGEST_BODY
from chatops.adapters.telegram.adapter import TelegramAdapter
from chatops.adapters.telegram.webhook import SECRET_HEADER, WebhookAt
from chatops.link import Away
from chatops.listening import CannotListen
from chatops.messages import Press
from chatops.people import Directory
from chatops.settings import Address
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.inbox import Inbox
from tests.chatops.adapters.telegram.echo import Clock, Echo, listening
from tests.kept_port import bound, kept_port
from tests.servers.telegram import ApiError, Status, TelegramServer
from tests.servers.telegram.texts import Text as Refusal

SECRET = "hush_CANARY-1"


@pytest.fixture
def at() -> Iterator[WebhookAt]:
    """An address of this machine that is free, and nobody else's until the end."""
    with kept_port() as port:
        yield WebhookAt(f"http://127.0.0.1:{port}/hook", Address("127.0.0.1", port), SECRET)


@dataclass
class Caller:
    """Somebody who has found the address."""

    at: WebhookAt
    session: aiohttp.ClientSession

    async def post(self, body: Any, *, secret: str | None = SECRET, method: str = "POST", path: str = "") -> int:
        """The status of the answer, which says nothing else."""
        data = io.BytesIO(body) if isinstance(body, bytes) else json.dumps(body) if isinstance(body, dict) else body
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with self.session.request(method, self.at.url + path, data=data, headers=headers) as response:
            assert await response.read() == b""
            return response.status


@pytest.fixture
async def caller(at: WebhookAt) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(at, session)


@asynccontextmanager
async def called(server: TelegramServer, database: Database, at: WebhookAt, **others: Any) -> AsyncIterator[Echo]:
    """An echo whose webhook is set, and that knows that nothing waits for it."""
    async with listening(server, database, webhook=at, **others) as echo:
        await echo.patience.until_asked()
        yield echo


async def look(echo: Echo) -> None:
    """Have Telegram asked what waits."""
    asked = len(echo.patience.asked)
    echo.patience.end()
    await echo.patience.until_asked(asked + 1)


def why_away(echo: Echo) -> str:
    state = echo.adapter.state
    assert isinstance(state, Away)
    return state.reason


def update(number: int, text: str) -> dict[str, Any]:
    ada = {"id": 111, "is_bot": False, "first_name": "Ada"}
    chat = {"id": 111, "type": "private", "first_name": "Ada"}
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": ada, "text": text},
    }


async def away() -> None:
    raise DatabaseAway("the database is away")


async def count(database: Database) -> int:
    return int(await database.fetchval("SELECT count(*) FROM inbox"))


# What people ask.


async def test_what_is_said_and_pressed_is_heard(server: TelegramServer, database: Database, at: WebhookAt) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    async with called(server, database, at) as echo:
        assert echo.is_connected
        await chat.say(ada, "close")
        asked = await chat.next_message("close")
        query = await chat.press(ada, asked, "Press")
        await chat.shows("pressed token close", on=asked)
        await server.answer_to(query)
        assert await echo.inbox.until_done(2) == [None, None]
    assert server.calls_of("getUpdates") == []
    (given,) = [call.parameters for call in server.calls_of("setWebhook")]
    assert given["allowed_updates"] == ["message", "callback_query"]
    assert given["secret_token"] == SECRET
    assert given["max_connections"] == 40


async def test_a_press_is_answered_to_the_platform_first_and_even_where_it_cannot_be_read(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    card = await chat.say(ada, "card")
    async with called(server, database, at) as echo:
        await echo.inbox.until_done(1)
        echo.is_awake.clear()
        await server.answer_to(await chat.press_data(ada, card, "while nobody handles it"))
        echo.is_awake.set()
        odd = {"id": "4200000000000000007", "from": None, "data": 5}
        server.push({"callback_query": odd})
        await server.wait_for(lambda: len(server.calls_of("answerCallbackQuery")) == 2)
        assert server.calls_of("answerCallbackQuery")[-1].parameters["callback_query_id"] == odd["id"]


async def test_it_is_stored_before_telegram_is_told_so(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)

    def die_before_storing(echo: Echo) -> None:
        echo.inbox.before_store = echo.inbox.die

    async with called(server, database, at, prepare=die_before_storing) as dying:
        await chat.say(ada, "/close SOL")
        await dying.inbox.until_dead()
        assert len(server.updates.pending) == 1
    async with called(server, database, at):
        await chat.next_message("/close SOL")
        await server.wait_for(lambda: not server.updates.pending)
    assert len(chat.from_bot) == 1


async def test_what_was_stored_and_not_handled_goes_first_after_a_restart(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    async with called(server, database, at) as first:
        first.is_awake.clear()
        await chat.say(ada, "/close SOL")
        await first.until_came(1)
        await server.wait_for(lambda: not server.updates.pending)
    await chat.say(ada, "/status")
    async with called(server, database, at) as second:
        assert await second.inbox.until_done(2) == [None, None]
        assert [heard.receipt.command_id for heard in second.came if heard.receipt] == sorted(second.inbox.notes)
    assert len(chat.from_bot) == 2


async def test_nothing_new_is_taken_before_what_was_left_over(
    server: TelegramServer, database: Database, at: WebhookAt, caller: Caller
) -> None:
    server.private(server.person(111, "Ada"))
    may_read = asyncio.Event()

    def hold(echo: Echo) -> None:
        echo.inbox.before_unhandled = may_read.wait

    async with listening(server, database, webhook=at, prepare=hold) as echo:
        assert await caller.post(update(7, "/status")) == 503
        may_read.set()
        await echo.patience.until_asked()
        assert await caller.post(update(7, "/status")) == 200
        await echo.inbox.until_done(1)
    assert len(echo.came) == 1


async def test_a_press_is_answered_even_while_it_cannot_be_stored(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    card = await chat.say(ada, "card")
    async with called(server, database, at) as echo:
        await echo.inbox.until_done(1)
        echo.inbox.before_store = away
        await server.answer_to(await chat.press_data(ada, card, "token"))
        await server.wait_for(lambda: server.webhook_errors)


async def test_what_telegram_hands_over_again_is_not_heard_again(
    server: TelegramServer, database: Database, at: WebhookAt, caller: Caller
) -> None:
    server.private(server.person(111, "Ada"))
    async with called(server, database, at) as echo:
        assert [await caller.post(update(7, "one")) for _ in range(3)] == [200] * 3
        assert await caller.post(update(8, "two")) == 200
        await echo.inbox.until_done(2)
        assert len(echo.came) == 2


async def test_what_cannot_be_stored_is_refused_until_it_can(
    server: TelegramServer, database: Database, at: WebhookAt, postgres_url: str
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    name = await database.fetchval("SELECT current_database()")
    admin = await asyncpg.connect(postgres_url)
    async with called(server, database, at) as echo:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await chat.say(ada, "/status")
        await server.wait_for(lambda: server.webhook_errors)
        assert len(server.updates.pending) == 1
        await look(echo)
        assert "Telegram does not reach 127.0.0.1 (Wrong response from the webhook: 503)" in why_away(echo)
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await chat.next_message("/status")
        await server.wait_for(lambda: not server.updates.pending)
        await look(echo)
        assert echo.is_connected
    await admin.close()


async def test_that_nobody_was_there_before_the_start_is_no_trouble(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    ada = server.person(111, "Ada")
    async with called(server, database, at):
        pass
    await server.private(ada).say(ada, "/status")
    await server.wait_for(lambda: server.webhook_errors)

    def store_nothing(echo: Echo) -> None:
        echo.inbox.before_store = away

    # It looks while the update still waits, and knows of errors from before alone.
    async with called(server, database, at, prepare=store_nothing) as echo:
        assert echo.patience.asked == [2]
        assert echo.is_connected


# Who is let in.


async def test_without_the_secret_nobody_learns_a_word(
    server: TelegramServer, database: Database, at: WebhookAt, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    async with called(server, database, at) as echo:
        for secret in (None, "", "hush", SECRET + "x", SECRET[:-1], "h\u00fcsh"):
            assert await caller.post(update(7, "/close SOL"), secret=secret) == 401
        assert await caller.post(b"x" * (LARGEST_BODY + 1), secret=None) == 401
        assert await caller.post(update(7, "/status"), path="/elsewhere") == 404
        assert await caller.post(update(7, "/status"), secret=None, path="/elsewhere") == 404
        assert await caller.post(update(7, "/status"), method="PUT") == 405
        assert await caller.post(b"", method="GET", secret=None) == 405
        assert echo.came == []
    assert await count(database) == 0
    assert [record.args for record in caplog.records if "without its secret" in record.message] == [(1,), (2,), (4,)]


async def test_the_secret_is_in_no_log_and_in_no_repr(
    server: TelegramServer, database: Database, at: WebhookAt, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with called(server, database, at) as echo:
            await caller.post(update(7, "/status"))
            await caller.post(b"nonsense")
            assert SECRET not in str(echo.adapter.state)
    assert SECRET not in repr(at)
    assert SECRET not in caplog.text


async def test_a_body_that_is_too_large_is_refused_whatever_its_header_says(
    server: TelegramServer, database: Database, at: WebhookAt, caller: Caller
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 65536 + 1):
            yield b"x" * 65536

    async with called(server, database, at):
        assert await caller.post(b" " * (LARGEST_BODY + 1)) == 413
        assert await caller.post(endless()) == 413
        fits = json.dumps(update(7, "/status")).encode().ljust(LARGEST_BODY)
        assert await caller.post(fits) == 200
    assert await count(database) == 1


ODD_BODIES = {
    b"nonsense": "it cannot be read",
    b"": "it cannot be read",
    b"\xff\xfe\x00": "it cannot be read",
    b"[1, 2]": "it cannot be read",
    b"null": "it cannot be read",
    b'{"a":' * 2000 + b"1" + b"}" * 2000: "it cannot be read",
    b'{"poll":' + b'{"a":' * 400 + b"1" + b"}" * 401: "of the kind poll",
    b"{}": "it is empty",
    b'{"update_id": 5, "message": "none"}': "cannot be read: message is str",
}


async def test_what_cannot_be_read_is_stored_and_does_not_come_for_ever(
    server: TelegramServer, database: Database, at: WebhookAt, caller: Caller
) -> None:
    async with called(server, database, at) as echo:
        for body in ODD_BODIES:
            assert [await caller.post(body), await caller.post(body)] == [200, 200]
        assert await echo.inbox.until_done(len(ODD_BODIES)) == list(ODD_BODIES.values())
        assert echo.came == []
    assert await count(database) == len(ODD_BODIES)


# What is known of a press.


async def test_only_a_press_that_cannot_have_waited_has_a_time(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    card = await chat.say(ada, "an old card")
    clock = Clock()
    await chat.press_data(ada, card, "while we were away")
    async with called(server, database, at, now=clock) as echo:
        await echo.inbox.until_done(2)
        # Nobody has told yet that nothing waits.
        await chat.press_data(ada, card, "not known")
        await echo.inbox.until_done(3)
        await server.wait_for(lambda: not server.updates.pending)
        await look(echo)
        for done, seconds in enumerate((0, 60, 61), start=4):
            clock.advance(seconds)
            await chat.press_data(ada, card, f"{seconds} s after")
            await echo.inbox.until_done(done)
            await server.wait_for(lambda: not server.updates.pending)
            clock.now -= timedelta(seconds=seconds)
    assert {heard.token: heard.at for heard in echo.came if isinstance(heard, Press)} == {
        "while we were away": None,
        "not known": None,
        "0 s after": Clock().now,
        "60 s after": Clock().now + timedelta(seconds=60),
        "61 s after": None,
    }


async def test_telegram_is_asked_soon_again_while_something_waits(
    server: TelegramServer, database: Database, at: WebhookAt, caller: Caller
) -> None:
    ada = server.person(111, "Ada")
    async with called(server, database, at) as echo:
        assert echo.patience.asked == [20]
        echo.inbox.before_store = away
        await server.private(ada).say(ada, "/status")
        await server.wait_for(lambda: server.webhook_errors)
        await look(echo)
        assert echo.patience.asked == [20, 2]


async def test_staleness_of_a_few_seconds_is_looked_after_as_often(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    async with called(server, database, at, stale_after=timedelta(seconds=12)) as echo:
        assert echo.patience.asked == [4]


# Telegram's side.


async def test_it_is_set_once_telegram_is_back(server: TelegramServer, database: Database, at: WebhookAt) -> None:
    ada = server.person(111, "Ada")
    await server.stop_listening()
    async with called(server, database, at) as echo:
        assert why_away(echo)
        echo.patience.end()
        await echo.patience.until_asked(2)
        await server.start_listening()
        echo.patience.end()
        await echo.patience.until_asked(3)
        assert echo.patience.asked == [0.5, 1, 20]
        assert echo.is_connected
        await server.private(ada).say(ada, "/status")
        await server.private(ada).next_message("/status")


async def test_a_stop_leaves_the_webhook_set(server: TelegramServer, database: Database, at: WebhookAt) -> None:
    async with called(server, database, at):
        pass
    assert server.calls_of("deleteWebhook") == []
    assert server.hook_url == at.url


async def test_an_address_that_is_taken_is_told_at_once(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    with bound(at.listen.port) as other:
        other.listen()
        adapter = TelegramAdapter(
            server.token, Inbox(database), Directory(()), base_url=server.base_url, now=Clock(), webhook=at
        )
        with pytest.raises(CannotListen, match=r"Set telegram\.webhook_listen"):
            await adapter.start(lambda _: pytest.fail("nothing comes"))
        await adapter.close()


async def test_a_webhook_that_was_removed_is_set_again_after_a_while(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    troubles: list[str | None] = []
    async with called(server, database, at, on_trouble=troubles.append) as echo:
        await delete_webhook(server)
        await look(echo)
        assert "the webhook was removed" in why_away(echo)
        assert echo.patience.asked == [20, 30]
        await look(echo)
        assert server.hook_url == at.url
        assert echo.is_connected
    assert [told is None for told in troubles] == [False]


async def test_a_webhook_of_another_program_is_left_to_it(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    async with called(server, database, at) as echo:
        await call(server, "setWebhook", url="http://127.0.0.1:9/theirs")
        for _ in range(3):
            await look(echo)
        assert echo.patience.asked == [20, 30, 60, 120]
        assert "another program uses this bot" in why_away(echo)
        assert server.hook_url == "http://127.0.0.1:9/theirs"
        await delete_webhook(server)
        await look(echo)
        await look(echo)
        assert server.hook_url == at.url


async def test_a_token_that_is_refused_is_told_and_the_webhook_set_anew_with_the_next(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    rotated = "123456:ROTATED"
    troubles: list[str | None] = []
    tokens = [server.token]
    async with called(server, database, at, reread=lambda: tokens[-1], on_trouble=troubles.append) as echo:
        server.rotate_token(rotated)
        await look(echo)
        assert why_away(echo)
        tokens.append(rotated)
        await look(echo)
        assert echo.is_connected
    assert [told is None for told in troubles] == [False, True]
    assert len(server.calls_of("setWebhook")) == 2


async def test_trouble_with_setting_it_is_told_and_asked_after(
    server: TelegramServer, database: Database, at: WebhookAt
) -> None:
    server.fail(ApiError(400, "Bad Request: bad webhook: invalid URL"), method="setWebhook")
    server.fail(Status(502), method="setWebhook")
    server.fail(ApiError(401, Refusal.UNAUTHORIZED), method="setWebhook")
    async with called(server, database, at) as echo:
        assert "Bad webhook: invalid url" in why_away(echo)
        await look(echo)
        await look(echo)
        await look(echo)
        assert echo.patience.asked == [0.5, 1, 30, 20]
        assert echo.is_connected


async def call(server: TelegramServer, method: str, **parameters: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.base_url}{server.token}/{method}", json=parameters) as response,
    ):
        assert response.status == 200


async def delete_webhook(server: TelegramServer) -> None:
    await call(server, "deleteWebhook")
