"""What keeps the desk from polling, and what it does about that."""

import logging
from typing import Any

import aiohttp
import pytest

from chatops.link import Away, Connected
from chatops.messages import Message, Posting
from chatops.room import Room
from chatops.storage.database import Database
from tests.chatops.adapters.telegram.echo import Echo, listening
from tests.servers.telegram import ApiError, Status, TelegramServer
from tests.servers.telegram.texts import Text as Refusal

HOOK = "http://127.0.0.1:9/hook"


async def call(server: TelegramServer, method: str, **parameters: Any) -> None:
    async with aiohttp.ClientSession() as session:
        await session.post(f"{server.base_url}{server.token}/{method}", json=parameters)


# A webhook.


async def test_a_webhook_is_removed_and_what_waits_is_kept(server: TelegramServer, database: Database) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await call(server, "setWebhook", url=HOOK)
    await chat.say(ada, "/status")
    server.fail(Status(502), method="deleteWebhook")
    async with listening(server, database) as echo:
        await echo.patience.until_asked()
        echo.patience.end()
        await chat.next_message("/status")
        assert isinstance(echo.adapter.state, Connected)
        assert echo.patience.asked == [0.5]
    assert [delete.parameters["drop_pending_updates"] for delete in server.calls_of("deleteWebhook")] == [False] * 2


async def test_a_webhook_that_comes_back_is_another_program(server: TelegramServer, database: Database) -> None:
    troubles: list[str | None] = []
    await call(server, "setWebhook", url=HOOK)
    async with listening(server, database, on_trouble=troubles.append) as echo:
        await echo.until_polling()
        await call(server, "setWebhook", url=HOOK)
        for times in (1, 2, 3):
            await echo.patience.until_asked(times)
            echo.patience.end()
        await echo.patience.until_asked(4)
        assert echo.patience.asked == [30, 60, 120, 240]
        assert isinstance(echo.adapter.state, Away)
        assert "webhook is active" in echo.adapter.state.reason
    assert len(server.calls_of("deleteWebhook")) == 1
    assert server.hook_url == HOOK
    assert None not in troubles


# Another program that polls.


async def test_the_loser_stands_down_and_goes_on_sending(server: TelegramServer, database: Database) -> None:
    chat = server.private(server.person(111, "Ada"))
    troubles: list[str | None] = []
    async with listening(server, database, on_trouble=troubles.append) as echo:
        await echo.until_polling()
        await call(server, "getUpdates")
        await echo.patience.until_asked()
        assert echo.patience.asked == [30]
        await echo.adapter.send(Room("telegram", "111"), Posting(Message("still here")))
        assert chat.from_bot[-1].text == "still here"
        polls = len(server.calls_of("getUpdates"))
        echo.patience.end()
        await server.wait_for(lambda: server.updates.is_polled and len(server.calls_of("getUpdates")) > polls)
        await call(server, "getUpdates")
        await echo.patience.until_asked(2)
        assert echo.patience.asked == [30, 60]
    assert [told is not None and "another program uses this bot" in told for told in troubles] == [True]


# A token that is refused.


class File:
    """Where the token stands."""

    def __init__(self, token: str) -> None:
        self.token = token

    def read(self) -> str:
        if not self.token:
            raise ValueError("names a file that is empty: put the secret there")
        return self.token


async def until_refused(server: TelegramServer, echo: Echo, times: int = 1) -> None:
    # What ends the poll that was let in before, and needs no answer.
    server.push({"my_chat_member": {}})
    await echo.patience.until_asked(times)


async def test_a_rotated_token_is_used_for_everything(server: TelegramServer, database: Database) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    file = File(server.token)
    troubles: list[str | None] = []
    async with listening(server, database, reread=file.read, on_trouble=troubles.append) as echo:
        await echo.until_polling()
        server.rotate_token("123456:ROTATED")
        await until_refused(server, echo)
        assert "look at telegram.token" in str(troubles[0])
        file.token = "123456:ROTATED"
        echo.patience.end()
        await chat.say(ada, "/status")
        await chat.next_message("/status")
        await server.wait_for(lambda: troubles[1:])
    assert troubles[1:] == [None]


async def test_a_token_that_was_put_there_in_time_is_used_without_a_pause(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    file = File("123456:ROTATED")
    async with listening(server, database, reread=file.read) as echo:
        await echo.until_polling()
        server.rotate_token("123456:ROTATED")
        server.push({"my_chat_member": {}})
        await server.wait_for(lambda: server.updates.is_polled and not server.updates.pending)
        await chat.say(ada, "/status")
        await chat.next_message("/status")
        assert echo.patience.asked == []


async def test_the_token_of_another_bot_is_refused_with_what_to_do(
    server: TelegramServer, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    file = File("654321:CANARY-of-another-bot")
    server.fail(ApiError(401, Refusal.UNAUTHORIZED), method="getUpdates", times=3)
    async with listening(server, database, reread=file.read) as echo:
        for times in (1, 2, 3):
            await echo.patience.until_asked(times)
            echo.patience.end()
        await echo.until_polling()
    said = [record.getMessage() for record in caplog.records if "another bot" in record.getMessage()]
    assert said == ["telegram: the new token is that of another bot (654321, not 123456): restart the desk to use it"]
    assert "CANARY" not in caplog.text


async def test_a_token_that_cannot_be_read_anew_is_told_and_the_old_one_kept(
    server: TelegramServer, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    file = File("")
    server.fail(ApiError(401, Refusal.UNAUTHORIZED), method="getUpdates", times=2)
    async with listening(server, database, reread=file.read) as echo:
        await echo.patience.until_asked()
        assert "cannot be read anew: names a file that is empty" in caplog.text
        file.token = "CANARY:no token"
        echo.patience.end()
        await echo.patience.until_asked(2)
        assert "cannot be read anew: that is no token of Telegram" in caplog.text
        echo.patience.end()
        await chat.say(ada, "/status")
        await chat.next_message("/status")
        assert isinstance(echo.adapter.state, Connected)
    assert "CANARY" not in caplog.text
