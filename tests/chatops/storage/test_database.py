"""The database answers, says when it cannot, and gets its shape once whoever asks for it."""

import asyncio
import hashlib
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import asyncpg
import pytest

from chatops.storage import database as opened
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway, DatabaseTooNew
from chatops.storage.migration import revisions

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ZEROS = "0" * 64


async def test_an_empty_database_gets_the_newest_shape(empty_url: str) -> None:
    async with Database.open(empty_url) as database:
        await database.migrate()
        tables = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    assert {row["tablename"] for row in tables} >= {
        "command_chain",
        "command_events",
        "command_log",
        "deliveries",
        "delivery_chats",
        "desk",
        "inbox",
        "moved_chats",
        "presses",
    }


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await database.execute("INSERT INTO desk (key, value) VALUES ('claimed', $1)", True)
    await database.migrate()
    assert await database.fetchval("SELECT value FROM desk WHERE key = 'claimed'") is True


async def test_several_programs_may_migrate_at_once(empty_url: str) -> None:
    async with Database.open(empty_url) as first, Database.open(empty_url) as second:
        await asyncio.gather(first.migrate(), second.migrate(), second.migrate())
        assert await first.fetchval("SELECT version_num FROM alembic_version") == revisions()[-1]


async def test_the_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    await database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew, match=r"revision 9999.*newer Quarterdeck.*backup"):
        await database.migrate()


async def test_json_comes_back_as_it_went_in(database: Database) -> None:
    value = {"size": Decimal("0.10"), "name": "Größe", "none": None, "list": [1, {"a": True}]}
    await database.execute("INSERT INTO desk (key, value) VALUES ('it', $1)", value)
    assert await database.fetchval("SELECT value FROM desk") == {**value, "size": 0.1}
    assert await database.fetchval("SELECT value ->> 'size' FROM desk") == "0.10"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\x00b", "a�b"),
        ("a\\u0000b", "a\\u0000b"),
        ("a\\\x00b", "a\\�b"),
        ("half \ud83d", "half ?"),
    ],
)
async def test_no_text_of_a_stranger_is_unwritable(database: Database, sent: str, kept: str) -> None:
    await database.execute("INSERT INTO desk (key, value) VALUES ('text', $1)", {"text": sent})
    assert await database.fetchval("SELECT value ->> 'text' FROM desk") == kept


async def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    async def insert_twice() -> None:
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO desk (key, value) VALUES ('one', '1')")
            await connection.execute("INSERT INTO desk (key, value) VALUES ('one', '2')")

    with pytest.raises(asyncpg.UniqueViolationError):
        await insert_twice()
    assert await database.fetchval("SELECT count(*) FROM desk") == 0


async def test_a_transaction_left_open_by_hand_is_not_handed_on(database: Database) -> None:
    async with database.acquire() as connection:
        await connection.execute("BEGIN")
        await connection.execute("INSERT INTO desk (key, value) VALUES ('one', '1')")
    assert await database.fetchval("SELECT count(*) FROM desk") == 0


async def test_a_database_that_is_not_there_is_said_to_be_away(postgres_url: str) -> None:
    nowhere = "postgresql://quarterdeck@/postgres?host=/nowhere"
    missing = postgres_url.replace("/postgres?", "/missing?")
    for url in (nowhere, missing):
        with pytest.raises(DatabaseAway, match=r"database\.url"):
            async with Database.open(url):
                pass


async def test_a_connection_lost_on_the_way_is_said_so_and_the_next_one_works(
    database: Database,
) -> None:
    with pytest.raises(DatabaseAway):
        await database.fetchval("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await database.fetchval("SELECT 1") == 1


async def test_a_connection_lost_in_a_transaction_is_said_so(database: Database) -> None:
    async def lose_it() -> None:
        async with database.transaction() as mine:
            await database.execute("SELECT pg_terminate_backend($1)", mine.get_server_pid())
            await mine.execute("SELECT 1")

    with pytest.raises(DatabaseAway):
        await lose_it()
    assert await database.fetchval("SELECT 1") == 1


async def test_a_connection_lost_while_nobody_used_it_is_replaced(database: Database) -> None:
    lost = await database.fetchval("SELECT pg_backend_pid()")
    async with database.acquire(), database.acquire() as other:
        await other.execute("SELECT pg_terminate_backend($1, 5000)", lost)
    with suppress(DatabaseAway):
        await database.fetchval("SELECT 1")
    pids = [await database.fetchval("SELECT pg_backend_pid()") for _ in range(3)]
    assert lost not in pids


async def test_what_is_kept_at_hand_keeps_nobody_waiting(database_url: str) -> None:
    async with Database.open(database_url, min_size=1, max_size=2) as database:
        async with database.acquire(), database.acquire():
            waiting = [asyncio.create_task(database.fetchval("SELECT 1")) for _ in range(6)]
            await asyncio.sleep(0)
        assert await asyncio.gather(*waiting) == [1] * 6


async def test_a_statement_that_was_given_up_spoils_none_after_it(database: Database) -> None:
    given_up = asyncio.create_task(database.fetchval("SELECT pg_sleep(60)"))
    asking = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"
    while not given_up.done() and not await database.fetchval(asking):
        pass
    given_up.cancel()
    await asyncio.wait([given_up])
    assert [await database.fetchval("SELECT $1::int", number) for number in range(5)] == list(range(5))


async def test_closing_waits_for_what_is_still_in_use(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with Database.open(database_url) as database:
        await database.fetchval("SELECT 1")
        late = asyncio.create_task(database.fetchval("SELECT pg_sleep(0.1)::text"))
        await asyncio.sleep(0)
    assert await late == ""
    assert [record.getMessage() for record in caplog.records if record.name == opened.__name__] == []


async def test_an_error_of_the_block_itself_stays_what_it_is(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.acquire():
            raise FileNotFoundError


async def test_an_update_is_taken_in_once(database: Database) -> None:
    take_in = (
        "INSERT INTO inbox (platform, update_id, payload, command_id) VALUES ('telegram', '7', "
        "'{}', $1) ON CONFLICT (platform, update_id) DO NOTHING"
    )
    assert await database.execute(take_in, uuid.uuid4()) == "INSERT 0 1"
    assert await database.execute(take_in, uuid.uuid4()) == "INSERT 0 0"


async def test_each_event_is_chained_to_the_one_before(database: Database) -> None:
    command_id = await a_command(database)
    last = await database.fetchval(
        "SELECT append_command_events($1)",
        [an_event(command_id, "received", '{"a":  1.50}'), an_event(command_id, "running", "{}")],
    )
    assert last == 2
    assert await database.fetchval("SELECT append_command_events($1)", [an_event(command_id, "finished", "{}")]) == 3
    events = await database.fetch("SELECT *, data::text AS text FROM command_events ORDER BY seq")
    first, second, third = (row["hash"] for row in events)
    assert [row["prev_hash"] for row in events] == [ZEROS, first, second]
    assert first == hashlib.sha256(f"{ZEROS}received ü".encode()).hexdigest()
    assert third == hashlib.sha256(f"{second}finished ü".encode()).hexdigest()
    assert events[0]["text"] == '{"a":  1.50}'
    assert events[0]["at"] == AT
    head = await database.fetchrow("SELECT seq, hash FROM command_chain")
    assert head is not None
    assert tuple(head) == (3, third)


async def test_events_appended_at_once_make_one_chain(database: Database) -> None:
    command_id = await a_command(database)
    await asyncio.gather(
        *(
            database.execute(
                "SELECT append_command_events($1)",
                [an_event(command_id, f"step {number}", "{}")] * 2,
            )
            for number in range(20)
        )
    )
    links = await database.fetch("SELECT prev_hash, hash FROM command_events ORDER BY seq")
    assert len(links) == 40
    assert [row["prev_hash"] for row in links] == [ZEROS, *(row["hash"] for row in links[:-1])]


@pytest.mark.parametrize(
    "rewriting",
    [
        "UPDATE command_events SET by = 'nobody'",
        "DELETE FROM command_events",
        "TRUNCATE command_events",
        "DELETE FROM command_log",
        "TRUNCATE command_log CASCADE",
        "DELETE FROM command_chain",
        "TRUNCATE command_chain",
    ],
)
async def test_the_log_cannot_be_rewritten(database: Database, rewriting: str) -> None:
    command_id = await a_command(database)
    await database.execute("SELECT append_command_events($1)", [an_event(command_id, "received", "{}")])
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever appended to"):
        await database.execute(rewriting)
    assert await database.fetchval("SELECT count(*) FROM command_events") == 1


async def a_command(database: Database) -> uuid.UUID:
    command_id = uuid.uuid4()
    await database.execute(
        "INSERT INTO command_log (id, at, platform, sender_id, room, word, state) "
        "VALUES ($1, $2, 'telegram', '1', '1', 'status', 'received')",
        command_id,
        AT,
    )
    return command_id


def an_event(command_id: uuid.UUID, step: str, data: str) -> dict[str, str]:
    return {
        "command_id": str(command_id),
        "at": AT.isoformat().replace("+00:00", "Z"),
        "step": step,
        "by": "ada",
        "data": data,
        "canonical": f"{step} ü",
    }


@pytest.mark.parametrize(
    "sqlstate",
    [
        "25006",  # It only reads: a standby, after a failover.
        "40001",
        "40P01",
        "53100",  # Its disk is full.
        "53200",
        "53300",
        "57014",
        "57P02",
        "58030",  # Its disk fails.
    ],
)
async def test_a_server_that_can_do_nothing_just_now_is_away(database: Database, sqlstate: str) -> None:
    with pytest.raises(DatabaseAway):
        await database.execute(f"DO $$ BEGIN RAISE 'no' USING ERRCODE = '{sqlstate}'; END $$")
    assert await database.fetchval("SELECT 1") == 1


async def test_a_server_that_only_reads_is_away(database: Database) -> None:
    async def write() -> None:
        async with database.transaction() as connection:
            await connection.execute("SET LOCAL transaction_read_only = on")
            await connection.execute("INSERT INTO desk (key, value) VALUES ('a', 'true')")

    with pytest.raises(DatabaseAway, match="read-only"):
        await write()
