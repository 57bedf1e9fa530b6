"""`kill -9` of the gateway while PostgreSQL is away: an ask is done once or not at all, and the log says which."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatops.storage.database import Database
from chatops.storage.visiting import visiting
from tests.faults.desk import log_of, steps_of
from tests.faults.holdup import What
from tests.faults.place import TOLD, Place, close_row, started_again
from tests.faults.program import eventually
from tests.plug import Plug

WHOLE_CLOSE = ["received", "asked to confirm", "confirmed", "running", "finished"]


@asynccontextmanager
async def without_database(place: Place) -> AsyncIterator[Plug]:
    """Nobody gets into the database of the desk, once that listens, until the block ends."""
    await place.desk.platform.wait_for(lambda: place.desk.platform.updates.is_polled)
    with visiting(place.desk.data_dir) as url:
        plug = Plug(url.replace("/postgres?", "/template1?"), url.partition("?")[0])
        await plug.pull()
        try:
            yield plug
        finally:
            await plug.put_back()


@asynccontextmanager
async def all_carried(place: Place) -> AsyncIterator[Database]:
    """Another run, with the database: at the end nothing is left on disk."""
    async with started_again(place) as database:
        yield database
    assert (place.desk.data_dir / "backlog").read_bytes() == b""


async def until_noted(place: Place) -> None:
    """Wait until the gateway has noted on disk that its answer is shown."""

    spool = place.desk.data_dir / "spool"

    def is_noted() -> bool:
        return spool.exists() and b'"sent"' in spool.read_bytes()

    async def look() -> bool:
        return await asyncio.to_thread(is_noted)

    await eventually(look, "noting what was shown")


async def test_killed_after_the_question_nothing_is_done_and_it_is_void(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        async with without_database(place):
            question = await place.ask_to_close()
            await until_noted(place)
            await gateway.kill()
        async with all_carried(place) as database:
            await place.desk.sees("I was restarted before “close SOL-1” was confirmed", on=question)
            assert (await close_row(database))["state"] == "expired"
    assert await place.holds("SOL-1")


async def test_killed_while_it_runs_it_is_settled_by_asking_the_bot(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        async with without_database(place):
            question = await place.ask_to_close()
            place.way.what = What.ANSWERS
            await place.confirm(question)
            await place.way.held.wait()
            await gateway.kill()
        async with all_carried(place) as database:
            told = await place.desk.sees(TOLD)
            assert "SOL-1 closed" in told.text
            row = await close_row(database)
            assert (row["state"], row["outcome"]) == ("finished", "done")
            assert await steps_of(database, "close") == WHOLE_CLOSE
    assert await place.closings("SOL-1") == 1


async def test_killed_after_its_end_the_log_has_all_of_it_and_nobody_is_told_twice(place: Place) -> None:
    async with place.desk.gateway() as gateway:
        async with without_database(place):
            question = await place.ask_to_close()
            await place.confirm(question)
            await place.desk.sees("✓ SOL-1 closed", on=question)
            await gateway.kill()
        async with all_carried(place) as database:
            await place.desk.hears_after("/whoami", "ada")
            assert await steps_of(database, "close") == WHOLE_CLOSE
            assert [row["word"] for row in await log_of(database)] == ["close", "whoami"]
    assert await place.closings("SOL-1") == 1
