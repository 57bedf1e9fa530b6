"""`kill -9` between the steps of a close, its bot near (it dies too) or far (it lives on): done once, or not at all.

What is left of a far one while the bot closes is in `test_kill.py`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bot_integration.control import RemoteBot
from chatops.storage.database import Database, Record
from tests.faults.desk import BOT, DeskFiles, log_of, steps_of, wait_for_row, wait_until_settled
from tests.faults.program import PATIENCE_S, Program, eventually, outcome, program
from tests.servers.telegram import Message, Person, StallBeforeAccept

CLOSED = ["received", "asked to confirm", "confirmed", "running", "finished"]
VOID = ["received", "asked to confirm", "expired"]
_SECOND_PERSON = """
[[people]]
name = "bob"
role = "admin"
telegram = 222
[words.close]
approvals = 1
"""


@dataclass(frozen=True)
class Desk:
    """A desk, and what is known of its bot."""

    files: DeskFiles
    #: The bot as the test sees it, past the gateway; None where it dies with that.
    bot: RemoteBot | None = None

    @property
    def knows(self) -> str:
        """What is known of an act after a kill: a bot that lived on tells, one that died does not."""
        return "Done" if self.bot else "Unknown"

    async def asks(self, words: str, question: str) -> Message:
        """Ada asks; gives what she is asked."""
        await self.files.chat.say(self.files.ada, words)
        return await self.files.hears(question)

    async def presses(self, label: str, on: Message) -> None:
        await self.files.chat.press(self.files.ada, on, label)

    @asynccontextmanager
    async def locked(self, table: str, *, for_good: bool = False) -> AsyncIterator[Database]:
        """Nobody reads or writes this table, until the block ends; with `for_good` who waits for it is never let in."""
        async with self.files.database() as database, database.transaction() as connection:
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield database
            if for_good:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                )

    @asynccontextmanager
    async def stalled(self, method: str) -> AsyncIterator[None]:
        """The next call of this is not taken; the block ends once it was tried."""
        rule = self.files.platform.fail(StallBeforeAccept(asyncio.Event()), method=method)
        yield
        await self.files.platform.wait_for(lambda: rule.met, timeout_s=PATIENCE_S)

    @asynccontextmanager
    async def after_a_kill(self, gateway: Program) -> AsyncIterator[Database]:
        """Kill it, start it again, and look into its database; at the end nothing is in the middle, and all agrees."""
        await gateway.kill()
        async with self.files.gateway(), self.files.database() as database:
            yield database
            await wait_until_settled(database)
            # What was answered is confirmed by the next poll, a moment later.
            await self.files.platform.wait_for(lambda: not self.files.platform.updates.pending, timeout_s=PATIENCE_S)
            code, said = await outcome("audit", "verify", "-c", str(self.files.settings))
            assert (code, "The record is whole" in said) == (0, True), said

    async def is_done(self) -> None:
        """Wait until the bot, if it is to outlive the gateway, has closed what it was told to."""

        async def look() -> bool:
            facts = self.bot.snapshot() if self.bot is not None else None
            return self.bot is None or (facts is not None and "SOL-1" not in [one.id for one in facts.positions])

        await eventually(look, "closing SOL-1")

    async def closings(self) -> int:
        """How often the bot of now began to close it."""
        events = await self.files.hears_after("/events", "event")
        return events.text.count("Closing SOL-1: asked by ada")


@pytest.fixture(params=["near", "far"])
async def place(request: pytest.FixtureRequest, desk: DeskFiles) -> AsyncIterator[Desk]:
    socket = desk.folder / "bot.sock"
    if request.param == "near":
        desk.write("paper", more='scenario = "calm"\nspeed = 1')
        yield Desk(desk)
        return
    desk.write(f"unix://{socket}")
    paper = program("paper", "--listen", f"unix:{socket}", "--name", BOT, "--speed", "1", "--scenario", "calm")
    async with paper as bot:
        await bot.says("trades on paper")
        async with RemoteBot(BOT, f"unix://{socket}") as seen:
            yield Desk(desk, seen)


near = pytest.mark.parametrize("place", ["near"], indirect=True)
far = pytest.mark.parametrize("place", ["far"], indirect=True)


async def close_of(database: Database) -> Record:
    """The first ask to close."""
    return next(row for row in await log_of(database) if row["word"] == "close")


@near
async def test_killed_when_the_question_is_stored_and_not_shown_it_is_void_and_told(place: Desk) -> None:
    async with place.files.gateway() as gateway:
        async with place.stalled("sendMessage"):
            await place.files.chat.say(place.files.ada, "/close SOL-1")
        async with place.after_a_kill(gateway) as database:
            await place.files.hears("I was restarted before “close SOL-1” was confirmed. Nothing was done.")
            assert await steps_of(database, "close") == VOID
            assert await place.closings() == 0


@near
async def test_killed_before_the_confirmation_is_on_record_nothing_was_done(place: Desk) -> None:
    async with place.files.gateway() as gateway:
        question = await place.asks("/close SOL-1", "Close SOL-1?")
        async with place.locked("command_events", for_good=True) as database:
            await place.presses("Confirm", question)
            await wait_for_row(database, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            await gateway.kill()
        async with place.after_a_kill(gateway) as database:
            # The press was stored, and is told what it found.
            await place.files.saw("pressed while I was away", question)
            await wait_until_settled(database)
            assert await steps_of(database, "close") == [*VOID, "received", "expired"]
            assert await place.closings() == 0


@far
async def test_killed_when_the_bot_is_done_and_that_is_not_on_record_it_is_asked_and_told(place: Desk) -> None:
    async with place.files.gateway() as gateway:
        question = await place.asks("/close SOL-1", "Close SOL-1?")
        # The end waits for the card to say that it goes on.
        async with place.stalled("editMessageText"):
            await place.presses("Confirm", question)
        await place.is_done()
        async with place.after_a_kill(gateway) as database:
            told = await place.files.sees("which ran while I was restarted")
            assert "SOL-1 closed" in told.text
            assert await steps_of(database, "close") == CLOSED
            assert (await close_of(database))["outcome"] == "done"
            assert await place.closings() == 1


@near
async def test_killed_when_the_end_is_on_record_and_not_shown_it_is_shown_after(place: Desk) -> None:
    async with place.files.gateway() as gateway:
        question = await place.asks("/close SOL-1", "Close SOL-1?")
        async with place.locked("deliveries") as database:
            await place.presses("Confirm", question)
            await place.files.sees("Closing SOL-1…", on=question)
            await wait_for_row(database, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            rule = place.files.platform.fail(StallBeforeAccept(asyncio.Event()), method="editMessageText")
        await place.files.platform.wait_for(lambda: rule.met, timeout_s=PATIENCE_S)
        async with place.after_a_kill(gateway) as database:
            await place.files.sees("SOL-1 closed", on=question)
            assert await steps_of(database, "close") == CLOSED
            assert (await close_of(database))["outcome"] == "done"


@near
async def test_killed_when_all_is_told_and_the_press_is_not_confirmed_to_telegram_it_is_known(place: Desk) -> None:
    async with place.files.gateway() as gateway:
        question = await place.asks("/close SOL-1", "Close SOL-1?")
        # The poll that waits brings the press; the next one would confirm it.
        await place.files.platform.wait_for(lambda: place.files.platform.updates.is_polled)
        async with place.stalled("getUpdates"):
            await place.presses("Confirm", question)
        await place.files.sees("✓ SOL-1 closed", on=question)
        assert len(place.files.platform.updates.pending) == 1
        async with place.after_a_kill(gateway) as database:
            assert await place.closings() == 0
            assert await steps_of(database, "close") == CLOSED
            assert await database.fetchval("SELECT count(*) FROM inbox") == len(await log_of(database)) + 1


# What others have a say in, and what is more than one close.


@near
async def test_killed_while_another_is_asked_it_is_void_and_both_are_told(place: Desk) -> None:
    files = place.files
    files.settings.write_text(files.settings.read_text() + _SECOND_PERSON)
    bob: Person = files.platform.person(222, "Bob", "bob")
    bobs = files.platform.private(bob)
    async with files.gateway() as gateway:
        question = await place.asks("/close SOL-1", "Close SOL-1?")
        await place.presses("Confirm", question)
        await files.sees("Approve? Close SOL-1?", on=question)
        request = await bobs.shows("Approve?", timeout_s=PATIENCE_S)
        async with files.database() as database:
            await wait_for_row(database, "SELECT 1 FROM deliveries WHERE room = '222' AND state = 'sent'")
        async with place.after_a_kill(gateway) as database:
            await files.sees("Nothing was done", on=question)
            await bobs.shows("restarted", on=request, timeout_s=PATIENCE_S)
            assert await steps_of(database, "close") == [*CLOSED[:3], "asked to approve", "expired"]
            # It listens again; but there is a phone that has not heard of it yet.
            await files.hears_after("/status", "alpha is well")
            await bobs.press_data(bob, request, request.buttons[0][0].data)
            await bobs.next_message("What came of it", timeout_s=PATIENCE_S)
            assert await place.closings() == 0


async def test_killed_in_the_middle_of_a_stop_it_is_told_what_became_of_it(place: Desk) -> None:
    async with place.files.gateway() as gateway:
        question = await place.asks("/stop", "?")
        async with place.stalled("editMessageText"):
            await place.presses("Confirm", question)
        await place.is_done()
        async with place.after_a_kill(gateway) as database:
            told = await place.files.sees("which ran while I was restarted")
            assert told.text.startswith(f"{place.knows}: “stop")
            assert await steps_of(database, "stop") == CLOSED
