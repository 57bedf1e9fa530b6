"""The whole database in one file, as it was at one moment: what pg_dump calls a custom archive."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chatops.guard.verifying import Head
from chatops.storage.database import Connection, Database
from chatops.storage.errors import DatabaseTooOld
from chatops.storage.placed import placed
from chatops.storage.programs import ProgramFailed, complaint_of, program, programs_for, reach

#: Who changes a table's shape meanwhile is waited for.
_LOCK_WAIT_MS = 60_000

_SHAPE = "SELECT version_num FROM alembic_version"
_HEAD = "SELECT seq, hash FROM command_chain"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What is in a backup."""

    #: When it was as it is there.
    at: datetime
    revision: str
    #: The newest link of the record. None where the row that holds it is missing.
    head: Head | None
    #: Of the file, in bytes.
    size: int


async def back_up(database: Database, file: Path, *, force: bool = False) -> BackedUp:
    """Copy all there is at this moment, of any shape; whoever works with the database goes on meanwhile.

    The file stands in its place once it is whole and on the disk. Raises `AlreadyThere` (with `force` it is
    replaced), `NoPrograms`, `ProgramFailed`, `DatabaseTooOld` where nothing was ever made there, and `OSError`.
    """
    async with (
        database.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        # It waits for a program, which may take an hour.
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        if await connection.fetchval("SELECT to_regclass('alembic_version') IS NULL"):
            raise DatabaseTooOld("There is nothing in this database yet, so there is nothing to copy.")
        at = await connection.fetchval("SELECT now()")
        revision = await connection.fetchval(_SHAPE)
        row = await connection.fetchrow(_HEAD)
        with placed(file, force=force) as beside:
            await _dump(connection, database.url, beside)
            size = beside.stat().st_size
    return BackedUp(at, revision, None if row is None else Head(row["seq"], row["hash"]), size)


async def _dump(connection: Connection, url: str, file: Path) -> None:
    major = await connection.fetchval("SELECT current_setting('server_version_num')::int / 10000")
    programs = await programs_for(major)
    # What is said of the record holds for the file too.
    snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
    shown, environment = reach(url)
    command = [
        *(programs.path("pg_dump"), "--format=custom", "--schema=public", "--no-owner", "--no-privileges"),
        *("--no-password", f"--lock-wait-timeout={_LOCK_WAIT_MS}", f"--snapshot={snapshot}", f"--dbname={shown}"),
        # Not to its output: what it then writes is taken for whole where it was cut off.
        f"--file={file}",
    ]
    async with program(command, environment) as dumping:
        complaint = await complaint_of(dumping)
        if await dumping.wait() != 0:
            raise ProgramFailed(f"The database could not be copied: {complaint}")
