"""Updates that only read are stored with the record of their ask; all others before anybody hears of them."""

import asyncio

from chatops.arrival import Arrival
from chatops.messages import Text
from chatops.storage.database import Database, Record
from chatops.storage.errors import DatabaseAway
from tests.chatops.adapters.telegram.echo import Echo, listening
from tests.servers.telegram import TelegramServer


def reads(text: str) -> bool:
    return text == "/status"


async def rows(database: Database) -> list[Record]:
    return await database.fetch("SELECT command_id, handled_at FROM inbox ORDER BY id")


def arrivals(echo: Echo) -> list[Arrival | None]:
    return [heard.receipt.arrival for heard in echo.came if heard.receipt]


async def until_confirmed(server: TelegramServer) -> None:
    await server.wait_for(lambda: not server.updates.pending)


async def test_what_only_reads_is_heard_before_it_is_stored_and_stored_before_it_is_confirmed(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    async with listening(server, database, only_reads=reads) as echo:
        await echo.until_polling()
        echo.is_awake.clear()
        # However long we look: nobody stores it meanwhile because that takes long.
        looked = asyncio.Event()
        echo.inbox.before_keep = looked.wait
        await server.private(ada).say(ada, "/status")
        await echo.until_came(1)
        assert await rows(database) == []
        assert len(server.updates.pending) == 1
        looked.set()
        echo.is_awake.set()
        assert await echo.inbox.until_done(1) == [None]
        await until_confirmed(server)
    (row,) = await rows(database)
    assert row["handled_at"] is not None


async def test_what_takes_long_is_stored_meanwhile_and_holds_up_nobody(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    async with listening(server, database, only_reads=reads) as echo:
        await echo.until_polling()
        echo.is_awake.clear()
        await chat.say(ada, "/status")
        await until_confirmed(server)
        (row,) = await rows(database)
        assert (row["handled_at"], [heard.receipt.command_id for heard in echo.came if heard.receipt]) == (
            None,
            [row["command_id"]],
        )
        await chat.say(ada, "/close SOL")
        await echo.until_came(2)
    # Nobody was answered before the program stopped: both are handed on again.
    async with listening(server, database, only_reads=reads) as echo:
        assert await echo.inbox.until_done(2) == [None, None]
    assert len(chat.from_bot) == 2


async def test_what_acts_is_stored_first_and_so_is_what_comes_with_it(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    for text in ("/status", "/close SOL"):
        await chat.say(ada, text)
    async with listening(server, database, only_reads=reads) as echo:
        echo.is_awake.clear()
        await echo.until_came(2)
        assert arrivals(echo) == [None, None]
        assert len(await rows(database)) == 2


async def test_a_code_is_heard_and_not_stored_not_even_until_it_is_handled(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    async with listening(server, database, only_reads=reads) as echo:
        await echo.until_polling()
        echo.is_awake.clear()
        await chat.say(ada, "/code 123456")
        await echo.until_came(1)
        stored = await database.fetchval("SELECT payload FROM inbox")
        assert [heard.text for heard in echo.came if isinstance(heard, Text)] == ["/code 123456"]
        assert stored["message"]["text"] == "/code ***"
        assert "123456" not in str(stored)
    # The program stopped before it was handled: what is handed on asks for another code.
    async with listening(server, database, only_reads=reads) as echo:
        await echo.until_came(1)
        assert [heard.text for heard in echo.came if isinstance(heard, Text)] == ["/code ***"]


async def test_a_crash_before_it_is_stored_has_it_handed_over_again(server: TelegramServer, database: Database) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    await chat.say(ada, "/status")

    def dies(echo: Echo) -> None:
        echo.is_awake.clear()
        echo.inbox.before_keep = echo.inbox.die

    async with listening(server, database, only_reads=reads, prepare=dies) as dying:
        await dying.inbox.until_dead()
        assert await rows(database) == []
    async with listening(server, database, only_reads=reads) as echo:
        assert await echo.inbox.until_done(1) == [None]
    assert len(chat.from_bot) == 1


async def test_while_it_cannot_be_stored_it_is_not_confirmed(server: TelegramServer, database: Database) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    away = [True]

    async def fails() -> None:
        if away[0]:
            raise DatabaseAway("gone")

    def prepare(echo: Echo) -> None:
        echo.inbox.before_keep = fails

    async with listening(server, database, only_reads=reads, prepare=prepare) as echo:
        echo.is_awake.clear()
        await chat.say(ada, "/status")
        await echo.patience.until_asked()
        assert len(server.updates.pending) == 1
        away[0] = False
        echo.patience.end()
        await until_confirmed(server)
    assert len(await rows(database)) == 1


async def test_what_asks_nothing_is_passed_over_all_the_same(server: TelegramServer, database: Database) -> None:
    ada = server.person(111, "Ada")
    async with listening(server, database, only_reads=reads) as echo:
        await echo.until_polling()
        await server.private(ada).say(ada, "/status", extra={"forward_date": 1_700_000_000})
        assert await echo.inbox.until_done(1) == ["forwarded"]
        await until_confirmed(server)
    (row,) = await rows(database)
    assert row["handled_at"] is not None


async def test_a_reply_is_stored_first_since_it_may_be_the_argument_of_what_acts(
    server: TelegramServer, database: Database
) -> None:
    ada = server.person(111, "Ada")
    chat = server.private(ada)
    async with listening(server, database, only_reads=lambda text: True) as echo:
        await echo.until_polling()
        await chat.say(ada, "/status")
        asked = await chat.next_message("/status")
        await chat.say(ada, "status", reply_to=asked)
        await echo.until_came(2)
        await chat.say(ada, "/status", reply_to=asked)
        await echo.until_came(3)
        # With its slash it is a word all the same.
        assert [arrival is None for arrival in arrivals(echo)] == [False, True, False]
