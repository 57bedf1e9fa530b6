"""A backup of a database, and what comes of it in another: the same, or nothing."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from chatops.guard.verifying import Broken, Whole
from chatops.money.facts import Booking
from chatops.storage.backup import back_up
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseTooNew, DatabaseTooOld
from chatops.storage.history import PostgresHistory
from chatops.storage.ledger import PostgresLedger
from chatops.storage.placed import AlreadyThere
from chatops.storage.programs import ProgramFailed, programs_for, reach
from chatops.storage.record import verify_record
from chatops.storage.restoring import NotABackup, NotEmpty, restore, revision_in
from tests.chatops.storage.asking import Sequence
from tests.chatops.storage.history.telling import EXACT, NOON, SOL, batch, everything

TABLES = """
SELECT c.oid::regclass::text FROM pg_class AS c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1
"""


@pytest_asyncio.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    """A database without a table in it."""
    async with Database.open(empty_url) as database:
        yield database


async def use(database: Database) -> None:
    """Somebody asked, pressed, and was answered."""
    ledger = PostgresLedger(database, uuid.uuid4())
    sequence = Sequence()
    question = sequence.question()
    for entry in (question.entry, sequence.confirmed(question), sequence.finished(question)):
        await ledger.record(entry)


async def rows_of(database: Database) -> dict[str, list[str]]:
    """All that stands in all tables, as text."""
    found = {}
    for (table,) in await database.fetch(TABLES):
        rows = await database.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1")
        found[table] = [row[0] for row in rows]
    return found


async def test_what_is_restored_is_what_was_there_and_its_chain_verifies(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    await use(database)
    # It lies in partitions.
    assert await PostgresHistory(database).keep([everything()]) == frozenset()
    done = await back_up(database, tmp_path / "a.backup")
    await restore(tmp_path / "a.backup", empty)
    await empty.expect_newest()
    assert await rows_of(empty) == await rows_of(database)
    found = await verify_record(empty)
    assert isinstance(found, Whole)
    assert (found.steps, found.asks, found.head) == (5, 1, done.head)
    # It goes on from there, and what was refused is refused.
    await use(empty)
    assert isinstance(await verify_record(empty), Whole)
    assert (
        await PostgresHistory(empty).keep([batch(2, bookings=(Booking(NOON + timedelta(days=90), SOL, EXACT),))])
        == frozenset()
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever appended"):
        await empty.execute("DELETE FROM command_events")


async def test_the_head_that_is_stated_is_that_of_the_file_whoever_asks_meanwhile(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    await use(database)
    copying = asyncio.create_task(back_up(database, tmp_path / "a.backup"))
    while not copying.done():
        await use(database)
    await restore(tmp_path / "a.backup", empty)
    found = await verify_record(empty)
    assert isinstance(found, Whole)
    assert found.head == (await copying).head


async def test_a_change_of_the_record_is_found_after_restoring(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    await use(database)
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE command_log SET principal = 'eve'")
    await back_up(database, tmp_path / "a.backup")
    await restore(tmp_path / "a.backup", empty)
    assert isinstance(await verify_record(empty), Broken)


async def test_a_backup_from_before_an_update_is_restored_as_it_was_and_then_migrated(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    await use(database)
    await database.execute("DROP FUNCTION mark_samples, mark_bookings, mark_funding_payments, mark_trades CASCADE")
    await database.execute("DROP TABLE history_hours")
    await database.execute("UPDATE alembic_version SET version_num = '0017'")
    assert (await back_up(database, tmp_path / "a.backup")).revision == "0017"
    assert await revision_in(tmp_path / "a.backup") == "0017"
    await restore(tmp_path / "a.backup", empty)
    with pytest.raises(DatabaseTooOld):
        await empty.expect_newest()
    await empty.migrate()
    await empty.expect_newest()
    assert isinstance(await verify_record(empty), Whole)


async def test_nothing_is_put_over_what_is_there(database: Database, tmp_path: Path) -> None:
    await use(database)
    await back_up(database, tmp_path / "a.backup")
    before = await rows_of(database)
    with pytest.raises(NotEmpty, match="it has alembic_version"):
        await restore(tmp_path / "a.backup", database)
    assert await rows_of(database) == before


async def test_half_a_backup_leaves_the_database_empty(database: Database, empty: Database, tmp_path: Path) -> None:
    await use(database)
    file = tmp_path / "a.backup"
    done = await back_up(database, file)
    (tmp_path / "half.backup").write_bytes(file.read_bytes()[: done.size * 9 // 10])
    with pytest.raises(NotABackup, match=r"cannot be read to its end|is no backup"):
        await restore(tmp_path / "half.backup", empty)
    assert await empty.fetch(TABLES) == []
    # And what is whole still goes in.
    await restore(file, empty)


async def test_a_database_that_refuses_in_the_middle_stays_empty(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    await use(database)
    await back_up(database, tmp_path / "a.backup")
    # No relation is in the way, but the type of the rows of one of the last.
    await empty.execute("CREATE TYPE transfers AS ENUM ('in the way')")
    with pytest.raises(ProgramFailed, match='type "transfers" already exists'):
        await restore(tmp_path / "a.backup", empty)
    assert await empty.fetch(TABLES) == []


async def test_a_backup_of_a_newer_program_is_left_to_that(database: Database, tmp_path: Path) -> None:
    await database.execute("UPDATE alembic_version SET version_num = '9999'")
    await back_up(database, tmp_path / "a.backup")
    with pytest.raises(DatabaseTooNew, match="revision 9999"):
        await revision_in(tmp_path / "a.backup")


async def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("SELECT 1;\n" * 1_000)
    with pytest.raises(NotABackup, match=r"notes\.txt is no backup"):
        await revision_in(tmp_path / "notes.txt")


async def test_a_backup_is_for_its_owner_alone_and_takes_no_other_files_place(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    # Of one that was killed, or laid there by somebody who would like to read it.
    (tmp_path / "a.backup.part").write_text("half")
    (tmp_path / "a.backup.part").chmod(0o644)
    await back_up(database, file)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(AlreadyThere, match="--force"):
        await back_up(database, file)
    await back_up(database, file, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.backup"]  # noqa: ASYNC240 - nobody waits


async def test_of_an_empty_database_there_is_nothing_to_copy(empty: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseTooOld):
        await back_up(empty, tmp_path / "a.backup")
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - nobody waits


async def test_the_programs_are_the_oldest_that_know_the_server() -> None:
    assert (await programs_for(18)).major == 18


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:s%40fe@db:5433/desk?sslmode=require",
        "postgresql://ada@db:5433/desk?password=s%40fe&sslmode=require",
    ],
)
def test_a_password_stands_where_other_users_of_the_machine_cannot_read_it(url: str) -> None:
    shown, environment = reach(url)
    assert shown == "postgresql://ada@db:5433/desk?sslmode=require"
    assert environment["PGPASSWORD"] == "s@fe"
