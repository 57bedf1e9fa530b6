"""One desk a database."""

import pytest

from chatops.storage.claim import claim
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseInUse


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
