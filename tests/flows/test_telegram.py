"""What only Telegram can tell: private chats, groups, topics, and presses that waited while we were away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from alerts.severity import Severity
from chatops.asks import ShowPosition
from chatops.messages import Button, Message
from chatops.owed import Kind
from chatops.room import Room
from chatops.storage.database import Database
from tests.flows.chats import OPS, TelegramChat, as_shown, listening
from tests.flows.conftest import BOB, EVE, VIC, Clock, Trader, World, near_alone, people, world_of
from tests.servers.telegram import Chat, TelegramServer, TooManyRequests
from tests.servers.telegram import Message as Said

pytestmark = near_alone


class Phone:
    """One person in a private chat."""

    def __init__(self, chat: TelegramChat, person_id: str) -> None:
        self.person_id = person_id
        self.place = chat.server.private(chat.person(person_id))
        self._chat = chat

    async def say(self, text: str) -> Said:
        await self._chat.say_in(self.place, self.person_id, text)
        return self.last

    async def press(self, label: str, on: Said | None = None, *, inaccessible: bool = False) -> Said:
        await press(self._chat, self.place, self.person_id, label, on or self.last, inaccessible=inaccessible)
        return self.last

    @property
    def last(self) -> Said:
        return self.place.from_bot[-1]


async def press(
    chat: TelegramChat, place: Chat, person_id: str, label: str, on: Said, *, inaccessible: bool = False
) -> None:
    token = as_shown(on).token(label)
    assert token is not None, on.labels
    await chat.press_in(place, person_id, token, on.message_id, inaccessible=inaccessible)


@asynccontextmanager
async def open_desk(
    server: TelegramServer, place: Chat, database: Database, clock: Clock, trader: Trader
) -> AsyncIterator[World]:
    """The program from its start to its stop."""
    async with listening(server, place, database, clock, people()) as there:
        world = world_of(database, clock, trader, there)
        await world.desk.settling.take_stock()
        there.connect(world.desk.gateway.receive)
        yield world
        # What is not confirmed would come again, and count as handled again.
        await server.wait_for(lambda: not server.updates.pending)


@pytest.fixture
async def chat(server: TelegramServer, database: Database, clock: Clock) -> AsyncIterator[TelegramChat]:
    async with listening(server, server.group(OPS), database, clock, people()) as there:
        await there.until_it_listens()
        yield there


async def test_how_things_are_is_asked_in_a_private_chat(world: World, chat: TelegramChat) -> None:
    vic = Phone(chat, VIC)
    answer = await vic.say("status")
    assert answer.text.splitlines()[0] == "alpha is well"
    assert answer.labels == ("Refresh", "Positions")
    assert [entity["type"] for entity in answer.entities] == ["bold", "bold", "pre"]
    (row,) = await world.log()
    assert (row["word"], row["state"], row["outcome"], row["room"]) == ("status", "finished", "done", VIC)
    assert len(vic.place.from_bot) == 1


async def test_a_position_is_closed_by_buttons_alone(world: World, chat: TelegramChat) -> None:
    bob = Phone(chat, BOB)
    await bob.say("/positions")
    await bob.press("SOL-1")
    await bob.press("Close…")
    await bob.press("Confirm")
    assert world.bot.closed == [("SOL-1", 100)]
    # All on one message, edited in place, and each press answered so that no button keeps turning.
    (card,) = bob.place.from_bot
    assert card.text.startswith("✓ SOL-1 closed: +4.25 USD realized")
    assert len(chat.server.callback_answers) == 3
    assert [(row["word"], row["state"], row["outcome"]) for row in await world.log()] == [
        ("positions", "finished", "done"),
        ("position", "finished", "done"),
        ("close", "finished", "done"),
    ]


async def test_the_same_press_handed_over_twice_acts_once(world: World, chat: TelegramChat) -> None:
    bob = Phone(chat, BOB)
    await bob.say("/close SOL-1")
    await bob.press("Confirm")
    chat.server.redeliver(2)
    # What comes behind it shows that both were passed over.
    await bob.say("/status")
    assert world.bot.closed == [("SOL-1", 100)]
    assert [row["word"] for row in await world.log()] == ["close", "status"]


async def test_a_word_that_only_reads_handed_over_twice_is_answered_once(world: World, chat: TelegramChat) -> None:
    vic = Phone(chat, VIC)
    await vic.say("/status")
    chat.server.redeliver()
    await chat.until_handled(2)
    await vic.say("/whoami")
    await chat.until_handled(3)
    assert [row["word"] for row in await world.log()] == ["status", "whoami"]
    assert len(vic.place.from_bot) == 2
    rows = await world.database.fetch("SELECT command_id FROM inbox WHERE handled_at IS NOT NULL ORDER BY id")
    assert [row["command_id"] for row in rows] == [row["id"] for row in await world.log()]


async def test_a_crash_between_the_answer_and_the_confirmation_answers_nobody_twice(
    server: TelegramServer, database: Database, clock: Clock, trader: Trader
) -> None:
    group = server.group(OPS)
    async with open_desk(server, group, database, clock, trader) as world:
        await world.chat.say(VIC, "/status")
    server.redeliver()
    async with open_desk(server, group, database, clock, trader) as world:
        assert isinstance(world.chat, TelegramChat)
        await world.chat.until_handled(1)
        assert [row["word"] for row in await world.log()] == ["status"]
    assert len(group.from_bot) == 1


async def test_a_stranger_is_left_in_silence_with_a_row(world: World, chat: TelegramChat) -> None:
    eve = chat.server.private(chat.person(EVE))
    await chat.say_in(eve, EVE, "/start")
    assert eve.from_bot == []
    (row,) = await world.log()
    assert (row["principal"], row["sender_id"], row["state"]) == (None, f"telegram:{EVE}", "denied")


async def test_an_edited_message_asks_nothing(world: World, chat: TelegramChat) -> None:
    bob = Phone(chat, BOB)
    await bob.say("/status")
    said = bob.place.messages[0]
    await bob.place.say(chat.person(BOB), "/close SOL-1", edited=said)
    await bob.say("/whoami")
    assert [row["word"] for row in await world.log()] == ["status", "whoami"]


async def test_in_a_group_it_hears_what_is_said_to_it_by_name(world: World, chat: TelegramChat) -> None:
    await chat.place.say(chat.person(VIC), "good morning")
    await chat.place.say(chat.person(VIC), "/status@other_bot")
    await chat.say(VIC, "/status@deck_bot")
    (answer,) = chat.shown
    assert answer.message.title == "alpha is well"
    (row,) = await world.log()
    assert (row["word"], row["room"]) == ("status", str(OPS))


async def test_a_topic_is_answered_in_the_topic_however_old_the_button(world: World, chat: TelegramChat) -> None:
    forum = chat.server.group(-1007654321000, forum=True)
    topic = chat.server.topic(forum, "carry")
    await chat.say_in(forum, BOB, "/status", thread=topic)
    (card,) = forum.from_bot
    assert card.thread_id == topic
    # Telegram tells of an old message neither its topic nor what it said.
    await press(chat, forum, BOB, "Positions", card, inaccessible=True)
    assert forum.now(card).text.startswith("2 open, +8.50 USD")
    await press(chat, forum, VIC, "ETH-1", forum.now(card), inaccessible=True)
    await press(chat, forum, VIC, "Close…", forum.now(card), inaccessible=True)
    denied = forum.from_bot[-1]
    assert denied.text == "/close is for operators and above; you are a viewer."
    assert denied.thread_id == topic
    assert {row["room"] for row in await world.log()} == {Room("telegram", str(forum.id), str(topic)).key}


async def test_a_button_of_one_chat_means_nothing_in_another(world: World, chat: TelegramChat) -> None:
    bob = Phone(chat, BOB)
    token = as_shown(await bob.say("/close SOL-1")).token("Confirm")
    assert token is not None
    await chat.press_token(BOB, token)
    assert "another room" in chat.last.message.title
    assert world.bot.closed == []


async def test_what_cannot_be_read_is_passed_over(world: World, chat: TelegramChat) -> None:
    chat.server.push({"message": "no message"})
    chat.server.push({"callback_query": {"id": "7", "data": 5}})
    chat.server.push({})
    await chat.say(VIC, "/status")
    assert chat.last.message.title == "alpha is well"
    passed = await world.database.fetch("SELECT note FROM inbox WHERE note IS NOT NULL AND handled_at IS NOT NULL")
    assert len(passed) == 3


async def test_what_waited_while_we_were_away_is_answered_and_not_run(
    server: TelegramServer, database: Database, clock: Clock, trader: Trader
) -> None:
    group, bob = server.group(OPS), server.person(int(BOB), "Bob")
    async with open_desk(server, group, database, clock, trader) as world:
        await world.chat.say(BOB, "/position SOL-1")
    card = group.from_bot[-1]
    await group.press(bob, card, "Close…")
    await group.say(bob, "/pause entry")
    await group.say(bob, "/events")
    clock.pass_by(seconds=61)
    trader.publish()
    async with open_desk(server, group, database, clock, trader) as world:
        assert isinstance(world.chat, TelegramChat)
        await world.chat.until_handled(3)
        assert "came while I was away" in group.now(card).text
        assert group.now(card).labels == ("Close SOL-1",)
        told = sorted(message.text.splitlines()[0] for message in group.from_bot[1:])
        assert [title.partition(",")[0] for title in told] == [
            "1 event",
            "That came while I was away. Nothing was done; press again if you still want it.",
        ]
        assert (trader.closed, trader.scopes) == ([], set())
        states = {row["word"]: row["state"] for row in await world.log()}
        assert states == {"position": "finished", "close": "expired", "pause": "expired", "events": "finished"}


async def test_a_press_on_confirm_that_waited_for_a_restart_runs_nothing(
    server: TelegramServer, database: Database, clock: Clock, trader: Trader
) -> None:
    group, bob = server.group(OPS), server.person(int(BOB), "Bob")
    async with open_desk(server, group, database, clock, trader) as world:
        await world.chat.say(BOB, "/close SOL-1")
    await group.press(bob, group.from_bot[-1], "Confirm")
    clock.pass_by(seconds=5)
    async with open_desk(server, group, database, clock, trader) as world:
        assert isinstance(world.chat, TelegramChat)
        await world.chat.until_handled(1)
        assert trader.closed == []
        assert "Nothing was done" in world.chat.last.text


async def test_buttons_work_in_the_new_group_after_a_migration(world: World, chat: TelegramChat, clock: Clock) -> None:
    old = chat.server.group(-1111, "Old")
    await world.desk.outbox.take_stock()
    async with world.desk.outbox.open():
        chat.server.fail(TooManyRequests(5), chat=old)
        await chat.say_in(old, BOB, "/close SOL-1")
        alert = Message("SOL-1 near liquidation", buttons=((Button("Position", ShowPosition(position="ETH-1")),),))
        await world.desk.outbox.owe(alert, Room("telegram", str(old.id)), kind=Kind.NOTICE, severity=Severity.CRITICAL)
        new = chat.server.migrate(old)
        clock.pass_by(seconds=5)
        await chat.server.wait_for(lambda: len(new.from_bot) == 2)
        cards = {card.labels: card for card in new.from_bot}
        await press(chat, new, BOB, "Confirm", cards["Confirm", "Cancel"])
        assert world.bot.closed == [("SOL-1", 100)]
        assert new.now(cards["Confirm", "Cancel"]).text.startswith("✓ SOL-1 closed")
        await press(chat, new, VIC, "Position", cards["Position",])
        assert new.now(cards["Position",]).text.startswith("ETH-1")
    assert old.from_bot == []


async def test_what_is_asked_while_a_chat_is_held_is_answered_in_order(
    world: World, chat: TelegramChat, clock: Clock
) -> None:
    bob = Phone(chat, BOB)
    await world.desk.outbox.take_stock()
    async with world.desk.outbox.open():
        chat.server.fail(TooManyRequests(30), chat=bob.place)
        for asked in ("/status", "/whoami", "/position ETH-1"):
            await chat.say_in(bob.place, BOB, asked)
        clock.pass_by(seconds=29.9)
        assert bob.place.from_bot == []
        clock.pass_by(seconds=0.2)
        await chat.server.wait_for(lambda: len(bob.place.from_bot) == 3)
        titles = [message.text.partition("\n")[0] for message in bob.place.from_bot]
        assert titles[0] == "alpha is well"
        assert titles[1].startswith("You are bob")
        assert titles[2].startswith("ETH-1")
