"""The way to PostgreSQL: a small pool whose errors say that the database is away, when it is."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from chatops.storage.errors import DatabaseAway, DatabaseTooOld
from chatops.storage.json_codec import decode_json, decode_jsonb, encode_json, encode_jsonb
from chatops.storage.migration import is_newest, upgrade

Record: TypeAlias = asyncpg.Record
#: What `acquire` lends.
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

log = logging.getLogger(__name__)

#: No statement of ours takes longer on a healthy server; no wait is without a limit.
STATEMENT_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5.0
#: Connections that are handed on past the pool, which takes as long as a small statement. Few of us ask at one moment.
KEPT = 2

#: The server ends the session or the statement, has crashed, is not ready yet, has no room left, or is one that only
#: reads: nothing of that is about what was asked, and later it works.
_LEAVING = (
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresConnectionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionRollbackError,
    TimeoutError,
)
#: The connection was lost if it is closed now; else it is an error like any other.
_SUSPECT = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
#: What the tables say of a row that they do not take, and never will.
REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
#: Whatever goes wrong before there is a connection: a wrong password and a missing database too.
_CONNECTING = (asyncpg.PostgresError, *_SUSPECT)


class Database:
    """A pool of a few connections. JSON columns take and give plain values.

    Every method raises `DatabaseAway` when the server cannot be reached, is lost, or does not
    answer in time: what was under way may then have happened, or not. Other errors of PostgreSQL
    (a broken constraint) pass as asyncpg's, for the file that knows the table.

    A connection is handed on without a reset, which saves a round trip: change nothing in its
    session beyond the transaction (`SET LOCAL`, never `SET`), and leave nothing listening on it.
    """

    def __init__(self, pool: "asyncpg.Pool[Record]", url: str) -> None:
        self._pool = pool
        self._url = url
        #: Lent by the pool, and free.
        self._kept: list[Connection] = []
        #: How many wait for the pool.
        self._waiting = 0
        self._is_closing = False

    @property
    def url(self) -> str:
        """Where it is, its password included: for another connection, never for a log."""
        return self._url

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, min_size: int = 2, max_size: int = 6, statement_timeout_s: float = STATEMENT_TIMEOUT_S
    ) -> AsyncIterator["Database"]:
        """Connect to `url`, for `async with`. Leaving it closes every connection."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=min_size,
                max_size=max_size,
                init=_speak_json,
                reset=_keep,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=statement_timeout_s,
                # Compiling a statement over many partitions takes longer than any of ours.
                server_settings={"application_name": "quarterdeck", "timezone": "UTC", "jit": "off"},
            )
        except _CONNECTING as error:
            raise _away(error) from error
        database = cls(pool, url)
        try:
            yield database
        finally:
            try:
                await database._let_go()
            finally:
                # Also where we are cancelled meanwhile: an open pool would connect again and again.
                await _close(pool)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """A connection of one's own, until the block ends."""
        connection = await self._lent()
        is_clean = False
        try:
            yield connection
            is_clean = True
        except _LEAVING as error:
            raise _away(error) from error
        except _SUSPECT as error:
            # The block may do other things than ask the database, and fail at those.
            if not _is_lost(connection):
                raise
            raise _away(error) from error
        finally:
            if is_clean and self._may_keep(connection):
                self._kept.append(connection)
            else:
                await self._give_back(connection)

    async def _give_back(self, connection: Connection) -> None:
        try:
            await self._pool.release(connection, timeout=CONNECT_TIMEOUT_S)
        except Exception:
            # The pool has cut it off. What went wrong before that is what the block has to hear, a cancellation above
            # all: taken for a database that is away, the task would go on.
            log.debug("a database connection was not given back whole", exc_info=True)

    async def _lent(self) -> Connection:
        while self._kept:
            connection = self._kept.pop()
            if not _is_lost(connection):
                return connection
            await self._pool.release(connection)
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=CONNECT_TIMEOUT_S)
        except _CONNECTING as error:
            raise _away(error) from error
        finally:
            self._waiting -= 1

    def _may_keep(self, connection: Connection) -> bool:
        """Whether it is as it was, and nobody waits for what only the pool hands out."""
        if self._is_closing or self._waiting or len(self._kept) >= KEPT or _is_lost(connection):
            return False
        return not connection.is_in_transaction()

    async def _let_go(self) -> None:
        """Give back what is kept; whatever is still in use goes to the pool too, which waits for it."""
        self._is_closing = True
        while self._kept:
            await self._pool.release(self._kept.pop())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back when the block fails."""
        async with self.acquire() as connection, connection.transaction():
            yield connection

    async def execute(self, query: str, *arguments: object) -> str:
        """Run one statement; gives PostgreSQL's word on it, such as "UPDATE 1"."""
        async with self.acquire() as connection:
            return await connection.execute(query, *arguments)

    async def fetch(self, query: str, *arguments: object) -> list[Record]:
        """All rows of one statement."""
        async with self.acquire() as connection:
            return await connection.fetch(query, *arguments)

    async def fetchrow(self, query: str, *arguments: object) -> Record | None:
        """The first row of one statement, or None."""
        async with self.acquire() as connection:
            return await connection.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: object) -> Any:
        """The first value of the first row, or None."""
        async with self.acquire() as connection:
            return await connection.fetchval(query, *arguments)

    async def migrate(self) -> None:
        """Bring the database to the newest shape. Several programs may do so at once.

        Raises `DatabaseTooNew` where a newer program has been at it.
        """
        async with self.acquire() as connection:
            newest = await is_newest(connection)
        if not newest:
            await upgrade(self._url)

    async def expect_newest(self) -> None:
        """Make sure of the newest shape, and change nothing: an older program may be at work here.

        Raises `DatabaseTooOld`, and `DatabaseTooNew` where a newer program has been at it.
        """
        async with self.acquire() as connection:
            newest = await is_newest(connection)
        if not newest:
            raise DatabaseTooOld(
                "The database has not the shape that this Quarterdeck needs. Run `quarterdeck db migrate` first; where "
                "a desk of an older one still runs, stop that before."
            )


async def _speak_json(connection: "asyncpg.Connection[Record]") -> None:
    for name, encode, decode in (
        ("json", encode_json, decode_json),
        ("jsonb", encode_jsonb, decode_jsonb),
    ):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=encode, decoder=decode, format="binary")


async def _keep(connection: "asyncpg.Connection[Record]") -> None:
    """Instead of asyncpg's reset, which asks the server every time."""
    if connection.is_in_transaction():
        await connection.reset()


async def _close(pool: "asyncpg.Pool[Record]") -> None:
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await pool.close()
    except TimeoutError:
        # Cancelled, the pool has cut its connections off.
        log.warning("database connections were still in use when they were closed")


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool takes a lost one back at once, and what was lent then answers nothing.
        return True


def _away(error: Exception) -> DatabaseAway:
    return DatabaseAway(
        f"PostgreSQL does not answer ({str(error) or type(error).__name__}). Look whether it "
        "runs, and whether database.url is right."
    )
