"""`quarterdeck history` beside a desk: a session put in from a file, listed, replayed, and written to another file."""

import json
from pathlib import Path

import pytest

from chatops.storage.database import Database
from tests.chatops.replay.recording import file_of, recorded
from tests.faults.program import outcome


@pytest.fixture
def settings(database: Database, database_url: str, folder: Path) -> str:
    """Of a desk whose database is there."""
    path = folder / "quarterdeck.toml"
    path.write_text(f'[database]\nurl = "{database_url}"\n')
    return str(path)


async def test_a_session_of_a_file_is_imported_once_listed_replayed_and_exported(folder: Path, settings: str) -> None:
    snapshots = recorded(4)
    file = file_of(folder / "session.jsonl", snapshots)
    code, said = await outcome("history", "import", str(file), "-c", settings)
    assert (code, "It has 4 snapshots, 0 events" in said) == (0, True), said
    code, said = await outcome("history", "import", str(file), "-c", settings)
    assert (code, said) == (0, "This session is stored already; nothing was imported.\n"), said
    code, said = await outcome("history", "list", "-c", settings)
    assert (code, said.split()[:4]) == (0, [str(snapshots[0].session_id), "alpha", "paper", "paper"]), said
    code, said = await outcome("replay", "alpha", "--listen", f"unix:{folder}/r.sock", "--speed", "1e6", "-c", settings)
    assert (code, "12:00:00 to 2026-03-14 12:01:30 UTC (1 min 30 s), 4 snapshots" in said) == (0, True), said
    again = folder / "again.jsonl"
    code, said = await outcome("history", "export", "alpha", str(again), "-c", settings)
    assert (code, facts_of(again)) == (0, facts_of(file)), said


def facts_of(file: Path) -> list[object]:
    """All but the head and the end."""
    return [json.loads(line) for line in file.read_bytes().splitlines()[1:-1]]


async def test_a_session_that_is_not_there_is_said_to_be_none(folder: Path, settings: str) -> None:
    code, said = await outcome("history", "export", "beta", str(folder / "a.jsonl"), "-c", settings)
    assert (code, "Which session? There is no 'beta'." in said) == (1, True), said
    assert not (folder / "a.jsonl").exists()


async def test_a_file_that_cannot_be_written_is_named(folder: Path, settings: str) -> None:
    code, said = await outcome("history", "import", str(file_of(folder / "s.jsonl", recorded(2))), "-c", settings)
    assert code == 0, said
    nowhere = folder / "nowhere" / "a.jsonl"
    code, said = await outcome("history", "export", "alpha", str(nowhere), "-c", settings)
    assert (code, said) == (1, f"There is no folder {nowhere.parent}. Make it, or name another place.\n")
