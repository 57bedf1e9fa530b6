"""The shape of the database: which one it has, and how an older one gets the newest."""

from pathlib import Path

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from chatops.storage.errors import DatabaseAway, DatabaseTooNew

_STEPS = Path(__file__).parent / "migrations"
#: Held by whoever changes the shape. The number only has to be ours: it spells "Quarterd".
_LOCK = 0x5175_6172_7465_7264


def revisions() -> tuple[str, ...]:
    """The revisions this program knows, oldest first, as the names of their files say them."""
    return tuple(sorted(step.name.split("_")[0] for step in _STEPS.glob("versions/[0-9]*.py")))


async def is_newest(connection: "PoolConnectionProxy[asyncpg.Record]") -> bool:
    """Whether the database has the newest shape already: one query.

    Raises `DatabaseTooNew` where a newer program has been at it.
    """
    known = revisions()
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    if revision is not None and revision not in known:
        raise DatabaseTooNew(
            f"The database has revision {revision}; this program knows none after {known[-1]}. "
            "A newer Quarterdeck was here: run that one, or restore a backup from before it."
        )
    return bool(revision == known[-1])


async def upgrade(url: str) -> None:
    """Run the steps that are due, all or none. Of several that try at once, one does."""
    # Imported here: it takes half a second and 30 MB, and hardly a start has anything to migrate.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import Connection, text
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(url, timeout=10)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(run)
    except OSError as error:
        raise DatabaseAway(f"The database went away while it was migrated: {error}") from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise DatabaseAway(f"The database went away while it was migrated: {error}") from error
    finally:
        await engine.dispose()
