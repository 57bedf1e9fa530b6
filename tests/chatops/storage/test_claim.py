"""One desk a database."""

import asyncio

import pytest

from chatops.storage.claim import claim
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseInUse

IS_CLAIMED = """
SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON oid = database
    WHERE locktype = 'advisory' AND datname = current_database())
"""


async def test_a_second_desk_on_one_database_is_refused(database: Database, database_url: str) -> None:
    async with claim(database), Database.open(database_url) as other:
        with pytest.raises(DatabaseInUse, match="Another desk uses this database"):
            async with claim(other, tries=2, between_s=0.001):
                pytest.fail("two desks have it")


async def test_it_is_free_again_when_the_first_has_gone(database: Database, database_url: str) -> None:
    async with claim(database):
        pass
    async with Database.open(database_url) as other, claim(other, tries=1):
        pass


async def test_a_desk_whose_connection_was_lost_closes_all_the_same(database: Database) -> None:
    async with claim(database):
        await database.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_it_is_taken_again_when_its_connection_was_lost(database: Database, database_url: str) -> None:
    news = Pause()
    async with claim(database, sleep=news), Database.open(database_url) as other:
        await cut_off(other)
        await news.reached.wait()
        news.over.set()
        async with asyncio.timeout(60):
            while not await other.fetchval(IS_CLAIMED):  # noqa: ASYNC110 - a lock of PostgreSQL sets no event
                await asyncio.sleep(0)
        with pytest.raises(DatabaseInUse, match="Another desk uses this database"):
            async with claim(other, tries=2, between_s=0.001):
                pytest.fail("two desks have it")


async def test_whoever_finds_it_taken_by_another_desk_after_that_has_to_stop(
    database: Database, database_url: str
) -> None:
    news = Pause()
    async with (
        claim(database, tries=2, between_s=0.001, sleep=news) as ours,
        Database.open(database_url) as other,
    ):
        await cut_off(other)
        await news.reached.wait()
        async with claim(other):
            news.over.set()
            async with asyncio.timeout(60):
                with pytest.raises(DatabaseInUse, match="Another desk took this database"):
                    await ours.lost()


class Pause:
    """A sleep that is over when the test says so."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.reached.set()
        await self.over.wait()


async def cut_off(by: Database) -> None:
    await by.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'quarterdeck claim'"
    )
