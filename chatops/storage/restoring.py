"""A backup put into an empty database: all of it or nothing."""

import re
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from chatops.storage.database import Database
from chatops.storage.errors import DatabaseTooNew, StorageError
from chatops.storage.migration import revisions
from chatops.storage.programs import ProgramFailed, Programs, complaint_of, newest_programs, program, reach

#: In one transaction each table and index is locked, and a long history has many: the embedded PostgreSQL is started
#: with room for them.
SERVER_SETTINGS = {"max_locks_per_transaction": "4096"}

#: Before the first thing is made the archive sets up its session.
_PREAMBLE = 40
#: PostgreSQL before 17 knows it not, and it says nothing that holds.
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout"
_AT_ONCE = 1 << 18

_FOUND = """
SELECT relname FROM pg_class AS c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY relname LIMIT 1
"""


class NotABackup(StorageError):
    """The file is not one that `quarterdeck db backup` made, or not whole."""


class NotEmpty(StorageError):
    """There is something in the database already."""


async def revision_in(file: Path) -> str:
    """The shape of the database in a backup. Raises `NotABackup`, `NoPrograms`, and `DatabaseTooNew`."""
    programs = await newest_programs()
    async with program(_reading(programs, file, "--data-only", "--table=alembic_version"), gives=PIPE) as reading:
        said, complaint = await reading.communicate()
    found = re.search(rb"^COPY public\.alembic_version .*\n(\w+)$", said, re.MULTILINE)
    if reading.returncode != 0 or found is None:
        why = " ".join(complaint.decode(errors="replace").split()) or "it holds no database of Quarterdeck"
        raise NotABackup(f"{file} is no backup: {why}")
    revision = found[1].decode()
    known = revisions()
    if revision not in known:
        raise DatabaseTooNew(
            f"The backup has revision {revision}; this program knows none after {known[-1]}. A newer Quarterdeck made "
            "it: restore it with that one."
        )
    return revision


async def restore(file: Path, database: Database) -> None:
    """Put the backup into the database, in the shape that it has there: it is migrated after that.

    Raises `NotEmpty`, `NotABackup`, `NoPrograms`: then nothing was done; and `ProgramFailed`.
    """
    there = await database.fetchval(_FOUND)
    if there is not None:
        raise NotEmpty(
            f"The database is not empty (it has {there}), and a backup takes the place of nothing. Name an empty one "
            "as database.url, or another desk.data_dir."
        )
    programs = await newest_programs()
    shown, environment = reach(database.url)
    asking = [
        *(programs.path("psql"), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"),
        *("--output=/dev/null", f"--dbname={shown}"),
    ]
    async with (
        program(_reading(programs, file), gives=PIPE) as reading,
        program(asking, environment, feeds=PIPE) as writing,
    ):
        is_told = await _pour(reading, writing)
        if is_told and (complaint := await _ended(reading)):
            # What came of it up to there is not committed: the block's end cuts the session off.
            raise NotABackup(f"{file} cannot be read to its end: {complaint}")
        if is_told:
            await _commit(writing)
        if complaint := await _ended(writing):
            # Nor does anybody know, where it was cut off while it committed.
            raise ProgramFailed(
                f"The backup could not be put into the database: {complaint}. It is there whole or not at all: ask "
                "again, and you are told if it is."
            )
    # Plans are made by what is known of the tables.
    async with database.acquire() as connection:
        await connection.execute("ANALYZE", timeout=3_600.0)


def _reading(programs: Programs, file: Path, *which: str) -> list[str]:
    what = ("--no-owner", "--no-privileges", "--schema=public", *which, "--file=-", str(file.absolute()))
    return [programs.path("pg_restore"), *what]


async def _pour(reading: Process, writing: Process) -> bool:
    """Hand on all that the one says to the other; whether that took it."""
    assert reading.stdout is not None
    assert writing.stdin is not None
    try:
        writing.stdin.write(b"BEGIN;\n")
        for _ in range(_PREAMBLE):
            line = await reading.stdout.readline()
            if not line.startswith(_UNKNOWN_BEFORE_17):
                writing.stdin.write(line)
        while some := await reading.stdout.read(_AT_ONCE):
            writing.stdin.write(some)
            await writing.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


async def _ended(process: Process) -> str:
    """Why it failed; empty where it did not."""
    complaint = await complaint_of(process)
    return (complaint or "it does not say why") if await process.wait() != 0 else ""


async def _commit(writing: Process) -> None:
    assert writing.stdin is not None
    try:
        # Not by its end alone: an end that comes too early must not commit.
        writing.stdin.write(b"COMMIT;\n")
        writing.stdin.close()
        await writing.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        pass
