"""Whether the database can be used, what shape it has, and whether its clock is ours."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from chatops.checkup.findings import Finding, Level
from chatops.settings import Settings
from chatops.storage.database import Database
from chatops.storage.desk_lock import DeskLock
from chatops.storage.errors import DatabaseAway, DatabaseTooNew, DataDirInUse
from chatops.storage.migration import is_newest, revisions
from chatops.storage.visiting import visiting

AREA = "database"
CLOCK = "clock"
#: PostgreSQL's makers keep none that is older.
OLDEST_MAJOR = 14
#: By PostgreSQL's clock things are due, by ours things are stale: they must be close.
LARGEST_DRIFT = timedelta(seconds=2)

_SERVER = """
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int / 10000 AS major,
       pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS is_read_only,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
       to_regclass('alembic_version') IS NOT NULL AS has_shape,
       coalesce(has_table_privilege(to_regclass('alembic_version'), 'SELECT'), false) AS may_read,
       coalesce(has_table_privilege(to_regclass('inbox'), 'INSERT'), false) AS may_write
"""


async def check_database(settings: Settings, now: Callable[[], datetime]) -> list[Finding]:
    """The server of the settings; for an embedded one its directory, and the server where a desk runs it already."""
    if settings.database.url is not None:
        return await _check_server(settings.database.url.get_secret_value(), now)
    return await _check_embedded(settings.desk.data_dir, now)


async def _check_embedded(data_dir: Path, now: Callable[[], datetime]) -> list[Finding]:
    runs = False
    is_writable = _is_writable(data_dir)
    try:
        runs = is_writable and _has_running_desk(data_dir)
    except OSError:
        # What is in there is somebody else's.
        is_writable = False
    if not is_writable:
        return [
            Finding(
                AREA,
                Level.ERROR,
                f"{data_dir} cannot be written to",
                "Set desk.data_dir to a directory of the user that the desk runs as.",
            )
        ]
    if not runs:
        return [Finding(AREA, Level.OK, f"embedded, in {data_dir}, which can be written to")]
    # No advice: mostly it is the very desk that is looked into.
    told = Finding(AREA, Level.OK, f"embedded, in {data_dir}: a desk runs there now")
    with visiting(data_dir) as url:
        return [told, *await _check_server(url, now)]


def _is_writable(data_dir: Path) -> bool:
    """Whether the directory, or the first above it that is there, takes new files."""
    nearest = next(path for path in (data_dir, *data_dir.absolute().parents) if os.access(path, os.F_OK))
    return nearest.is_dir() and os.access(nearest, os.R_OK | os.W_OK | os.X_OK)


def _has_running_desk(data_dir: Path) -> bool:
    path = data_dir / "desk.lock"
    if not path.exists():
        return False
    lock = DeskLock(path)
    try:
        lock.acquire()
    except DataDirInUse:
        return True
    lock.release()
    return False


async def _check_server(url: str, now: Callable[[], datetime]) -> list[Finding]:
    try:
        async with Database.open(url, min_size=1, max_size=1) as database:
            return [*await _check_shape(database), await _check_clock(database, now)]
    except DatabaseAway as error:
        return [Finding(AREA, Level.ERROR, str(error))]


async def _check_shape(database: Database) -> list[Finding]:
    server = await database.fetchrow(_SERVER)
    assert server is not None
    found = [Finding(AREA, Level.OK, f"PostgreSQL {server['version']} answers")]
    if server["major"] < OLDEST_MAJOR:
        found = [
            Finding(
                AREA,
                Level.WARNING,
                f"PostgreSQL {server['version']} is older than any that Quarterdeck is made for",
                f"Upgrade it to {OLDEST_MAJOR} or newer.",
            )
        ]
    if server["is_read_only"]:
        return [
            *found,
            Finding(
                AREA,
                Level.ERROR,
                "it can only be read: a standby, or set to read-only",
                "Point database.url at the primary, or set default_transaction_read_only to off.",
            ),
        ]
    if not server["has_shape"]:
        return [*found, _to_be_made(may_create=server["may_create"])]
    if not server["may_read"] or not server["may_write"]:
        return [
            *found,
            Finding(
                AREA,
                Level.ERROR,
                "its tables are another role's: this one may not write to them",
                "Connect as the role that owns them, or GRANT ALL ON ALL TABLES IN SCHEMA to this one.",
            ),
        ]
    return [*found, await _check_revision(database, may_create=server["may_create"])]


async def _check_revision(database: Database, *, may_create: bool) -> Finding:
    try:
        async with database.acquire() as connection:
            newest = await is_newest(connection)
    except DatabaseTooNew as error:
        return Finding(AREA, Level.ERROR, str(error))
    if newest:
        return Finding(AREA, Level.OK, f"it has the newest shape ({revisions()[-1]}) and can be written to")
    at = await database.fetchval("SELECT version_num FROM alembic_version")
    return _to_be_made(may_create=may_create, due=[revision for revision in revisions() if at is None or revision > at])


def _to_be_made(*, may_create: bool, due: list[str] | None = None) -> Finding:
    what = "it has no tables yet" if due is None else f"it is due for {', '.join(due)}"
    if may_create:
        return Finding(AREA, Level.OK, f"{what}: the next start sees to that; quarterdeck db migrate does so now")
    return Finding(
        AREA,
        Level.ERROR,
        f"{what}, and this role may not make tables",
        "As the owner of the database: GRANT CREATE, USAGE ON SCHEMA public TO the role of database.url.",
    )


async def _check_clock(database: Database, now: Callable[[], datetime]) -> Finding:
    before = now()
    theirs: datetime = await database.fetchval("SELECT clock_timestamp()")
    after = now()
    ours = before + (after - before) / 2
    drift = ours - theirs
    if abs(drift) <= LARGEST_DRIFT + (after - before) / 2:
        return Finding(CLOCK, Level.OK, "this machine's agrees with PostgreSQL's")
    side = "ahead of" if drift > timedelta() else "behind"
    return Finding(
        CLOCK,
        Level.WARNING,
        f"this machine's is {abs(drift).total_seconds():.1f} s {side} PostgreSQL's",
        "Have both set by NTP (timedatectl set-ntp true): what is stale and what is due is judged by them.",
    )
