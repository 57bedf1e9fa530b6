"""What one test does to its database, the next does not find."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from chatops.storage.database import Database
from tests.databases import Databases, connected

HEARD = "SELECT count(*) FROM inbox"
HEAR = """
INSERT INTO inbox (platform, update_id, payload, command_id) VALUES ('memory', '1', '{}', gen_random_uuid())
RETURNING id
"""
ASK = """
INSERT INTO command_log (id, at, platform, sender_id, room, word, state)
VALUES (gen_random_uuid(), now(), 'memory', '1', 'ops', 'close', 'received')
"""


@pytest.fixture
async def lent(postgres_url: str, template: str) -> AsyncIterator[tuple[Databases, str]]:
    """A database, and who has lent it and nothing else."""
    databases = Databases(postgres_url, template)
    url = await databases.lend()
    yield databases, url
    await databases.take_back(url)


async def _rows(url: str) -> dict[str, list[str]]:
    async with connected(url) as connection:
        names = [r[0] for r in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {
            name: [row[0] for row in await connection.fetch(f"SELECT t::text FROM {name} t ORDER BY 1")]
            for name in names
        }


async def test_a_database_comes_back_as_it_was(lent: tuple[Databases, str]) -> None:
    databases, url = lent
    new = await _rows(url)
    async with connected(url) as connection:
        assert await connection.fetchval(HEAR) == 1
        await connection.execute("UPDATE command_chain SET seq = 7")
        await connection.execute("INSERT INTO people (name, role, created_by) VALUES ('ada', 'admin', 'bob')")
        assert await _rows(url) != new

    await databases.take_back(url)

    assert await databases.lend() == url
    assert await _rows(url) == new
    async with connected(url) as connection:
        assert await connection.fetchval(HEAR) == 1


async def test_rows_that_may_not_be_deleted_are_gone_too(lent: tuple[Databases, str]) -> None:
    databases, url = lent
    async with connected(url) as connection:
        await connection.execute(ASK)
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute("DELETE FROM command_log")

    await databases.take_back(url)

    assert await databases.lend() == url
    assert (await _rows(url))["command_log"] == []


async def test_whoever_is_still_connected_is_sent_away(lent: tuple[Databases, str]) -> None:
    databases, url = lent
    async with connected(url) as left:
        await left.execute(f"BEGIN; {HEAR}")

        await databases.take_back(url)

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await left.execute("SELECT 1")
        assert await databases.lend() == url


@pytest.mark.parametrize(
    "altered",
    [
        "ALTER TABLE inbox ADD COLUMN more text",
        "DROP TABLE presses",
        "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE inbox DISABLE TRIGGER ALL",
        "BEGIN; CREATE TABLE more (); ROLLBACK",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database()); END $$",
    ],
)
async def test_a_database_that_was_altered_is_nobody_elses(lent: tuple[Databases, str], altered: str) -> None:
    databases, url = lent
    async with connected(url) as connection:
        await connection.execute(altered)

    await databases.take_back(url)

    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)


async def test_nor_is_one_that_lets_nobody_in(lent: tuple[Databases, str], postgres_url: str) -> None:
    databases, url = lent
    async with connected(postgres_url) as connection:
        await connection.execute(f"ALTER DATABASE {urlsplit(url).path[1:]} ALLOW_CONNECTIONS false")

    await databases.take_back(url)

    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)


async def test_two_tests_at_once_have_two(lent: tuple[Databases, str]) -> None:
    databases, url = lent
    other = await databases.lend()
    async with Database.open(url) as here, Database.open(other) as there:
        await here.execute(HEAR)
        assert await there.fetchval(HEARD) == 0
    await databases.take_back(other)


async def test_a_partition_that_a_test_made_stays_and_what_it_put_there_does_not(lent: tuple[Databases, str]) -> None:
    databases, url = lent
    async with connected(url) as connection:
        await connection.execute("SELECT make_history_partition('samples', '2026-03-14')")
        await connection.execute("SELECT make_history_partition('bookings', '2026-03-14')")
        await connection.execute("INSERT INTO bookings VALUES ('alpha', '', '', '', '', '', '2026-03-14 12:00Z', 1, 0)")

    await databases.take_back(url)

    assert await databases.lend() == url
    assert (await _rows(url))["bookings_2026_03"] == []
