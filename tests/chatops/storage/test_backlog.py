"""What waits for the database goes there in its order, whatever tears the file or breaks the disk."""

import asyncio
import errno
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chatops.storage.backlog import Backlog
from chatops.storage.errors import DatabaseAway, DiskRefuses


class Table:
    """Where rows are carried to."""

    def __init__(self) -> None:
        self.rows: list[object] = []
        self.refuses: object = None
        self.is_away = False

    async def write(self, row: Mapping[str, Any]) -> bool:
        await asyncio.sleep(0)
        if self.is_away:
            raise DatabaseAway("away")
        if row["n"] == self.refuses:
            return False
        self.rows.append(row["n"])
        return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk" / "backlog"


@pytest.fixture
def table() -> Table:
    return Table()


def away(path: Path) -> Backlog:
    backlog = Backlog(path)
    backlog.lost("gone")
    return backlog


def written(path: Path) -> bytes:
    return path.read_bytes()


async def test_it_is_here_from_the_first_where_nothing_was_left(path: Path) -> None:
    assert Backlog(path).is_here


async def test_who_wants_to_know_is_told_once_that_it_went_away(path: Path) -> None:
    told: list[str] = []
    backlog = Backlog(path)
    backlog.when_lost(lambda: told.append("lost"))
    backlog.lost("gone")
    backlog.lost("gone")
    assert (backlog.is_here, told) == (False, ["lost"])


async def test_what_waits_is_carried_in_its_order_and_then_it_is_here(path: Path, table: Table) -> None:
    backlog = away(path)
    await asyncio.gather(*(backlog.add({"n": n}) for n in range(50)))
    assert backlog.count == 50
    await backlog.carry(table.write)
    assert (table.rows, backlog.is_here, backlog.count) == (list(range(50)), True, 0)
    assert written(path) == b""


async def test_the_next_run_carries_what_the_last_one_left(path: Path, table: Table) -> None:
    dead = away(path)
    for n in range(3):
        await dead.add({"n": n})
    backlog = Backlog(path)
    assert not backlog.is_here
    await backlog.add({"n": 3})
    await backlog.carry(table.write)
    assert list(dict.fromkeys(table.rows)) == [0, 1, 2, 3]
    assert backlog.is_here


async def test_what_comes_while_the_rest_is_carried_stands_behind_it(path: Path, table: Table) -> None:
    backlog = away(path)
    for n in range(20):
        await backlog.add({"n": n})

    async def come() -> None:
        for n in range(20, 40):
            await backlog.add({"n": n})
            assert backlog.is_here or backlog.count

    coming = asyncio.create_task(come())
    await backlog.carry(table.write)
    await coming
    backlog.lost("again")
    await backlog.carry(table.write)
    assert table.rows == list(range(40))
    assert written(path) == b""


async def test_a_database_that_goes_away_again_leaves_the_rest_on_disk(path: Path, table: Table) -> None:
    backlog = away(path)
    await backlog.add({"n": 0})
    table.is_away = True
    with pytest.raises(DatabaseAway):
        await backlog.carry(table.write)
    assert not backlog.is_here
    await Backlog(path).carry((again := Table()).write)
    assert again.rows == [0]


async def test_what_the_database_refuses_for_ever_is_kept_beside_and_stops_no_others(
    path: Path, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    backlog = away(path)
    for row in ({"n": 0}, {"n": 1}, {"odd": 1}, {"n": 2}):
        await backlog.add(row)
    table.refuses = 1
    with caplog.at_level(logging.ERROR):
        await backlog.carry(table.write)
    assert table.rows == [0, 2]
    assert path.with_name("backlog.bad").read_bytes() == b'{"n":1}\n{"odd":1}\n'
    assert "kept in backlog.bad" in caplog.text


async def test_lines_that_are_no_rows_are_kept_beside_and_a_torn_one_is_left_out(path: Path, table: Table) -> None:
    await away(path).add({"n": 0})
    with path.open("ab") as file:
        file.write(b'nonsense\n[7]\n{"n": 1}\n{"n": 2')
    await Backlog(path).carry(table.write)
    assert table.rows == [0, 1]
    assert path.with_name("backlog.bad").read_bytes() == b"nonsense\n[7]\n"


async def test_a_full_disk_refuses_and_keeps_no_trace_of_what_it_refused(path: Path, table: Table) -> None:
    full = [False]

    def sync(file: int) -> None:
        if full[0]:
            raise OSError(errno.ENOSPC, "no space left on device")

    backlog = Backlog(path, sync)
    backlog.lost("gone")
    await backlog.add({"n": 0})
    full[0] = True
    with pytest.raises(DiskRefuses, match="no space left on device"):
        await backlog.add({"n": 1})
    await backlog.add({"n": 2}, anyhow=True)
    full[0] = False
    await backlog.add({"n": 3})
    await Backlog(path).carry((on_disk := Table()).write)
    await backlog.carry(table.write)
    assert (on_disk.rows, table.rows) == ([0, 3], [0, 2, 3])


async def test_who_is_cancelled_while_it_is_written_leaves_a_row_that_is_carried(path: Path, table: Table) -> None:
    backlog = away(path)
    for n in range(10):
        adding = asyncio.create_task(backlog.add({"n": n, "long": "x" * 50_000}))
        await asyncio.sleep(0)
        adding.cancel()
        await asyncio.gather(adding, return_exceptions=True)
    await backlog.add({"n": 10})
    lines = [line for line in written(path).splitlines() if line]
    await backlog.carry(table.write)
    assert table.rows[-1] == 10
    assert len(table.rows) >= len(lines)
