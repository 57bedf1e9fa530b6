"""A session written to a file, and put back from it: the same to the last digit, all of it or nothing, and once."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from chatops.history.rows import Kept, Why
from chatops.history.walking import span_of, walked
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from chatops.storage.placed import AlreadyThere
from chatops.storage.sessions.file import NotASession, read_session, write_session
from chatops.storage.sessions.importing import Overlaps, import_session
from chatops.storage.sessions.lines import Line, Opening, line_of, said_in
from chatops.storage.sessions.meant import NoSuchSession, Sessions
from tests.chatops.storage.history.telling import MINUTE, NOON, RUN, SECOND, batch, everything, snapshot
from tests.databases import Databases

TABLES = ("sessions", "events", "trades", "bookings", "funding_payments", "transfers", "samples", "gaps")


@pytest_asyncio.fixture
async def other(databases: Databases) -> AsyncIterator[Database]:
    """Another desk's database."""
    url = await databases.lend()
    async with Database.open(url) as database:
        yield database
    await databases.take_back(url)


async def stored(database: Database) -> dict[str, list[str]]:
    """All rows of the tables of history, as text."""
    kept = await PostgresHistory(database).kept(session_id=RUN)
    return {"snapshots": [repr(one) for one in kept]} | {
        table: [row[0] for row in await database.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1")]
        for table in TABLES
    }


async def written(database: Database, path: Path) -> Path:
    """The file of the only session."""
    run = (await Sessions.read(PostgresHistory(database))).meant("alpha")
    await write_session(database, run, path, at=NOON)
    return path


def changed(path: Path, number: int, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a line, and have the end say that all is well."""
    lines = path.read_bytes().splitlines(keepends=True)[:-1]
    said = json.loads(lines[number - 1])
    change(said)
    lines[number - 1] = json.dumps(said).encode() + b"\n"
    end = {"kind": "end", "lines": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    path.write_bytes(b"".join(lines) + json.dumps(end).encode() + b"\n")


async def test_what_is_imported_is_what_was_exported_to_the_last_digit_and_once(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await PostgresHistory(database).keep([replace(everything(), gaps=())])
    path = await written(database, tmp_path / "a.jsonl")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(AlreadyThere, match="--force"):
        await written(database, path)
    done = await import_session(other, path)
    assert done is not None
    assert (done.counts["Kept"], done.counts["FundingPayment"]) == (2, 2)
    assert await stored(other) == await stored(database)
    # Nobody goes on from it: a bot that is recorded here has a head of its own.
    assert await PostgresHistory(other).heads(["alpha"]) == {}
    # Twice it is there once, and so it is where it was recorded.
    assert await import_session(other, path) is None
    assert await import_session(database, path) is None
    assert await stored(other) == await stored(database)


async def test_of_a_time_that_another_session_covers_nothing_is_imported(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await PostgresHistory(database).keep([everything()])
    path = await written(database, tmp_path / "a.jsonl")
    mine = everything()
    (run,) = mine.runs
    await PostgresHistory(other).keep([replace(mine, runs=(replace(run, session_id=UUID(int=8)),))])
    before = await stored(other)
    with pytest.raises(Overlaps, match="count twice"):
        await import_session(other, path)
    assert await stored(other) == before


async def test_of_a_time_that_the_bots_own_record_told_of_nothing_is_imported(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await PostgresHistory(database).keep([everything()])
    path = await written(database, tmp_path / "a.jsonl")
    take = "INSERT INTO elsewhere VALUES ('alpha', 'bot.db', $1, $1, 1, 1, 1)"
    await other.execute(take, NOON + MINUTE)
    with pytest.raises(Overlaps, match="taken over from its own record until 2026-03-14 12:01:00 UTC"):
        await import_session(other, path)
    assert all(rows == [] for rows in (await stored(other)).values())
    # What it told of had ended when this began.
    await other.execute("UPDATE elsewhere SET until = $1", everything().runs[0].started_at)
    assert await import_session(other, path) is not None


async def test_what_is_not_understood_is_refused_by_its_line_and_nothing_is_imported(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await PostgresHistory(database).keep([everything()])
    path = await written(database, tmp_path / "a.jsonl")
    whole = path.read_bytes()
    refused: tuple[tuple[int, Callable[[dict[str, Any]], object], str], ...] = (
        (1, lambda said: said.update(version=2), "line 1: it is of version 2"),
        (2, lambda said: said.update(bot="beta"), "line 2: it is not of the session"),
        (3, lambda said: said.update(why="whim"), "line 3: why is 'whim'"),
        (4, lambda said: said["snapshot"].pop("portfolio"), "line 4: portfolio"),
        (5, lambda said: said.update(kind="rumour"), "line 5: it is of the kind 'rumour'"),
        (6, lambda said: said["legs"][0].update(colour="red"), "line 6: trade.legs has no 'colour'"),
        (7, lambda said: said.update(realized="much"), "line 7: realized"),
    )
    for number, change, why in refused:
        path.write_bytes(whole)
        changed(path, number, change)
        with pytest.raises(NotASession, match=why):
            await import_session(other, path)
    assert all(rows == [] for rows in (await stored(other)).values())


async def test_a_file_that_was_cut_off_or_changed_is_refused_at_its_end(database: Database, tmp_path: Path) -> None:
    await PostgresHistory(database).keep([everything()])
    path = await written(database, tmp_path / "a.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(NotASession, match=f"line {len(lines) - 1}: it ends here"):
        list(read_session(path))
    path.write_bytes(b"".join([*lines[:-2], lines[-1]]))
    with pytest.raises(NotASession, match="was changed, or is not all"):
        list(read_session(path))
    path.write_bytes(b"")
    with pytest.raises(NotASession, match="line 0: it ends here"):
        list(read_session(path))


async def test_a_run_is_walked_whole_though_it_is_read_in_parts(database: Database) -> None:
    history = PostgresHistory(database)
    begun = everything()
    (run,) = begun.runs
    kept = tuple(
        # Two of one moment.
        Kept(Why.REGULAR, snapshot(seq, at=NOON + (seq // 2) * SECOND))
        for seq in range(1, 24)
    )
    await history.keep([batch(runs=(replace(run, seen_at=NOON + MINUTE),), kept=kept)])
    (stored_run,) = await history.runs(["alpha"])
    found = [one async for one in walked(history, RUN, span_of(stored_run), at_once=5)]
    assert found == list(kept)


def test_a_session_is_meant_by_what_its_id_begins_with_or_by_its_bot() -> None:
    (run,) = everything().runs
    before = replace(run, session_id=UUID("00000000-0000-4000-0000-000000000006"))
    sessions = Sessions((run, before))
    assert sessions.meant("alpha") == run
    assert sessions.meant("00000000-0000-4") == before
    with pytest.raises(NoSuchSession, match="2 sessions begin with '0000'"):
        sessions.meant("0000")
    with pytest.raises(NoSuchSession, match="There is no 'beta'"):
        sessions.meant("beta")
    with pytest.raises(NoSuchSession, match="There is no bot '000', and of an id at least 4 characters are needed"):
        sessions.meant("000")


def test_a_line_says_what_it_was_made_of() -> None:
    told = everything()
    money: tuple[Line, ...] = (*told.trades, *told.bookings, *told.payments, *told.transfers, *told.samples)
    rest: tuple[Line, ...] = (Opening(1, "alpha", RUN, NOON), *told.runs, *told.kept, *told.happened, *told.gaps)
    for said in (*rest, *money):
        line = line_of(said)
        assert line.count(b"\n") == 1
        assert said_in(line) == said
