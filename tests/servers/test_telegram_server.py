"""The server itself: tokens, methods, parameters, opening and closing."""

import asyncio
import socket
from time import monotonic
from urllib.parse import urlsplit

import aiohttp
import pytest
from telegram import Bot
from telegram.error import BadRequest, EndPointNotFound, InvalidToken, NetworkError

from tests.servers.common.seen import PATIENCE_S
from tests.servers.telegram import Chat, NotSeen, TelegramServer
from tests.servers.telegram.bare import bare_bot


async def test_the_bot_knows_itself(telegram: TelegramServer, bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.username, me.can_read_all_group_messages) == (123456, "deck_bot", False)
    assert [(call.method, call.status) for call in telegram.calls] == [("getMe", 200), ("getMe", 200)]


async def test_a_wrong_token_is_unauthorized_and_a_malformed_one_not_found(telegram: TelegramServer) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{telegram.base_url}123456:wrong/getMe") as answer:
            assert answer.status == 401
            assert await answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
        async with session.get(f"{telegram.base_url}nonsense/getMe") as answer:
            assert answer.status == 404
    assert telegram.calls == []


async def test_an_unknown_method_is_not_found_and_recorded(telegram: TelegramServer, bot: Bot) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendPigeon")
    assert [violation.method for violation in telegram.violations] == ["sendPigeon"]


async def test_a_misspelt_parameter_is_refused_and_recorded(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    with pytest.raises(BadRequest, match=r"(?i)sendMessage has no parameter 'disable_notifications'"):
        await bot.send_message(111, "hi", api_kwargs={"disable_notifications": True})
    assert "disable_notifications" in telegram.violations[0].reason
    assert chat.messages == []


async def test_a_misspelt_field_inside_a_parameter_is_refused_too(
    telegram: TelegramServer, bot: Bot, chat: Chat
) -> None:
    with pytest.raises(BadRequest, match=r"(?i)which has no 'callbackdata'"):
        await bot.send_message(
            111,
            "hi",
            api_kwargs={"reply_markup": {"inline_keyboard": [[{"text": "A", "callbackdata": "x"}]]}},
        )
    assert len(telegram.violations) == 1


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"message_thread_id": "seven"}, "can't parse message_thread_id"),
        ({"disable_notification": "maybe"}, "can't parse disable_notification"),
        ({"protect_content": 1}, "protect_content should be Boolean"),
        ({"entities": {"type": "bold"}}, "entities should be an array"),
        ({"link_preview_options": {"disabled": True}}, "which has no 'disabled'"),
        ({"reply_markup": {"buttons": []}}, "reply_markup is none of"),
        ({"message_effect_id": "5"}, "does not play the parameter"),
        ({"parse_mode": "HTML"}, "send entities"),
    ],
)
async def test_a_parameter_of_the_wrong_kind_is_a_violation(
    telegram: TelegramServer, bot: Bot, chat: Chat, parameters: dict[str, object], reason: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.send_message(111, "hi", api_kwargs=parameters)
    assert reason in telegram.violations[0].reason
    assert chat.messages == []


@pytest.mark.parametrize(
    ("method", "parameters", "reason"),
    [
        ("sendMessage", {"text": "hi"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 111}, "message text is empty"),
        ("editMessageText", {"chat_id": 111, "text": "hi"}, "message identifier is not specified"),
        ("sendPhoto", {"chat_id": 111}, "there is no photo in the request"),
        ("setMyCommands", {}, 'parameter "commands" is required'),
    ],
)
async def test_a_missing_parameter_is_refused_in_the_platforms_words(
    telegram: TelegramServer, chat: Chat, method: str, parameters: dict[str, object], reason: str
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{telegram.base_url}{telegram.token}/{method}", json=parameters) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["description"] == f"Bad Request: {reason}"
    assert telegram.violations == []


async def test_a_json_body_does_as_well_as_a_form(telegram: TelegramServer, chat: Chat) -> None:
    body = {"chat_id": 111, "text": "hi", "entities": [{"type": "bold", "offset": 0, "length": 2}]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{telegram.base_url}{telegram.token}/sendMessage", json=body) as answer,
    ):
        assert (await answer.json())["result"]["entities"] == body["entities"]
    assert chat.messages[0].text == "hi"


async def test_closing_releases_a_poll_at_once() -> None:
    async with TelegramServer() as server, bare_bot(server) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=50))
        await server.wait_for(lambda: server.updates.is_polled)
        before = monotonic()
        await server.stop_listening()
        with pytest.raises(NetworkError):
            await poll
    # Left alone, it would have lasted fifty.
    assert monotonic() - before < 25


async def test_while_it_does_not_listen_connections_are_refused(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    await telegram.stop_listening()
    with pytest.raises(NetworkError):
        await bot.send_message(111, "lost")
    await telegram.start_listening()
    await bot.send_message(111, "back")
    assert [message.text for message in chat.messages] == ["back"]


@pytest.mark.parametrize("turns", range(6))
async def test_who_is_being_accepted_as_it_closes_is_cut_off_like_all_others(
    telegram: TelegramServer, turns: int
) -> None:
    host, port = urlsplit(telegram.base_url).netloc.split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(f"GET /bot{telegram.token}/getUpdates?timeout=50 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        client.setblocking(False)
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE_S):
            await telegram.stop_listening()
            read = await asyncio.gather(asyncio.get_running_loop().sock_recv(client, 1), return_exceptions=True)
    assert str(read[0]) in ("b''", "[Errno 104] Connection reset by peer")


async def test_while_it_does_not_listen_its_port_is_given_to_nobody_else(telegram: TelegramServer) -> None:
    port = urlsplit(telegram.base_url).port
    await telegram.stop_listening()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    await telegram.start_listening()
    assert urlsplit(telegram.base_url).port == port


async def test_a_revoked_token_is_refused_until_the_new_one_is_used(telegram: TelegramServer, bot: Bot) -> None:
    telegram.revoke_token()
    with pytest.raises(InvalidToken):
        await bot.get_updates()
    telegram.rotate_token("123456:NEW")
    with pytest.raises(InvalidToken):
        await bot.get_updates()
    async with bare_bot(telegram) as successor:
        assert successor.username == "deck_bot"


async def test_a_bot_that_logged_out_is_turned_away(bot: Bot) -> None:
    assert await bot.close()
    assert await bot.log_out()
    with pytest.raises(BadRequest, match="Logged out"):
        await bot.get_me()


async def test_waiting_in_vain_shows_what_there_is(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    await bot.send_message(111, "something else")
    with pytest.raises(NotSeen, match=r"(?s)no new message with 'answer'.*#1 Deck: 'something else'"):
        await chat.next_message("answer", timeout_s=0.01)
    with pytest.raises(NotSeen, match=r"(?s)#1 Deck: 'something else'.*call sendMessage -> 200"):
        await telegram.wait_for(lambda: telegram.callback_answers, timeout_s=0.01)


async def test_next_message_reads_each_answer_once_and_shows_sees_edits(bot: Bot, chat: Chat) -> None:
    first = await bot.send_message(111, "one")
    await bot.send_message(111, "two")
    assert (await chat.next_message()).text == "one"
    assert (await chat.next_message()).text == "two"
    waiting = asyncio.create_task(chat.shows("three", on=first.message_id))
    await bot.edit_message_text("three", 111, first.message_id)
    assert [earlier.text for earlier in (await waiting).edits] == ["one"]
