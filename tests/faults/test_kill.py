"""`kill -9` of the gateway, its bot living on, at every point of a confirmed close: each is settled and told."""

import asyncio

import pytest

from bot_integration import Outcome
from tests.faults.desk import DeskFiles, steps_of, wait_for_row, wait_until_settled
from tests.faults.holdup import What
from tests.faults.place import TOLD, Place, after_a_kill, close_row
from tests.faults.program import PATIENCE_S, eventually
from tests.servers.telegram import StallAfterAccept, StallBeforeAccept

#: An ask of which the bot knows nothing is called lost once it may not start any more, after 30 s.
LONG_S = 120.0


async def test_killed_before_the_bot_has_the_command_it_is_told_that_nothing_was_done(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        place.way.what = What.COMMANDS
        await place.confirm(await place.ask_to_close())
        await place.way.held.wait()
        async with after_a_kill(place, gateway) as database:
            told = await place.desk.sees(TOLD, within_s=LONG_S)
            assert "It never reached alpha. Nothing was done." in told.text
            row = await close_row(database)
            assert (row["state"], row["outcome"]) == ("finished", "failed")
        assert await place.ran(row["id"]) is None
        assert await place.holds("SOL-1")


async def test_a_command_that_arrives_after_its_gateway_died_is_told_as_what_it_did(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        place.way.what = What.COMMANDS
        await place.confirm(await place.ask_to_close())
        await place.way.held.wait()
        async with after_a_kill(place, gateway) as database:
            await place.desk.chat.say(place.desk.ada, "/positions")
            await place.desk.hears("SOL-1")
            assert (await close_row(database))["state"] == "running"
            place.way.released.set()
            told = await place.desk.sees(TOLD)
            assert "SOL-1 closed" in told.text
            row = await close_row(database)
            assert (row["state"], row["outcome"]) == ("finished", "done")
        assert await place.closings("SOL-1") == 1
        assert not await place.holds("SOL-1")


async def test_killed_before_the_confirmation_is_handled_nothing_is_done_and_that_is_told(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        question = await place.ask_to_close()
        async with place.desk.database() as database:
            async with database.transaction() as connection:
                # Nobody reads or spends a token now: the press is stored, and waits.
                await connection.execute("LOCK TABLE presses IN ACCESS EXCLUSIVE MODE")
                await place.confirm(question)
                await wait_for_row(database, "SELECT 1 FROM inbox WHERE handled_at IS NULL")
                await gateway.kill()
            assert (await close_row(database))["state"] == "awaiting_confirmation"
        async with after_a_kill(place, gateway) as database:
            await place.desk.saw("pressed while I was away", question)
            row = await close_row(database)
            assert (row["state"], row["answer"]) == (
                "expired",
                "The program was restarted while this waited. Nothing was done.",
            )
        assert await place.ran(row["id"]) is None
        assert await place.holds("SOL-1")


async def test_killed_before_the_first_word_is_handled_it_is_handled_after(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        await place.desk.platform.wait_for(lambda: place.desk.platform.updates.is_polled)
        async with place.desk.database() as database, database.transaction() as connection:
            await connection.execute("LOCK TABLE command_log IN ACCESS EXCLUSIVE MODE")
            await place.desk.chat.say(place.desk.ada, "/close SOL-1")
            await wait_for_row(database, "SELECT 1 FROM inbox WHERE handled_at IS NULL")
            await wait_for_row(database, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            await gateway.kill()
            # Its session is still at the door, and would write for it yet.
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            )
        async with after_a_kill(place, gateway) as database:
            question = await place.desk.hears("Close SOL-1?")
            await place.confirm(question)
            await place.desk.sees("✓ SOL-1 closed", on=question)
            row = await close_row(database)
            assert (row["state"], row["outcome"]) == ("finished", "done")
        assert await place.closings("SOL-1") == 1


async def test_what_postgresql_finishes_for_the_dead_is_told_too(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        await place.desk.platform.wait_for(lambda: place.desk.platform.updates.is_polled)
        async with place.desk.database() as database, database.transaction() as connection:
            await connection.execute("LOCK TABLE command_log IN ACCESS EXCLUSIVE MODE")
            await place.desk.chat.say(place.desk.ada, "/close SOL-1")
            await wait_for_row(database, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            await gateway.kill()
        async with place.desk.database() as database:
            await wait_for_row(database, "SELECT 1 FROM command_log WHERE state = 'awaiting_confirmation'")
        async with after_a_kill(place, gateway) as database:
            await place.desk.hears("Nothing was done.")
            assert (await close_row(database))["state"] == "expired"
        assert await place.holds("SOL-1")


async def test_killed_while_it_asks_the_question_is_void_and_that_is_told(place: Place) -> None:
    chat, ada = place.desk.chat, place.desk.ada
    async with place.desk.gateway() as gateway:
        question = await place.ask_to_close()
        async with place.desk.database() as database:
            await wait_for_row(database, "SELECT 1 FROM deliveries WHERE state = 'sent'")
        async with after_a_kill(place, gateway) as database:
            card = await place.desk.sees("I was restarted", on=question)
            assert "Nothing was done" in card.text
            assert (await close_row(database))["state"] == "expired"
            # It listens again; but there is a phone that has not heard of it yet.
            await place.desk.hears_after("/status", "alpha is well")
            await chat.press_data(ada, question, question.buttons[0][0].data)
            await place.desk.hears("What came of it: The program was restarted")
            assert await place.holds("SOL-1")
            await chat.press(ada, card, "Close SOL-1")
            again = await place.desk.sees("Close SOL-1?")
            await chat.press(ada, again, "Confirm")
            await place.desk.sees("✓ SOL-1 closed", on=again)
        assert await place.closings("SOL-1") == 1


async def test_killed_while_the_bot_closes_its_outcome_is_told(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        await place.trade_slowly(1.0)
        question = await place.ask_to_close()
        # If we look when it has closed, the gateway does not know it all the same.
        place.way.what = What.ANSWERS
        await place.confirm(question)

        async def is_closing() -> bool:
            snapshot = place.bot.snapshot()
            stages = [one.stage for one in snapshot.positions if one.id == "SOL-1"] if snapshot else ["unheard"]
            return {*stages} <= {"closing", "closed"}

        await eventually(is_closing, "closing")
        async with after_a_kill(place, gateway) as database:
            told = await place.desk.sees(TOLD)
            assert "SOL-1 closed" in told.text
            row = await close_row(database)
            assert (row["state"], row["outcome"]) == ("finished", "done")
        assert await place.ran(row["id"]) is Outcome.DONE
        assert await place.closings("SOL-1") == 1
        assert not await place.holds("SOL-1")


async def test_killed_before_it_hears_that_the_bot_has_closed_that_is_told(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        place.way.what = What.ANSWERS
        question = await place.ask_to_close()
        await place.confirm(question)
        await place.way.held.wait()
        assert not await place.holds("SOL-1")
        async with after_a_kill(place, gateway) as database:
            told = await place.desk.sees(TOLD)
            assert "SOL-1 closed" in told.text
            # Its old card would else say for ever that it goes on.
            await place.desk.sees("“close” was cut off by a restart: what became of it is told below.", on=question)
            assert await steps_of(database, "close") == [
                "received",
                "asked to confirm",
                "confirmed",
                "running",
                "finished",
            ]
        assert await place.closings("SOL-1") == 1


@pytest.mark.parametrize("fault", [StallBeforeAccept, StallAfterAccept])
async def test_killed_before_the_end_is_shown_or_known_to_be_its_card_says_it_once_and_unmarked(
    place: Place, fault: type[StallBeforeAccept | StallAfterAccept]
) -> None:
    platform = place.desk.platform
    async with place.desk.gateway() as gateway:
        question = await place.ask_to_close()
        place.way.what = What.ANSWERS
        await place.confirm(question)
        await place.desk.sees("Closing SOL-1…", on=question)
        stalled = platform.fail(fault(asyncio.Event()), method="editMessageText")
        place.way.released.set()
        await platform.wait_for(lambda: stalled.met)
        async with place.desk.database() as database:
            assert (await close_row(database))["state"] == "finished"
        async with after_a_kill(place, gateway) as database:
            # The same card twice is the same card.
            card = await place.desk.sees("✓ SOL-1 closed", on=question)
            assert "repeat" not in card.text
            row = await close_row(database)
            await wait_until_settled(database)
            assert place.desk.chat.from_bot == [place.desk.chat.now(question)]
            assert (row["state"], row["outcome"]) == ("finished", "done")
        assert await place.closings("SOL-1") == 1


async def test_killed_again_while_it_tells_it_tells_after_all(place: Place) -> None:
    platform = place.desk.platform
    async with place.desk.gateway() as gateway:
        place.way.what = What.ANSWERS
        await place.confirm(await place.ask_to_close())
        await place.way.held.wait()
        await gateway.kill()
        place.way.what = What.NOTHING
    for _ in range(2):
        stalled = platform.fail(StallBeforeAccept(asyncio.Event()), method="sendMessage")
        async with place.desk.gateway() as gateway:
            await platform.wait_for(lambda: stalled.met, timeout_s=PATIENCE_S)  # noqa: B023 - awaited at once
            await gateway.kill()
    async with after_a_kill(place, gateway):
        told = await place.desk.sees(TOLD)
        assert "SOL-1 closed" in told.text
    assert await place.closings("SOL-1") == 1


async def test_an_answer_that_a_kill_cut_off_is_given_after_all(place: Place) -> None:
    platform, chat, ada = place.desk.platform, place.desk.chat, place.desk.ada
    async with place.desk.gateway() as gateway:
        stalled = platform.fail(StallBeforeAccept(asyncio.Event()), method="sendMessage")
        await chat.say(ada, "/status")
        await platform.wait_for(lambda: stalled.met)
        async with after_a_kill(place, gateway):
            told = await place.desk.hears("alpha is well")
            assert "Possible repeat: nobody knows whether this arrived. It is of " in told.text


async def test_when_the_bot_dies_too_nothing_is_claimed(desk: DeskFiles) -> None:
    desk.write("paper", more='scenario = "calm"\nspeed = 1')
    platform, chat = desk.platform, desk.chat
    async with desk.gateway() as gateway:
        await chat.say(desk.ada, "/close SOL-1")
        question = await desk.hears("Close SOL-1?")
        stalled = platform.fail(StallBeforeAccept(asyncio.Event()), method="editMessageText")
        await chat.press(desk.ada, question, "Confirm")
        await platform.wait_for(lambda: stalled.met)
        await gateway.kill()
    async with desk.gateway(), desk.database() as database:
        told = await desk.sees(TOLD)
        assert "alpha was restarted too, and does not remember" in told.text
        row = await close_row(database)
        assert (row["state"], row["outcome"]) == ("finished", "unknown")
        await wait_until_settled(database)
