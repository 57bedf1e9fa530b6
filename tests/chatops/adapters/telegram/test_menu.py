"""Every client offers the words that its person may use in that chat, and no others."""

import asyncio
import logging

import pytest

from bot_integration import BotController
from chatops.fleet import Fleet
from chatops.people import Account, Directory, Identity, Principal, Role, StoredPeople
from chatops.room import Room
from chatops.storage.database import Database
from chatops.vocabulary import Vocabulary
from tests.bot_integration.facts import facts
from tests.chatops.adapters.telegram.echo import PATIENCE_S, listening
from tests.servers.telegram import Call, Chat, Person, Status, TelegramServer, TooManyRequests

OPS = -1001234567890
PEOPLE = (
    Principal("ada", Role.ADMIN, frozenset({Identity("telegram", "111"), Identity("slack", "U1")})),
    # Has never opened the chat.
    Principal("zoe", Role.ADMIN, frozenset({Identity("telegram", "999")})),
    Principal("bob", Role.VIEWER, frozenset({Identity("telegram", "112")})),
)
ROOMS = (Room("telegram", str(OPS)), Room("telegram", str(OPS), "7"), Room("slack", "C1"))
#: Default, private chats, the room, three people, and two admins in the room.
SCOPES = 8
#: All but that of a chat which was never opened.
SET = SCOPES - 1
ANYONE_KNOWN = {"start", "help", "whoami", "version"}


@pytest.fixture
def ada(server: TelegramServer) -> Person:
    return server.person(111, "Ada")


@pytest.fixture
def bob(server: TelegramServer) -> Person:
    return server.person(112, "Bob")


@pytest.fixture
def eve(server: TelegramServer) -> Person:
    return server.person(113, "Eve")


def words(server: TelegramServer, chat: Chat, person: Person) -> set[str]:
    return {command["command"] for command in server.menu(chat, person)}


async def publish(server: TelegramServer, database: Database, *, sets: int) -> None:
    """The program from its start until it has looked at every menu, and set so many."""
    asked, was_set = len(answered(server, "getMyCommands")), len(answered(server, "setMyCommands"))
    async with listening(server, database, people=PEOPLE, rooms=ROOMS):
        await server.wait_for(
            lambda: (
                len(answered(server, "getMyCommands")) == asked + SCOPES
                and len(answered(server, "setMyCommands")) >= was_set + sets
            )
        )
    assert len(answered(server, "setMyCommands")) == was_set + sets


def answered(server: TelegramServer, method: str) -> list[Call]:
    return [call for call in server.calls_of(method) if call.status]


async def test_each_is_offered_the_words_of_their_role_in_private(
    server: TelegramServer, database: Database, ada: Person, bob: Person, eve: Person
) -> None:
    server.group(OPS, forum=True)
    private = {person: server.private(person) for person in (ada, bob, eve)}
    await publish(server, database, sets=SET)
    known, admin, viewer = (
        words(server, private[eve], eve),
        words(server, private[ada], ada),
        words(server, private[bob], bob),
    )
    assert known >= ANYONE_KNOWN
    assert not known & {"status", "close"}
    assert viewer - known >= {"status", "positions"}
    assert "close" not in viewer
    assert admin > viewer
    assert "close" in admin
    assert "cancel" not in admin
    status = next(command for command in server.menu(private[ada], ada) if command["command"] == "status")
    assert status["description"].startswith("Show how each bot is")
    assert len(status["description"]) <= 256


async def test_in_a_room_each_is_offered_their_own_and_strangers_what_all_may_ask(
    server: TelegramServer, database: Database, ada: Person, bob: Person, eve: Person
) -> None:
    ops, elsewhere = server.group(OPS, forum=True), server.group(-42)
    for person in (ada, bob, eve):
        server.private(person)
    await publish(server, database, sets=SET)
    assert "close" in words(server, ops, ada)
    assert "status" in words(server, ops, bob)
    assert words(server, ops, bob) == words(server, ops, eve)
    assert "close" not in words(server, ops, bob)
    assert words(server, elsewhere, eve) == words(server, elsewhere, ada) == {"start", "help"}


async def test_a_menu_is_set_again_when_it_is_another_one(
    server: TelegramServer, database: Database, ada: Person, bob: Person
) -> None:
    server.group(OPS, forum=True)
    server.private(ada)
    server.private(bob)
    await publish(server, database, sets=SET)
    await publish(server, database, sets=0)
    server.forget_menu(server.private(ada))
    await publish(server, database, sets=1)
    assert "close" in words(server, server.private(ada), ada)


async def test_menus_that_cannot_be_set_harm_nobody(
    server: TelegramServer, database: Database, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    chat = server.private(ada)
    server.fail(Status(500), method="setMyCommands", times=None)
    server.fail(Status(500), method="getMe", times=1)
    async with listening(server, database, people=PEOPLE[:1]):
        await chat.say(ada, "/status")
        await chat.next_message("/status")
        await chat.say(ada, "/status again")
        await chat.next_message("/status again")
        await server.wait_for(lambda: len([c for c in server.calls_of("setMyCommands") if c.status]) == 3)
        # The last answer is still on its way.
        async with asyncio.timeout(PATIENCE_S):
            while "menu of chat 111 not set" not in caplog.text:  # noqa: ASYNC110 - it tells nobody here
                await asyncio.sleep(0.002)


async def test_a_pause_that_telegram_wants_is_kept_and_the_same_menu_tried_again(
    server: TelegramServer, database: Database, ada: Person
) -> None:
    chat = server.private(ada)
    server.fail(TooManyRequests(7), method="setMyCommands", times=1)
    async with listening(server, database, people=PEOPLE[:1]) as echo:
        await echo.patience.until_asked()
        assert echo.patience.asked == [7]
        assert len(answered(server, "setMyCommands")) == 1
        echo.patience.end()
        await server.wait_for(lambda: len(answered(server, "setMyCommands")) == 4)
    assert "close" in words(server, chat, ada)


async def test_menus_follow_the_people(server: TelegramServer, database: Database, ada: Person, eve: Person) -> None:
    server.group(OPS, forum=True)
    private, ops = server.private(eve), server.group(OPS, forum=True)
    server.private(ada)
    directory = Directory(PEOPLE[:1])
    account = Account(Identity("telegram", "113"), "eve")
    async with listening(server, database, directory=directory, rooms=ROOMS):
        await server.wait_for(lambda: "close" in words(server, ops, ada))
        directory.take_in(StoredPeople((Principal("eve", Role.VIEWER),), (account,)))
        await server.wait_for(lambda: "status" in words(server, private, eve))
        assert "close" not in words(server, private, eve)
        directory.take_in(StoredPeople((Principal("eve", Role.OPERATOR),), (account,)))
        await server.wait_for(lambda: "close" in words(server, private, eve) and "close" in words(server, ops, eve))
        asked = len(answered(server, "getMyCommands"))
        directory.take_in(StoredPeople())
        await server.wait_for(lambda: "status" not in words(server, private, eve))
        await server.wait_for(lambda: "close" not in words(server, ops, eve))
        # What is known to be set is not asked for again.
        assert len(answered(server, "getMyCommands")) == asked
    assert "close" in words(server, ops, ada)


async def test_the_words_of_a_bot_are_offered_as_soon_as_it_declares_them_to_whom_they_are_for(
    server: TelegramServer, database: Database, ada: Person, bob: Person
) -> None:
    chat, private = server.private(ada), server.private(bob)
    alpha = BotController("alpha")
    vocabulary = Vocabulary(Fleet([alpha]))

    async def act() -> None:
        """Pay out what was made. It takes a day."""

    alpha.command("payout", role="operator")(act)
    async with listening(server, database, people=PEOPLE, words=lambda: vocabulary.now) as echo:
        vocabulary.on_learnt(echo.adapter.look_at_menus)
        await server.wait_for(lambda: "close" in words(server, chat, ada) and "status" in words(server, private, bob))
        assert "payout" not in words(server, chat, ada)
        alpha.publish(facts())
        assert vocabulary.now.find("payout") is not None
        await server.wait_for(lambda: "payout" in words(server, chat, ada))
    assert "payout" not in words(server, private, bob)
    (payout,) = [command for command in server.menu(chat, ada) if command["command"] == "payout"]
    assert payout["description"] == "Pay out what was made."
