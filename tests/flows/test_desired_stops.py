"""What people asked to hold a bot back with holds over our own stops, whatever those cut off."""

import asyncio

import pytest

from bot_integration import Pause
from chatops.guard.verifying import Whole
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, Clock, Trader, near_alone, on_memory
from tests.flows.test_desired import Place, desk_of, does, follows, heard, hears, opened, quiet
from tests.folders import new_folder
from tests.plug import Plug

pytestmark = near_alone


@pytest.fixture
def place(trader: Trader) -> Place:
    return Place(trader)


@on_memory
async def test_a_desk_that_was_down_over_the_restart_pauses_it_when_it_is_back(
    database: Database, clock: Clock, chat: Chat, place: Place
) -> None:
    async with opened(desk_of(database, clock, chat, place)) as first:
        await first.chat.say(BOB, "/prefs all usual")
        await follows(first)
        await does(first, ADA, "/pause entry")
        await quiet(first)
    fresh = place.restart()
    async with opened(desk_of(database, clock, chat, place)) as again:
        await hears(again, "alpha restarted; entry paused again as ada asked")
        assert fresh.scopes == {"entry"}
        await quiet(again)
    async with opened(desk_of(database, clock, chat, place)) as third:
        await quiet(third)
        assert (heard(third, "again as"), len(place.executed)) == (1, 2)
    assert isinstance(await verify_record(database), Whole)


@on_memory
async def test_what_drifted_while_the_desk_was_down_is_told_once_over_all_its_runs(
    database: Database, clock: Clock, chat: Chat, place: Place
) -> None:
    async with opened(desk_of(database, clock, chat, place)) as first:
        await first.chat.say(BOB, "/prefs all usual")
        await does(first, ADA, "/pause entry")
        await quiet(first)
    place.trader.scopes.clear()
    place.trader.publish()
    async with opened(desk_of(database, clock, chat, place)) as again:
        await hears(again, "any more, as ada asked")
        await quiet(again)
    async with opened(desk_of(database, clock, chat, place)) as third:
        await quiet(third)
        assert (heard(third, "any more"), len(place.executed)) == (1, 1)


@on_memory
async def test_a_pause_that_a_stop_of_the_desk_cut_off_holds_in_the_next_run_of_the_bot(
    database: Database, clock: Clock, chat: Chat, place: Place
) -> None:
    began = asyncio.Event()

    @place.trader.controller.on(Pause)
    async def hang(command: Pause) -> str:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    world = desk_of(database, clock, chat, place)
    async with opened(world):
        await world.chat.say(ADA, "/pause entry")
        pressing = asyncio.create_task(world.chat.press(ADA, "Confirm"))
        await began.wait()
        pressing.cancel()
        await asyncio.gather(pressing, return_exceptions=True)
    hung, fresh = place.trader, place.restart()
    async with opened(desk_of(database, clock, chat, place)) as again:
        await again.in_time(lambda: fresh.scopes == {"entry"})
    assert len(place.executed) == 2
    for task in tuple(hung.controller._running):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@on_memory
async def test_a_pause_that_a_stop_of_the_desk_kept_from_the_bot_is_in_force_after_its_start(
    database: Database, clock: Clock, chat: Chat, place: Place
) -> None:
    place.loses = True
    world = desk_of(database, clock, chat, place)
    async with opened(world):
        await world.chat.say(ADA, "/pause entry")
        pressing = asyncio.create_task(world.chat.press(ADA, "Confirm"))
        await place.lost.wait()
        pressing.cancel()
        await asyncio.gather(pressing, return_exceptions=True)
    place.loses = False
    # Nobody would start it any more as it was sent.
    clock.pass_by(minutes=5)
    place.trader.publish()
    async with opened(desk_of(database, clock, chat, place)) as again:
        await again.in_time(lambda: place.trader.scopes == {"entry"})
        await hears(again, "“pause entry”, which ran while I was restarted")
        await quiet(again)
        assert [(row["principal"], row["outcome"]) for row in await again.log()] == [("ada", "done")]
        assert heard(again, "any more") == 0


@on_memory
async def test_an_assertion_that_a_stop_of_the_desk_cut_off_goes_on_as_the_same_command(
    database: Database, clock: Clock, chat: Chat, place: Place
) -> None:
    async with opened(desk_of(database, clock, chat, place)) as first:
        await does(first, ADA, "/pause entry")
        await quiet(first)
    place.is_cut = True
    fresh = place.restart()
    async with opened(desk_of(database, clock, chat, place)) as second:
        await quiet(second)
        assert [row["state"] for row in await second.log()] == ["finished", "running"]
    place.is_cut = False
    async with opened(desk_of(database, clock, chat, place)) as third:
        await third.in_time(lambda: fresh.scopes == {"entry"})
        await quiet(third)
        assert [(row["state"], row["outcome"]) for row in await third.log()] == [("finished", "done")] * 2
    assert isinstance(await verify_record(database), Whole)


@on_memory
async def test_what_was_asked_while_the_database_was_away_holds_then_and_after_a_stop(
    database: Database, clock: Clock, chat: Chat, place: Place, plug: Plug
) -> None:
    aside = new_folder() / "backlog"
    world = desk_of(database, clock, chat, place, Backlog(aside))
    async with opened(world):
        await plug.pull()
        await world.chat.say(ADA, "/pause entry")
        await world.until(lambda: "Confirm" in world.chat.last.labels)
        await world.chat.press(ADA, "Confirm")
        fresh = place.restart()
        await world.in_time(lambda: fresh.scopes == {"entry"})
    await plug.put_back()
    last = place.restart()
    async with opened(desk_of(database, clock, chat, place, Backlog(aside))) as again:
        await again.in_time(lambda: last.scopes == {"entry"})
        rows = [row["principal"] for row in await again.log()]
        assert rows == ["ada", "quarterdeck", "quarterdeck"]
    assert isinstance(await verify_record(database), Whole)
