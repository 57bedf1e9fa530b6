import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from telegram import Bot
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut

from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.errors import Paused
from chatops.adapters.telegram.request import AiohttpRequest, Timeouts
from tests.servers.telegram import (
    ApiError,
    DropAfterAccept,
    StallAfterAccept,
    StallBeforeAccept,
    TelegramServer,
    TooManyRequests,
)
from tests.servers.telegram.texts import Text


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest(Timeouts(read=0.1)) as request:
        yield request


@pytest.fixture
def api(server: TelegramServer, wire: AiohttpRequest) -> BotApi:
    server.private(server.person(111, "Ada"))
    return BotApi(wire, server.base_url, server.token)


@pytest.fixture
def bot(server: TelegramServer, wire: AiohttpRequest) -> Bot:
    server.private(server.person(111, "Ada"))
    return Bot(server.token, base_url=server.base_url, request=wire, get_updates_request=wire)


HELLO = {"chat_id": 111, "text": "hello"}


async def test_a_method_gives_its_result(api: BotApi) -> None:
    assert (await api.call("getMe", {}))["username"] == "deck_bot"
    assert (await api.call("sendMessage", HELLO))["text"] == "hello"


async def test_the_library_sends_over_it_too(bot: Bot) -> None:
    assert (await bot.send_message(111, "hello")).text == "hello"
    assert (await bot.get_me()).username == "deck_bot"


async def test_a_file_goes_along_as_it_is(server: TelegramServer, bot: Bot) -> None:
    content = bytes(range(256)) * 40
    await bot.send_document(111, content, filename="Übersicht, täglich.csv", caption="daily")
    shown = server.private(server.person(111, "Ada")).from_bot[-1]
    assert shown.document is not None
    assert shown.document.content == content
    assert shown.document.name == "Übersicht, täglich.csv"
    assert shown.text == "daily"


async def test_a_refusal_says_what_it_is(server: TelegramServer, api: BotApi, bot: Bot) -> None:
    server.fail(ApiError(400, Text.THREAD_NOT_FOUND), times=2)
    with pytest.raises(BadRequest, match="thread not found"):
        await api.call("sendMessage", HELLO)
    with pytest.raises(BadRequest, match="thread not found"):
        await bot.send_message(111, "hello")


async def test_a_pause_says_how_long(server: TelegramServer, api: BotApi) -> None:
    server.fail(TooManyRequests(7))
    with pytest.raises(Paused) as paused:
        await api.call("sendMessage", HELLO)
    assert paused.value.seconds == 7


async def test_an_answer_that_stays_away_is_a_timeout(server: TelegramServer, api: BotApi) -> None:
    server.fail(StallBeforeAccept(asyncio.Event()))
    with pytest.raises(TimedOut) as late:
        await api.call("sendMessage", HELLO)
    assert isinstance(late.value.__cause__, TimeoutError)
    server.fail(StallAfterAccept(asyncio.Event()))
    with pytest.raises(TimedOut):
        await api.call("sendMessage", HELLO)
    assert len(server.private(server.person(111, "Ada")).from_bot) == 1


async def test_a_call_may_be_given_more_time(api: BotApi) -> None:
    assert await api.call("getUpdates", {"timeout": 1}, answer_within_s=5) == []


async def test_the_cause_tells_whether_anything_was_sent(server: TelegramServer, api: BotApi) -> None:
    server.fail(DropAfterAccept())
    with pytest.raises(NetworkError) as cut:
        await api.call("sendMessage", HELLO)
    assert isinstance(cut.value.__cause__, aiohttp.ServerDisconnectedError)
    await server.stop_listening()
    with pytest.raises(NetworkError) as refused:
        await api.call("sendMessage", HELLO)
    assert isinstance(refused.value.__cause__, aiohttp.ClientConnectorError)


async def test_what_goes_wrong_on_the_way_never_tells_the_token(server: TelegramServer) -> None:
    async with AiohttpRequest(Timeouts(connect=1e-9, pool=1e-9)) as request:
        with pytest.raises(TimedOut) as late:
            await BotApi(request, server.base_url, server.token).call("getMe", {})
    # aiohttp's own words have the whole address.
    assert server.token in str(late.value.__cause__)
    assert server.token not in str(late.value)


async def test_what_is_closed_says_so(server: TelegramServer) -> None:
    request = AiohttpRequest()
    await request.initialize()
    await request.shutdown()
    with pytest.raises(TelegramError, match="is closed"):
        await BotApi(request, server.base_url, server.token).call("getMe", {})
