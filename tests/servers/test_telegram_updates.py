"""Updates: polling and the webhook."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict

from chatops.listening import Listening
from chatops.settings.address import Address
from tests.servers.telegram import Chat, Person, TelegramServer
from tests.servers.telegram.bare import bare_bot


def ids(updates: tuple[object, ...]) -> list[int]:
    return [int(update.update_id) for update in updates]  # type: ignore[attr-defined]


async def test_updates_come_again_until_a_higher_offset_confirms_them(bot: Bot, ada: Person, chat: Chat) -> None:
    for text in ("one", "two", "three"):
        await chat.say(ada, text)
    assert ids(await bot.get_updates()) == [1000, 1001, 1002]
    assert ids(await bot.get_updates(offset=0)) == [1000, 1001, 1002]
    assert ids(await bot.get_updates(offset=1001, limit=1)) == [1001]
    assert ids(await bot.get_updates()) == [1001, 1002]
    assert ids(await bot.get_updates(offset=1003)) == []
    assert ids(await bot.get_updates()) == []


async def test_a_negative_offset_keeps_only_the_last(bot: Bot, ada: Person, chat: Chat) -> None:
    for text in ("one", "two", "three"):
        await chat.say(ada, text)
    assert ids(await bot.get_updates(offset=-1)) == [1002]
    assert ids(await bot.get_updates()) == [1002]


async def test_limits_are_clamped_not_refused(bot: Bot, ada: Person, chat: Chat) -> None:
    for number in range(101):
        await chat.say(ada, f"{number}")
    assert len(await bot.get_updates(limit=1000)) == 100
    assert len(await bot.get_updates(limit=0)) == 1


async def test_a_long_poll_answers_as_soon_as_something_is_said(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.wait_for(lambda: telegram.updates.is_polled)
    await chat.say(ada, "hello")
    (update,) = await poll
    assert update.message is not None
    assert (update.message.text, update.effective_user and update.effective_user.id) == ("hello", 111)


async def test_a_second_poll_ends_the_first(telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.wait_for(lambda: telegram.updates.is_polled)
    async with bare_bot(telegram) as rival:
        second = asyncio.create_task(rival.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one"):
            await first
        await chat.say(ada, "hello")
        assert len(await second) == 1


async def test_a_client_that_goes_away_leaves_no_poll_behind(telegram: TelegramServer, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.wait_for(lambda: telegram.updates.is_polled)
    poll.cancel()
    await telegram.wait_for(lambda: not telegram.updates.is_polled)


async def test_allowed_updates_stay_as_last_given(telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await chat.say(ada, "not wanted")
    await bot.get_updates()
    await chat.say(ada, "still not wanted")
    await chat.press_data(ada, await chat.say(ada, "x"), "data")
    assert [update.callback_query is not None for update in await bot.get_updates()] == [True]
    await bot.get_updates(offset=2000, allowed_updates=[])
    await chat.say(ada, "wanted")
    assert len(await bot.get_updates()) == 1
    with pytest.raises(BadRequest, match="Allowed_updates has no"):
        await bot.get_updates(allowed_updates=["mesage"])


async def test_what_is_too_old_is_forgotten() -> None:
    moment = 1_000_000.0
    async with TelegramServer(now=lambda: moment) as server, bare_bot(server) as bot:
        ada = server.person(111, "Ada")
        chat = server.private(ada)
        said = await chat.say(ada, "hello")
        await chat.press_data(ada, said, "data")
        moment += 150
        assert [update.message is not None for update in await bot.get_updates()] == [True]
        moment += 86_400
        assert await bot.get_updates() == ()


async def test_an_update_can_be_redelivered_though_it_was_confirmed(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    await chat.say(ada, "once")
    assert ids(await bot.get_updates()) == [1000]
    assert ids(await bot.get_updates(offset=1001)) == []
    telegram.redeliver()
    assert ids(await bot.get_updates(offset=1001)) == [1000]


async def test_a_batch_can_come_with_the_newest_first(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    telegram.reorder()
    await chat.say(ada, "one")
    assert ids(await bot.get_updates()) == [1000]
    await chat.say(ada, "two")
    assert ids(await bot.get_updates()) == [1001, 1000]
    assert ids(await bot.get_updates()) == [1000, 1001]


async def test_an_update_of_an_unknown_kind_is_handed_over_as_it_is(telegram: TelegramServer, bot: Bot) -> None:
    update_id = telegram.push({"telepathy": {"thought": "hm"}})
    (update,) = await bot.get_updates()
    assert (update.update_id, update.api_kwargs) == (update_id, {"telepathy": {"thought": "hm"}})


async def test_a_repeated_offset_is_paced_where_asked_for() -> None:
    # The clock stands: however slow the machine is, the second call comes within half a second.
    async with (
        TelegramServer(now=lambda: 1_000_000.0, paces_repeats=True) as server,
        bare_bot(server) as bot,
    ):
        server.push({"message": None})
        server.push({"message": None})
        assert len(await bot.get_updates(offset=0)) == 2
        assert len(await bot.get_updates(offset=0)) == 1


class Hooked:
    """A bot behind a webhook: what it got, and what it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[tuple[str, int]] = []
        self.answers: list[web.Response] = []

    async def receive(self, request: web.BaseRequest) -> web.Response:
        update = await request.json()
        self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), update["update_id"]))
        return self.answers.pop(0) if self.answers else web.Response()


@asynccontextmanager
async def hooked() -> AsyncIterator[Hooked]:
    bot = Hooked()
    runner = web.ServerRunner(web.Server(bot.receive), shutdown_timeout=0.1)
    listening = await Listening.open(runner, Address("127.0.0.1", 0), "hooked")
    bot.url = f"http://127.0.0.1:{listening.port}/telegram"
    try:
        yield bot
    finally:
        await listening.close()


async def test_a_webhook_gets_each_update_with_the_secret(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    async with hooked() as receiver:
        await bot.set_webhook(receiver.url, secret_token="hush_1")
        await chat.say(ada, "one")
        await chat.say(ada, "two")
        await telegram.wait_for(lambda: not telegram.updates.pending)
        assert receiver.got == [("hush_1", 1000), ("hush_1", 1001)]
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (receiver.url, 0)


async def test_a_failed_delivery_is_tried_again_and_told_of(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    async with hooked() as receiver:
        receiver.answers = [web.Response(status=500), web.Response(status=500)]
        await bot.set_webhook(receiver.url)
        await chat.say(ada, "one")
        await telegram.wait_for(lambda: not telegram.updates.pending)
        assert [update_id for _, update_id in receiver.got] == [1000, 1000, 1000]
        assert (await bot.get_webhook_info()).last_error_message == "Wrong response from the webhook: 500"


async def test_an_answer_to_a_delivery_can_be_a_call(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    async with hooked() as receiver:
        call = {"method": "sendMessage", "chat_id": 111, "text": "straight back"}
        receiver.answers = [web.Response(text=json.dumps(call), content_type="application/json")]
        await bot.set_webhook(receiver.url)
        await chat.say(ada, "hello")
        assert (await chat.next_message()).text == "straight back"


async def test_polling_and_a_webhook_exclude_each_other(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.wait_for(lambda: telegram.updates.is_polled)
    async with hooked() as receiver:
        await bot.set_webhook(receiver.url)
        with pytest.raises(Conflict, match="terminated by setWebhook request"):
            await poll
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == ()


async def test_a_webhook_elsewhere_or_with_an_odd_secret_is_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="this machine only"):
        await bot.set_webhook("https://example.org/hook")
    with pytest.raises(BadRequest, match="Secret token contains unallowed characters"):
        await bot.set_webhook("http://127.0.0.1:9/hook", secret_token="with space")


async def test_deleting_the_webhook_can_drop_what_is_pending(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    await chat.say(ada, "old")
    await bot.delete_webhook(drop_pending_updates=True)
    assert telegram.updates.pending == []
