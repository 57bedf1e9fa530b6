import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
import pytest_asyncio
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut

from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.errors import Paused
from chatops.adapters.telegram.request import AiohttpRequest, Timeouts
from chatops.messages import Attachment
from tests.chatops.adapters.telegram.patient import PATIENT
from tests.chatops.adapters.telegram.pictures import png
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
    async with AiohttpRequest(PATIENT) as request:
        yield request


@pytest.fixture
def api(server: TelegramServer, wire: AiohttpRequest) -> BotApi:
    server.private(server.person(111, "Ada"))
    return BotApi(wire, server.base_url, server.token)


HELLO = {"chat_id": 111, "text": "hello"}


async def test_a_method_gives_its_result(api: BotApi) -> None:
    assert (await api.call("getMe", {}))["username"] == "deck_bot"
    assert (await api.call("sendMessage", HELLO))["text"] == "hello"


async def test_a_file_goes_along_as_it_is(server: TelegramServer, api: BotApi) -> None:
    content = bytes(range(256)) * 40
    parameters = {
        "chat_id": 111,
        "caption": "daily <b>",
        "caption_entities": [{"type": "bold", "offset": 0, "length": 5}],
        "disable_notification": True,
        "reply_markup": {"inline_keyboard": [[{"text": "Ack", "callback_data": "t1"}]]},
        "message_thread_id": None,
    }
    file = Attachment("Übersicht, täglich.csv", content)
    answer = await api.call("sendDocument", parameters, file=("document", file))
    shown = server.private(server.person(111, "Ada")).from_bot[-1]
    assert shown.document is not None
    assert (shown.document.name, shown.document.content) == ("Übersicht, täglich.csv", content)
    assert (shown.text, shown.silent, shown.message_id) == ("daily <b>", True, answer["message_id"])
    assert [*shown.entities] == parameters["caption_entities"]
    assert shown.markup == parameters["reply_markup"]


async def test_a_picture_is_shown(server: TelegramServer, api: BotApi) -> None:
    picture = Attachment("equity.png", png(800, 600), is_picture=True)
    await api.call("sendPhoto", {"chat_id": 111}, file=("photo", picture))
    shown = server.private(server.person(111, "Ada")).from_bot[-1]
    assert shown.photo is not None
    assert shown.photo.content == picture.content


@pytest.mark.parametrize("name", ['a"b\\c.txt', "a\r\nX-Evil: 1.txt", "\x00", "", "שלום 🚀.txt", "\ud800"])
async def test_a_file_may_have_any_name(server: TelegramServer, api: BotApi, name: str) -> None:
    await api.call("sendDocument", {"chat_id": 111}, file=("document", Attachment(name, b"x")))
    shown = server.private(server.person(111, "Ada")).from_bot[-1]
    assert shown.document is not None
    assert shown.document.content == b"x"


async def test_an_upload_has_a_limit_of_its_own() -> None:
    never = asyncio.Event()

    async def read_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    deaf = await asyncio.start_server(read_nothing, "127.0.0.1")
    base_url = f"http://127.0.0.1:{deaf.sockets[0].getsockname()[1]}/bot"
    file = Attachment("trace.txt", bytes(20_000_000))
    async with deaf, AiohttpRequest(Timeouts(read=0.1, write=60, connect=0.1, pool=0.1, write_media=0.1)) as request:
        with pytest.raises(TimedOut):
            async with asyncio.timeout(30):
                await BotApi(request, base_url, "1:x").call("sendDocument", {"chat_id": 1}, file=("document", file))
        never.set()


async def test_a_refusal_says_what_it_is(server: TelegramServer, api: BotApi) -> None:
    server.fail(ApiError(400, Text.THREAD_NOT_FOUND), times=2)
    with pytest.raises(BadRequest, match="thread not found"):
        await api.call("sendMessage", HELLO)
    with pytest.raises(BadRequest, match="thread not found"):
        await api.call("sendDocument", {"chat_id": 111}, file=("document", Attachment("a", b"x")))


async def test_a_pause_says_how_long(server: TelegramServer, api: BotApi) -> None:
    server.fail(TooManyRequests(7))
    with pytest.raises(Paused) as paused:
        await api.call("sendMessage", HELLO)
    assert paused.value.seconds == 7


async def test_an_answer_that_stays_away_is_a_timeout(server: TelegramServer) -> None:
    chat = server.private(server.person(111, "Ada"))
    async with AiohttpRequest(replace(PATIENT, read=0.1)) as wire:
        api = BotApi(wire, server.base_url, server.token)
        server.fail(StallBeforeAccept(asyncio.Event()))
        with pytest.raises(TimedOut) as late:
            await api.call("sendMessage", HELLO)
        assert isinstance(late.value.__cause__, TimeoutError)
        # Over a connection that the server reads already: it has what is sent before anybody gives up.
        await api.call("getMe", {}, answer_within_s=30)
        server.fail(StallAfterAccept(asyncio.Event()))
        with pytest.raises(TimedOut):
            await api.call("sendMessage", HELLO)
    assert len(chat.from_bot) == 1


async def test_a_call_may_be_given_more_time(api: BotApi) -> None:
    assert await api.call("getUpdates", {"timeout": 1}, answer_within_s=30) == []


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
