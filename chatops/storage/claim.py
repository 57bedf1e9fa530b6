"""One desk a database: two would void each other's questions and settle each other's acts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from chatops.storage.database import Database
from chatops.storage.errors import DatabaseInUse

#: The key of the advisory lock: "deck" in ASCII.
_KEY = 0x6465636B
#: A desk that was killed holds it until PostgreSQL has noticed, and no longer.
_TRIES, _BETWEEN_S = 20, 0.25


@asynccontextmanager
async def claim(database: Database, *, tries: int = _TRIES, between_s: float = _BETWEEN_S) -> AsyncIterator[None]:
    """Have the database for this desk alone until the block ends, by a lock that dies with the connection.

    Raises `DatabaseInUse`. Debt: when PostgreSQL is restarted under a running desk the claim is lost, and not renewed.
    """
    async with database.acquire() as connection:
        for _ in range(tries):
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", _KEY):
                break
            await asyncio.sleep(between_s)
        else:
            raise DatabaseInUse(
                "Another desk uses this database. Stop it, or give this one a database of its own (database.url)."
            )
        try:
            yield
        finally:
            # With a connection that was lost the lock has gone too.
            with suppress(asyncpg.InterfaceError, asyncpg.PostgresError, OSError):
                await connection.fetchval("SELECT pg_advisory_unlock($1)", _KEY)
