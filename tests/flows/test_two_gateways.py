"""One bot, and two desks that know nothing of each other: what people ask at one is a fact at the other."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from chatops.storage.database import Database
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone
from tests.flows.test_desired import Place, desk_of, does, follows, heard, hears, opened, quiet
from tests.flows.ways import MemoryChat, Way

pytestmark = near_alone


@pytest.fixture
def place(trader: Trader) -> Place:
    return Place(trader)


@pytest.fixture
async def desks(
    database: Database, empty_url: str, clock: Clock, way: Way, place: Place
) -> AsyncIterator[tuple[World, World]]:
    """Each with a database and a room of its own."""
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(Database.open(empty_url))
        await other.migrate()
        worlds = tuple(desk_of(one, clock, MemoryChat(clock, way), place) for one in (database, other))
        for world in worlds:
            await stack.enter_async_context(opened(world))
            await world.chat.say(BOB, "/prefs all usual")
            await follows(world)
        here, there = worlds
        yield here, there


async def test_what_one_holds_back_the_other_shows_and_may_let_go(desks: tuple[World, World], place: Place) -> None:
    here, there = desks
    await does(here, ADA, "/pause entry")
    await there.chat.say(VIC, "/status")
    await hears(there, "Pause      entry")
    await does(there, BOB, "/resume entry")
    await hears(here, "alpha: Pause of entry taken back by bob through another gateway")
    fresh = place.restart()
    await hears(here, "alpha was restarted")
    await quiet(here)
    assert fresh.scopes == set()
    assert [heard(world, "any more") for world in desks] == [0, 0]


async def test_what_both_were_asked_for_holds_over_a_restart_and_neither_tells_it_twice(
    desks: tuple[World, World], place: Place
) -> None:
    here, there = desks
    await does(here, ADA, "/pause entry")
    await does(there, BOB, "/pause entry")
    fresh = place.restart()
    await here.in_time(lambda: fresh.scopes == {"entry"})
    for world in desks:
        await hears(world, "restarted")
    await quiet(here)
    # Whoever came second found it paused, and has nothing to tell.
    assert sum(heard(world, "paused again") for world in desks) >= 1
    assert [heard(world, "restarted") for world in desks] == [1, 1]
    assert [heard(world, "any more") for world in desks] == [0, 0]
