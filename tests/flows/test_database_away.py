"""PostgreSQL is away: what reduces risk is done and on record later, what increases it is refused with that reason."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from bot_integration import ClosePosition
from chatops.guard.verifying import Whole
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from chatops.storage.lasting_inbox import LastingInbox
from chatops.storage.record import verify_record
from tests.codes import code_in
from tests.flows.chats import Chat, TelegramChat
from tests.flows.conftest import ADA, BOB, EVE, VIC, Clock, Trader, World, world_of
from tests.flows.newcomers import alone
from tests.flows.platform_chat import PATIENCE_S
from tests.own_time import own_time
from tests.plug import Plug

WHOLE_CLOSE = ["received", "asked to confirm", "confirmed", "running", "finished"]
AWAY = "The database is away"


@pytest.fixture
def backlog(tmp_path: Path) -> Backlog:
    return Backlog(tmp_path / "backlog")


@pytest.fixture
def inbox(database: Database, backlog: Backlog) -> Inbox:
    return LastingInbox(database, backlog)


@pytest.fixture
async def world(database: Database, clock: Clock, trader: Trader, chat: Chat, backlog: Backlog) -> AsyncIterator[World]:
    """A desk that sends what it owes."""
    world = world_of(database, clock, trader, chat, backlog=backlog)
    chat.connect(world.desk.gateway.receive)
    async with world.desk.outbox.open():
        yield world


async def comes_back(world: World, plug: Plug) -> None:
    """The database is back, and whoever listens there for news has it looked at."""
    await plug.put_back()
    world.desk.outbox.wake()
    async with asyncio.timeout(PATIENCE_S):
        while not world.desk.ledger.is_here:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.002)
    assert isinstance(await verify_record(world.database), Whole)


async def steps(world: World, word: str) -> list[list[str]]:
    """The steps of the asks with this word."""
    return [await world.steps(UUID(str(row["id"]))) for row in await world.log() if row["word"] == word]


async def test_a_close_is_asked_confirmed_and_done_once_and_is_on_record_in_its_order(
    world: World,
    plug: Plug,
) -> None:
    await plug.pull()
    await world.chat.say(BOB, "/status")
    assert world.chat.last.message.title == "alpha is well"
    await world.chat.say(BOB, "/close SOL-1")
    await world.reads("Close SOL-1?")
    question = world.chat.last
    await world.chat.press(BOB, "Confirm", question)
    await world.reads("✓ SOL-1 closed")
    await world.chat.press(BOB, "Confirm", question)
    await world.reads("What came of it: ✓ SOL-1 closed")
    assert world.bot.closed == [("SOL-1", 100)]
    await comes_back(world, plug)
    assert [row["word"] for row in await world.log()] == ["status", "close", "close"]
    assert await steps(world, "close") == [WHOLE_CLOSE, ["received", "expired"]]
    _, close, _ = await world.log()
    assert (close["state"], close["outcome"], close["principal"]) == ("finished", "done", "bob")
    await world.chat.say(BOB, "/close ETH-1")
    await world.reads("Close ETH-1?")
    await world.chat.press(BOB, "Confirm")
    await world.reads("✓ ETH-1 closed")
    assert [row["state"] for row in await world.log()][-1] == "finished"


async def test_what_adds_risk_is_refused_with_that_reason(world: World, plug: Plug) -> None:
    await world.chat.say(ADA, "/pause entry")
    await world.chat.press(ADA, "Confirm")
    await plug.pull()
    # The first finds out that it is away.
    for words in ("/resume entry", "/resume entry", "/pin on"):
        await world.chat.say(ADA, words)
        await world.reads(AWAY)
        assert "Confirm" not in world.chat.last.labels
    assert world.bot.scopes == {"entry"}
    await comes_back(world, plug)
    refused = [row for row in await world.log() if row["word"] in ("resume", "pin")]
    assert [row["state"] for row in refused] == ["denied"] * 3
    assert all(row["answer"].startswith(AWAY) for row in refused)


async def test_a_yes_that_finds_the_database_gone_lets_nothing_go_on(
    world: World,
    plug: Plug,
) -> None:
    await world.chat.say(ADA, "/pause entry")
    await world.chat.press(ADA, "Confirm")
    await world.chat.say(ADA, "/resume entry")
    await world.reads("Resume entry")
    await plug.pull()
    await world.chat.press(ADA, "Confirm")
    await world.reads(AWAY)
    assert world.bot.scopes == {"entry"}
    await comes_back(world, plug)
    resume = next(row for row in await world.log() if row["word"] == "resume")
    assert resume["state"] == "denied"


async def test_a_question_of_before_is_answered_once_by_two_presses_at_one_instant(
    world: World,
    plug: Plug,
) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.last
    await plug.pull()
    await asyncio.gather(*(world.chat.press(BOB, "Confirm", question) for _ in range(2)))
    await world.until(lambda: any("closed" in shown.text for shown in world.chat.shown))
    assert world.bot.closed == [("SOL-1", 100)]
    await comes_back(world, plug)
    assert (await steps(world, "close"))[0] == WHOLE_CLOSE


async def test_the_database_goes_away_between_the_yes_and_the_end(world: World, plug: Plug) -> None:
    @world.bot.controller.on(ClosePosition)
    async def close(command: ClosePosition) -> str:
        await plug.pull()
        return f"{command.position_id} closed"

    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.press(BOB, "Confirm")
    await world.reads("✓ SOL-1 closed")
    await comes_back(world, plug)
    assert await steps(world, "close") == [WHOLE_CLOSE]
    (row,) = await world.log()
    assert (row["state"], row["outcome"]) == ("finished", "done")


async def test_strangers_nonsense_and_buttons_of_another_time_are_answered_as_ever_and_on_record(
    world: World,
    plug: Plug,
) -> None:
    await plug.pull()
    await world.chat.say(EVE, "/status")
    assert world.chat.shown == []
    await world.chat.say(VIC, "/nonsense")
    await world.reads("/help")
    await world.chat.say(VIC, "/close SOL-1")
    await world.reads("/close is for operators")
    await world.chat.press_token(BOB, "x" * 22)
    await world.reads(AWAY)
    await comes_back(world, plug)
    rows = [(row["principal"], row["word"], row["state"]) for row in await world.log()]
    assert rows == [
        (None, "?", "denied"),
        ("vic", "?", "misread"),
        ("vic", "close", "denied"),
        ("bob", "?", "denied"),
    ]


async def test_what_was_shown_meanwhile_is_on_record_as_shown(world: World, plug: Plug) -> None:
    await plug.pull()
    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.press(BOB, "Cancel")
    await world.reads("Cancelled")
    await comes_back(world, plug)
    await world.until(lambda: world.desk.outbox._book.is_here)
    rows = await world.database.fetch("SELECT state, platform_message_id FROM deliveries ORDER BY created_at, id")
    assert [row["state"] for row in rows] == ["sent", "sent"]
    assert {row["platform_message_id"] for row in rows} == {world.chat.last.id}
    await world.chat.press(BOB, "Positions")
    assert world.chat.last.message.title == "2 open, +8.50 USD"


async def test_the_next_run_puts_it_on_record_before_it_settles_what_is_left(
    world: World,
    plug: Plug,
    backlog: Backlog,
    tmp_path: Path,
) -> None:
    await plug.pull()
    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.press(BOB, "Confirm")
    await world.reads("✓ SOL-1 closed")
    await world.chat.say(BOB, "/close ETH-1")
    await world.reads("Close ETH-1?")
    await plug.put_back()
    again = world_of(world.database, world.clock, world.bot, world.chat, backlog=Backlog(tmp_path / "backlog"))
    await again.desk.settling.settle(await again.desk.settling.take_stock())
    assert [row["state"] for row in await again.log()] == ["finished", "expired"]
    assert await steps(again, "close") == [WHOLE_CLOSE, ["received", "asked to confirm", "expired"]]
    assert world.bot.closed == [("SOL-1", 100)]
    assert isinstance(await verify_record(world.database), Whole)


#: It hands updates over until the next question confirms them. How Slack hands over, its own tests tell.
on_telegram = pytest.mark.parametrize("chat", ["telegram"], indirect=True)


@on_telegram
async def test_what_was_said_is_confirmed_once_it_is_on_disk_and_handed_over_again_it_is_known(
    world: World,
    plug: Plug,
) -> None:
    chat = world.chat
    assert isinstance(chat, TelegramChat)
    await plug.pull()
    await chat.say(BOB, "/close SOL-1")
    await world.reads("Close SOL-1?")
    await chat.press(BOB, "Confirm")
    await world.reads("✓ SOL-1 closed")
    await chat.place.say(chat.person(BOB), "/status", extra={"forward_date": 1_700_000_000})
    await chat.server.wait_for(lambda: not chat.server.updates.pending)
    chat.server.redeliver(3)
    await chat.say(BOB, "/whoami")
    await world.reads("bob")
    await chat.server.wait_for(lambda: not chat.server.updates.pending)
    assert world.bot.closed == [("SOL-1", 100)]
    await comes_back(world, plug)
    chat.server.redeliver(4)
    await chat.say(BOB, "/version")
    await world.reads("Quarterdeck")
    assert [row["word"] for row in await world.log()] == ["close", "whoami", "version"]
    notes = await world.database.fetch("SELECT handled_at IS NOT NULL AS done, note FROM inbox ORDER BY id")
    assert all(row["done"] for row in notes)
    assert [row["note"] for row in notes if row["note"]] == ["forwarded"]


async def test_the_second_press_is_answered_within_a_second_though_the_database_hangs(
    world: World, database_url: str
) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.last
    async with Database.open(database_url) as other, other.transaction() as connection:
        # Whoever asks these tables now waits, and hears nothing.
        await connection.execute("LOCK TABLE command_chain, presses, inbox IN ACCESS EXCLUSIVE MODE")
        world.desk.ledger.lost("it hangs")
        async with own_time(), asyncio.timeout(1):
            await world.chat.press(BOB, "Confirm", question)
            await world.reads("✓ SOL-1 closed")
    world.desk.outbox.wake()
    await world.until(lambda: world.desk.ledger.is_here)
    assert await steps(world, "close") == [WHOLE_CLOSE]


async def test_with_a_full_disk_too_it_says_so_and_does_nothing(
    world: World,
    plug: Plug,
    tmp_path: Path,
) -> None:
    # Where the file would be, there is a directory.
    (tmp_path / "backlog").mkdir()
    await plug.pull()
    await world.chat.say(BOB, "/close SOL-1")
    await world.reads("The database is away, and the disk takes no record either. Nothing was done.")
    assert "Confirm" not in world.chat.last.labels


async def test_an_emergency_stop_needs_neither_the_database_nor_the_disk(
    world: World,
    plug: Plug,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "backlog").mkdir()
    await plug.pull()
    await world.chat.say(ADA, "/stop")
    await world.until(lambda: "Confirm" in world.chat.last.labels)
    await world.chat.press(ADA, "Confirm")
    await world.until(lambda: world.bot.open == [])
    assert "in memory alone" in caplog.text
    (tmp_path / "backlog").rmdir()
    await comes_back(world, plug)
    assert await steps(world, "stop") == [WHOLE_CLOSE]


async def test_what_ended_with_a_revocation_stays_so_when_the_database_goes_away(world: World, plug: Plug) -> None:
    link = code_in((await alone(world, BOB, "/link"))[-1].text)
    assert "Welcome back, bob" in (await alone(world, "22", f"/start {link}"))[-1].text
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.in_room(world.chat.room)[-1]
    # Bob is in the settings and stays; what he had open ends with his other account.
    await world.desk.roster.revoke("bob", "ada")
    await plug.pull()
    await world.chat.press(BOB, "Confirm", question)
    await world.reads("database is away")
    assert world.bot.closed == []
    await comes_back(world, plug)
    close = next(row for row in await world.log() if row["word"] == "close")
    assert close["state"] == "cancelled"
