"""The record of a database written to files: what is on record at one moment, all of it or the newest part."""

import tracemalloc
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatops.guard.audit import GENESIS, Asked, Step, StepName
from chatops.guard.verifying import BEGINNING, Broken, Head, Whole
from chatops.ids import uuid7
from chatops.ledger import Entry
from chatops.storage.database import Database
from chatops.storage.entry_rows import step_row_of
from chatops.storage.export_files import ExportFormat
from chatops.storage.exported import verify_export
from chatops.storage.exporting import BrokenRecord, export_record
from chatops.storage.ledger import PostgresLedger
from chatops.storage.record import verify_record

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
FORMATS = tuple(ExportFormat)


async def ask(database: Database, at: datetime, *, ended_at: datetime | None = None) -> None:
    """Somebody asked, and it ended then."""
    asked = Asked(
        uuid7(),
        at,
        "telegram",
        "ada",
        "telegram:1",
        "7",
        "alpha",
        "close",
        {"position": "=SOL", "percent": 12.5},
        "reduces",
        "abc",
    )
    ledger = PostgresLedger(database, uuid.uuid4())
    await ledger.record(Entry((Step(asked.id, at, StepName.RECEIVED, "ada", asked.facts()),), asked=asked))
    said = {"outcome": "done", "answer": "SOL-1 closed: “+4.25”\nUSD", "latency_ms": 1.5}
    await ledger.record(Entry((Step(asked.id, ended_at or at, StepName.FINISHED, "ada", said),)))


@pytest.mark.parametrize("form", FORMATS)
async def test_an_export_is_the_record_of_one_moment(database: Database, tmp_path: Path, form: ExportFormat) -> None:
    for day in range(3):
        await ask(database, AT + timedelta(days=day))
    done = await export_record(database, tmp_path / "export", form, at=AT)
    found = await verify_export(tmp_path / "export")
    assert found == await verify_record(database) == Whole(6, 3, done.head)
    assert isinstance(found, Whole)
    assert (done.steps, done.asks, done.begins, done.head) == (6, 3, BEGINNING, found.head)


@pytest.mark.parametrize("form", FORMATS)
async def test_of_a_part_the_link_before_it_is_stated(database: Database, tmp_path: Path, form: ExportFormat) -> None:
    await ask(database, AT)
    # Asked before it, and answered in it.
    await ask(database, AT + timedelta(days=1), ended_at=AT + timedelta(days=2))
    await ask(database, AT + timedelta(days=3))
    since = AT + timedelta(days=1, hours=1)
    done = await export_record(database, tmp_path / "part", form, at=AT, since=since)
    assert (done.steps, done.asks) == (3, 2)
    assert done.begins.hash == await database.fetchval("SELECT hash FROM command_events WHERE seq = 3")
    found = await verify_export(tmp_path / "part")
    assert found == Whole(3, 2, done.head, Head(3, done.begins.hash), earlier=1)


async def test_a_part_in_which_nothing_happened_is_empty_and_a_part_of_all_is_all(
    database: Database, tmp_path: Path
) -> None:
    await ask(database, AT)
    later = await export_record(database, tmp_path / "a", ExportFormat.JSON, at=AT, since=AT + timedelta(days=9))
    assert (later.steps, later.asks, later.begins) == (0, 0, later.head)
    assert isinstance(await verify_export(tmp_path / "a"), Whole)
    whole = await export_record(database, tmp_path / "b", ExportFormat.JSON, at=AT, since=AT)
    assert (whole.steps, whole.asks, whole.begins) == (2, 1, Head(0, GENESIS))


@pytest.mark.parametrize("form", FORMATS)
async def test_a_change_of_the_database_is_found_in_its_export(
    database: Database, tmp_path: Path, form: ExportFormat
) -> None:
    await ask(database, AT)
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE command_log SET principal = 'eve'")
    await export_record(database, tmp_path / "export", form, at=AT)
    found = await verify_export(tmp_path / "export")
    assert isinstance(found, Broken)
    assert "principal is 'eve', the steps say 'ada'" in found.why


async def test_a_row_that_nothing_of_ours_can_have_written_is_not_exported(database: Database, tmp_path: Path) -> None:
    await ask(database, AT)
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE command_events SET step = 'nonsense' WHERE seq = 2")
    with pytest.raises(BrokenRecord, match="command_events seq 2"):
        await export_record(database, tmp_path / "export", ExportFormat.JSON, at=AT)
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - nobody waits


async def test_a_long_record_needs_no_more_memory_than_a_short_one(database: Database, tmp_path: Path) -> None:
    await many_steps(database, 12_000)
    tracemalloc.start()
    try:
        await export_record(database, tmp_path / "export", ExportFormat.JSON, at=AT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "export").stat().st_size > 4_000_000
    assert peak < 6_000_000


_LOG = """
INSERT INTO command_log (id, at, platform, principal, sender_id, room, bot, word, arguments, state, outcome)
SELECT r.id, r.at, r.platform, r.principal, r.sender_id, r.room, r.bot, r.word, r.arguments, 'finished', 'done'
FROM jsonb_to_recordset($1) AS r (
    id uuid, at timestamptz, platform text, principal text, sender_id text, room text, bot text, word text,
    arguments jsonb)
"""


async def many_steps(database: Database, many: int) -> None:
    """So many steps, of two an ask, in few calls."""
    for _ in range(many // 2_000):
        asked = [
            Asked(uuid7(), AT, "telegram", "ada", "telegram:1", "7", "alpha", "status", {"n": number}, None)
            for number in range(1_000)
        ]
        steps = [
            step
            for one in asked
            for step in (
                Step(one.id, AT, StepName.RECEIVED, "ada", one.facts()),
                Step(one.id, AT, StepName.FINISHED, "ada", {"outcome": "done"}),
            )
        ]
        await database.execute(_LOG, [{"id": str(one.id), **one.facts()} for one in asked])
        await database.execute("SELECT append_command_events($1)", [step_row_of(step) for step in steps])
