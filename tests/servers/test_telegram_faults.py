"""Faults on order, and the rates that the platform allows."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from tests.servers.telegram import (
    ApiError,
    Chat,
    DropAfterAccept,
    DropBeforeAccept,
    StallAfterAccept,
    StallBeforeAccept,
    Status,
    TelegramServer,
    TooManyRequests,
)
from tests.servers.telegram.bare import bare_bot


@pytest.fixture(autouse=True)
def durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot then gives `retry_after` as a duration and warns of nothing."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


async def test_a_fault_meets_the_next_call_alone(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    telegram.fail(TooManyRequests(30), method="sendMessage")
    with pytest.raises(RetryAfter, match="Retry in 0:00:30"):
        await bot.send_message(111, "one")
    await bot.send_message(111, "two")
    assert [message.text for message in chat.messages] == ["two"]
    assert [call.status for call in telegram.calls_of("sendMessage")] == [429, 200]


async def test_too_many_requests_says_how_long_in_three_places(telegram: TelegramServer, chat: Chat) -> None:
    telegram.fail(TooManyRequests(7), method="sendMessage")
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{telegram.base_url}{telegram.token}/sendMessage", data={"chat_id": "111", "text": "hi"}
        ) as answer,
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert await answer.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }


async def test_a_standing_fault_in_one_chat_leaves_the_others_alone(
    telegram: TelegramServer, bot: Bot, chat: Chat
) -> None:
    ops = telegram.group(-1001234567890)
    rule = telegram.fail(Status(502), chat=chat, times=None)
    for text in ("one", "two"):
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await bot.send_message(111, text)
    await bot.send_message(ops.id, "fine")
    rule.lift()
    await bot.send_message(111, "three")
    assert ([message.text for message in chat.messages], rule.met) == (["three"], 2)


async def test_faults_are_met_in_the_order_given_until_healed(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    telegram.fail(ApiError(400, "Bad Request: chat not found"), method="sendMessage")
    telegram.fail(Status(500), times=None)
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(111, "one")
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(111, "two")
    telegram.heal()
    await bot.send_message(111, "three")


async def test_a_cut_connection_may_have_delivered_or_not(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    telegram.fail(DropBeforeAccept(), method="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(111, "lost")
    telegram.fail(DropAfterAccept(), method="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(111, "there")
    assert [message.text for message in chat.messages] == ["there"]
    assert [call.status for call in telegram.calls_of("sendMessage")] == [0, 0]


async def test_an_answer_may_come_too_late_though_it_was_done(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    telegram.fail(StallAfterAccept(asyncio.Event()), method="sendMessage")
    # By then it has to be done.
    with pytest.raises(TimedOut):
        await bot.send_message(111, "there", read_timeout=1)
    assert [message.text for message in chat.messages] == ["there"]


async def test_a_call_can_be_held_before_it_is_done(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    go = asyncio.Event()
    telegram.fail(StallBeforeAccept(go), method="sendMessage")
    sending = asyncio.create_task(bot.send_message(111, "held"))
    await telegram.wait_for(lambda: telegram.calls_of("sendMessage"))
    assert (chat.messages, telegram.calls_of("sendMessage")[0].status) == ([], None)
    go.set()
    await sending
    assert [message.text for message in chat.messages] == ["held"]


async def test_a_stalled_call_does_not_hold_up_the_end() -> None:
    async with TelegramServer() as server, bare_bot(server) as bot:
        server.private(server.person(111, "Ada"))
        server.fail(StallAfterAccept(asyncio.Event()), method="sendMessage")
        sending = asyncio.create_task(bot.send_message(111, "there", read_timeout=30))
        await server.wait_for(lambda: server.calls_of("sendMessage"))
        await server.stop_listening()
        with pytest.raises(NetworkError):
            await sending


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is moved."""

    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class Paced:
    """A server that keeps to the platform's rates, and what it goes by."""

    server: TelegramServer
    bot: Bot
    clock: Clock

    async def send(self, chat: Chat, count: int) -> None:
        for number in range(count):
            await self.bot.send_message(chat.id, f"{number}")


@pytest.fixture
async def paced() -> AsyncIterator[Paced]:
    clock = Clock()
    async with (
        TelegramServer(now=clock, rate_limits=True) as server,
        bare_bot(server) as bot,
    ):
        yield Paced(server, bot, clock)


async def test_a_chat_takes_a_short_burst_and_then_one_a_second(paced: Paced) -> None:
    chat = paced.server.private(paced.server.person(111, "Ada"))
    await paced.send(chat, 3)
    with pytest.raises(RetryAfter, match="Retry in 0:00:01"):
        await paced.send(chat, 1)
    paced.clock.seconds += 0.5
    with pytest.raises(RetryAfter):
        await paced.send(chat, 1)
    paced.clock.seconds += 0.5
    await paced.send(chat, 1)
    with pytest.raises(RetryAfter):
        await paced.bot.edit_message_text("edits count too", 111, 1)


async def test_a_group_takes_twenty_a_minute_and_holds_no_other_up(paced: Paced) -> None:
    ops = paced.server.group(-1001234567890)
    for _ in range(20):
        await paced.send(ops, 1)
        paced.clock.seconds += 1
    with pytest.raises(RetryAfter, match="Retry in 0:00:40"):
        await paced.send(ops, 1)
    await paced.send(paced.server.private(paced.server.person(111, "Ada")), 1)
    paced.clock.seconds += 40
    await paced.send(ops, 1)


async def test_all_chats_together_take_thirty_a_second(paced: Paced) -> None:
    people = [paced.server.private(paced.server.person(number, "P")) for number in range(1, 32)]
    for chat in people[:30]:
        await paced.send(chat, 1)
    with pytest.raises(RetryAfter, match="Retry in 0:00:01"):
        await paced.send(people[30], 1)
    paced.clock.seconds += 1
    await paced.send(people[30], 1)
