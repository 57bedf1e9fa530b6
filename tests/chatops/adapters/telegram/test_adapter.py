import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import asyncpg
import pytest

from chatops.adapters.base import Adapter, SendError
from chatops.link import Connected
from chatops.messages import Key, Message, Paragraph, Posting, Press, Text
from chatops.people import Identity
from chatops.room import Room
from chatops.storage.database import Database
from tests.chatops.adapters.telegram.echo import Clock, Echo, listening
from tests.servers.telegram import (
    ApiError,
    DropAfterAccept,
    Status,
    TelegramServer,
    TooManyRequests,
)
from tests.servers.telegram.texts import Text as Refusal

OPS = -1001234567890


def note(title: str, *keys: Key, silent: bool = False) -> Posting:
    return Posting(Message(title, (Paragraph("Really?"),), silent=silent), (keys,) if keys else ())


def test_it_is_an_adapter(echo: Echo) -> None:
    adapter: Adapter = echo.adapter
    assert adapter.platform == "telegram"


# What people ask.


async def test_a_text_is_heard_and_answered(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await chat.say(ada, "/status", date=1_700_000_000)
    assert (await chat.next_message()).text == "/status"
    (heard,) = echo.came
    assert isinstance(heard, Text)
    assert heard.sender == Identity("telegram", "111")
    assert heard.room == Room("telegram", "111")
    assert heard.at.timestamp() == 1_700_000_000
    assert await echo.inbox.until_done(1) == [None]


async def test_a_press_edits_the_message_it_stands_under(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await chat.say(ada, "close")
    asked = await chat.next_message("close")
    await chat.press(ada, asked, "Press")
    edited = await chat.shows("pressed token close", on=asked)
    assert edited.labels == ()
    assert len(chat.from_bot) == 1


async def test_a_press_is_answered_to_the_platform_before_it_is_handled(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await chat.say(ada, "close")
    asked = await chat.next_message("close")
    echo.is_awake.clear()
    answer = await server.answer_to(await chat.press(ada, asked, "Press"))
    assert answer.text == ""
    assert chat.now(asked).text == "close"


async def test_a_press_on_a_message_too_old_to_be_shown_is_heard(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await chat.say(ada, "close")
    asked = await chat.next_message("close")
    await chat.press(ada, asked, "Press", inaccessible=True)
    await chat.shows("pressed token close", on=asked)


async def test_only_a_press_that_cannot_have_waited_has_a_time(server: TelegramServer, database: Database) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    card = await chat.say(ada, "an old card")
    clock = Clock()
    await chat.press_data(ada, card, "while we were away")
    async with listening(server, database, now=clock) as echo:
        await echo.inbox.until_done(2)
        await chat.press_data(ada, card, "while we listen")
        await echo.inbox.until_done(3)
        for outages, seconds in enumerate((59, 61), start=1):
            await echo.until_polling()
            await server.stop_listening()
            await echo.patience.until_asked(outages)
            clock.advance(seconds)
            await chat.press_data(ada, card, f"after {seconds} s")
            await server.start_listening()
            echo.patience.end()
            await echo.inbox.until_done(3 + outages)
    assert {heard.token: heard.at for heard in echo.came if isinstance(heard, Press)} == {
        "while we were away": None,
        "while we listen": Clock().now,
        "after 59 s": Clock().now + timedelta(seconds=59),
        "after 61 s": None,
    }


async def test_who_is_no_person_is_passed_over_with_the_reason(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    group = server.group(OPS)
    channel = server.channel(-1009)
    other_bot = server.person(222, "Other", "other_bot", is_bot=True)
    await group.say(ada, "/close", anonymous=True)
    await group.say(ada, "/close", sender_chat=channel)
    await group.say(ada, "/close", forwarded_from=ada)
    await group.say(ada, "/close", via_bot=other_bot)
    await group.say(other_bot, "/close")
    server.push({"edited_message": {"text": "/close"}})
    server.push({"channel_post": {"text": "/close"}})
    assert await echo.inbox.until_done(7) == [
        "said as a chat",
        "said as a chat",
        "forwarded",
        "said by way of a bot",
        "said by a bot",
        "of the kind edited_message",
        "of the kind channel_post",
    ]
    assert echo.came == []
    assert group.from_bot == []


async def test_an_edited_message_and_a_channel_post_do_not_even_come(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat, channel = server.private(ada), server.channel(-1009)
    said = await chat.say(ada, "/status")
    await chat.next_message("/status")
    await chat.say(ada, "/close", edited=said)
    await channel.say(ada, "/close")
    await chat.say(ada, "/positions")
    await chat.next_message("/positions")
    assert len(echo.came) == 2


async def test_in_a_group_it_hears_what_is_said_to_it(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    group = server.group(OPS)
    group.bot_status = "administrator"
    await group.say(ada, "morning everyone")
    await group.say(ada, "/status@other_bot")
    await group.say(ada, "/status@deck_bot")
    asked = await group.next_message("/status@deck_bot")
    await group.say(ada, "@deck_bot pnl")
    await group.next_message("pnl")
    await group.say(ada, "and again", reply_to=asked)
    await group.next_message("and again")
    assert len(echo.came) == 3
    assert {heard.room for heard in echo.came} == {Room("telegram", str(OPS))}


async def test_a_topic_is_answered_in_the_topic(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    forum = server.group(OPS, forum=True)
    topic = server.topic(forum, "ops")
    await forum.say(ada, "/status", thread=topic)
    answer = await forum.next_message("/status")
    assert answer.thread_id == topic
    await forum.press(ada, answer, "Press")
    await forum.shows("pressed", on=answer)
    assert {heard.room for heard in echo.came} == {Room("telegram", str(OPS), str(topic))}


async def test_the_general_topic_is_written_to_without_its_id(server: TelegramServer, echo: Echo) -> None:
    forum = server.group(OPS, forum=True)
    await echo.adapter.send(Room("telegram", str(OPS), "1"), note("hello"))
    assert forum.from_bot[-1].thread_id is None


async def test_what_cannot_be_read_does_not_stop_what_comes_behind_it(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"reply_to_message": deep}
    server.push({"message": "no message"})
    server.push({"message": {"from": {"id": "ada"}, "text": ["/close"]}})
    server.push({"callback_query": {"id": 7, "from": None}})
    server.push({"message": deep})
    await chat.say(ada, "/status")
    await chat.next_message("/status")
    notes = await echo.inbox.until_done(5)
    assert [passed is None for passed in notes] == [False, False, False, False, True]
    assert notes[0] == "cannot be read: message is str"
    await server.wait_for(lambda: not server.updates.pending)


async def test_one_that_breaks_the_listener_does_not_stop_the_next(
    server: TelegramServer, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)

    def break_on_first(echo: Echo) -> None:
        receive = echo.receive

        async def breaking(incoming: Any) -> None:
            if not echo.came:
                echo.came.append(incoming)
                raise RuntimeError("nobody foresaw this")
            await receive(incoming)

        echo.receive = breaking  # type: ignore[method-assign]

    async with listening(server, database, prepare=break_on_first):
        await chat.say(ada, "one")
        await chat.say(ada, "two")
        await chat.next_message("two")
    assert "nobody foresaw this" in caplog.text


async def test_a_hundred_ask_at_once_and_sixty_four_are_handled_at_once(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    echo.is_awake.clear()
    for number in range(100):
        await chat.say(ada, f"ask {number}")
    await echo.until_came(64)
    await asyncio.gather(*(echo.adapter.send(Room("telegram", "111"), note("meanwhile")) for _ in range(3)))
    assert len(echo.came) == 64
    echo.is_awake.set()
    assert await echo.inbox.until_done(100) == [None] * 100
    assert len({heard.text for heard in echo.came if isinstance(heard, Text)}) == 100


# What a crash leaves.


@dataclass(frozen=True)
class Death:
    """A line at which the program dies, and how one sees that it has come there."""

    prepare: Callable[[Echo], None]
    come: Callable[[Echo], Awaitable[None]]


def before_storing(echo: Echo) -> None:
    echo.inbox.before_store = echo.inbox.die


def after_storing(echo: Echo) -> None:
    echo.inbox.after_store = echo.inbox.die


def while_handling(echo: Echo) -> None:
    echo.is_awake.clear()


@pytest.mark.parametrize(
    "death",
    [
        Death(before_storing, lambda echo: echo.inbox.until_dead()),
        Death(after_storing, lambda echo: echo.inbox.until_dead()),
        Death(while_handling, lambda echo: echo.until_came(3)),
    ],
    ids=["before storing", "after storing", "while handling"],
)
async def test_a_crash_loses_nothing_and_hands_nothing_over_twice(
    server: TelegramServer, database: Database, death: Death
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    said = ["/status", "/pause", "/close SOL"]
    for text in said:
        await chat.say(ada, text)
    async with listening(server, database, prepare=death.prepare) as dying:
        await death.come(dying)
    assert chat.from_bot == []
    async with listening(server, database) as restarted:
        assert await restarted.inbox.until_done(3) == [None] * 3
        await chat.say(ada, "and now")
        await chat.next_message("and now")
        await server.wait_for(lambda: not server.updates.pending)
    assert [heard.text for heard in restarted.came if isinstance(heard, Text)] == [*said, "and now"]
    assert sorted(message.text for message in chat.from_bot) == sorted([*said, "and now"])


async def test_after_a_crash_an_ask_keeps_its_id_and_its_press_has_no_time(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    card = await chat.say(ada, "an old card")
    async with listening(server, database) as first:
        await first.inbox.until_done(1)
        await first.until_polling()
        first.is_awake.clear()
        await chat.press_data(ada, card, "token")
        await first.until_came(2)
    async with listening(server, database) as second:
        await second.until_came(1)
    before, after = first.came[1], second.came[0]
    assert isinstance(before, Press)
    assert isinstance(after, Press)
    assert before.at is not None
    assert after.at is None
    assert before.receipt == after.receipt


async def test_what_the_platform_hands_over_again_is_not_heard_again(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await chat.say(ada, "one")
    await chat.next_message("one")
    server.redeliver()
    await chat.say(ada, "two")
    await chat.next_message("two")
    assert len(echo.came) == 2


async def test_updates_whose_answer_was_lost_come_again(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await echo.until_polling()
    server.fail(DropAfterAccept(), method="getUpdates")
    # The poll that waits now gives the first; the answer of the next is lost.
    await chat.say(ada, "one")
    await chat.next_message("one")
    await chat.say(ada, "two")
    await echo.patience.until_asked()
    echo.patience.end()
    await chat.next_message("two")
    await echo.inbox.until_done(2)
    assert len(echo.came) == 2


async def test_what_cannot_be_stored_is_not_confirmed(
    server: TelegramServer, database: Database, postgres_url: str
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    name = await database.fetchval("SELECT current_database()")
    admin = await asyncpg.connect(postgres_url)
    async with listening(server, database) as echo:
        await echo.until_polling()
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await chat.say(ada, "/status")
        await echo.patience.until_asked()
        assert len(server.updates.pending) == 1
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        echo.patience.end()
        await chat.next_message("/status")
    await admin.close()
    assert len(echo.came) == 1


async def test_an_error_that_nobody_foresaw_does_not_end_the_polling(
    server: TelegramServer, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    async with listening(server, database) as echo:
        await echo.until_polling()
        await database.execute("ALTER TABLE inbox RENAME TO hidden")
        await chat.say(ada, "/status")
        await echo.patience.until_asked()
        assert "UndefinedTableError" in caplog.text
        await database.execute("ALTER TABLE hidden RENAME TO inbox")
        echo.patience.end()
        await chat.next_message("/status")
    assert len(echo.came) == 1


async def test_closing_ends_what_is_being_handled_and_leaves_it_stored(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    async with listening(server, database) as echo:
        echo.is_awake.clear()
        await chat.say(ada, "/status")
        await echo.until_came(1)
    assert chat.from_bot == []
    assert len(await echo.inbox.unhandled("telegram")) == 1
    assert {task.get_name() for task in asyncio.all_tasks()}.isdisjoint({"polling", "handling an update"})


# What people are shown: more of it in test_outbound.py.


async def test_what_goes_out_takes_the_way_out(server: TelegramServer, echo: Echo) -> None:
    chat = server.private(server.person(111, "Ada"))
    room = Room("telegram", "111")
    await echo.adapter.probe()
    opened = await echo.adapter.send(room, note("*opened*"), plain=True)
    closed = await echo.adapter.send(room, note("closed"), reply_to=opened)
    await echo.adapter.edit(room, closed, note("closed, really"), plain=True)
    await echo.adapter.pin(room, opened)
    assert [(shown.reply_to, shown.entities) for shown in chat.from_bot] == [(None, ()), (int(opened), ())]
    assert chat.pinned == [int(opened)]
    await echo.adapter.unpin(room, opened)
    assert chat.pinned == []
    assert len(echo.adapter.parts(Posting(Message("long", (Paragraph("line\n" * 1_000),))))) == 2
    assert [echo.adapter.is_group(chat_id) for chat_id in ("111", str(OPS))] == [False, True]


# When the platform is away.


async def test_it_starts_while_telegram_is_away_and_finds_it_when_it_is_back(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await server.stop_listening()
    clock = Clock()
    async with listening(server, database, now=clock) as echo:
        for times in range(1, 8):
            await echo.patience.until_asked(times)
            clock.advance(1)
            echo.patience.end()
        await echo.patience.until_asked(8)
        away = echo.adapter.state
        assert not isinstance(away, Connected)
        assert away.since == Clock().now
        assert "Telegram cannot be reached" in away.reason
        assert echo.patience.asked == [0.5, 1, 2, 4, 8, 16, 30, 30]
        await chat.say(ada, "/status")
        await server.start_listening()
        echo.patience.end()
        await chat.next_message("/status")
        assert echo.adapter.state == Connected(clock.now)


@dataclass(frozen=True)
class Trouble:
    fault: Any
    reason: str
    pause_s: float


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(ApiError(409, Refusal.OTHER_POLL), "another program uses this bot", 30),
        Trouble(ApiError(409, Refusal.WEBHOOK_ACTIVE), "webhook is active", 30),
        Trouble(ApiError(401, Refusal.UNAUTHORIZED), "look at telegram.token", 30),
        Trouble(TooManyRequests(13), "a pause of 13 s", 13),
        Trouble(Status(502), "Bad Gateway", 0.5),
    ],
)
async def test_trouble_with_polling_is_told_and_asked_after(
    server: TelegramServer, database: Database, trouble: Trouble
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    order = server.fail(trouble.fault, method="getUpdates", times=None)
    async with listening(server, database) as echo:
        await echo.patience.until_asked()
        away = echo.adapter.state
        assert not isinstance(away, Connected)
        assert trouble.reason in away.reason
        assert echo.patience.asked == [trouble.pause_s]
        # What goes out is not held up by what comes in.
        await echo.adapter.send(Room("telegram", "111"), note("still here"))
        order.lift()
        echo.patience.end()
        await chat.say(ada, "/status")
        await chat.next_message("/status")
        assert isinstance(echo.adapter.state, Connected)


async def test_a_second_program_that_polls_is_noticed(server: TelegramServer, echo: Echo) -> None:
    await echo.until_polling()
    async with aiohttp.ClientSession() as session:
        await session.post(f"{server.base_url}{server.token}/getUpdates")
    await echo.patience.until_asked()
    away = echo.adapter.state
    assert not isinstance(away, Connected)
    assert "terminated by other getUpdates" in away.reason


async def test_a_token_that_is_right_again_is_taken_up(server: TelegramServer, echo: Echo) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    token = server.token
    await chat.say(ada, "one")
    await echo.inbox.until_done(1)
    await echo.until_polling()
    server.revoke_token()
    # What ends the poll that was let in before, and needs no answer.
    server.push({"my_chat_member": {}})
    await echo.patience.until_asked()
    assert not echo.is_connected
    server.rotate_token(token)
    echo.patience.end()
    await chat.say(ada, "two")
    await chat.next_message("two")
    assert echo.is_connected


async def test_after_silence_no_offset_hides_an_update_whose_number_is_lower(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    async with listening(server, database, wait_s=1):
        await chat.say(ada, "one")
        await chat.next_message("one")
        polls = len(server.calls_of("getUpdates"))
        await server.wait_for(lambda: len(server.calls_of("getUpdates")) >= polls + 2)
        assert server.calls_of("getUpdates")[-1].parameters["offset"] == 0
        await chat.say(ada, "two")
        await chat.next_message("two")


async def test_the_token_is_in_no_log_and_in_no_error(
    server: TelegramServer, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    secret = server.token.partition(":")[2]
    with caplog.at_level(logging.DEBUG):
        async with listening(server, database) as echo:
            await echo.until_polling()
            await server.stop_listening()
            await echo.patience.until_asked()
            with pytest.raises(SendError) as failed:
                await echo.adapter.send(Room("telegram", "111"), note("hello"))
            assert secret not in str(echo.adapter.state)
    assert secret not in str(failed.value)
    assert secret not in repr(failed.value.__cause__)
    assert secret not in caplog.text
