"""One desk a database: two would void each other's questions and settle each other's acts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import asyncpg

from chatops.storage.database import CONNECT_TIMEOUT_S, Database
from chatops.storage.errors import DatabaseAway, DatabaseInUse
from chatops.tasks import running

log = logging.getLogger(__name__)

#: The key of the advisory lock: "deck" in ASCII.
_KEY = 0x6465636B
#: A desk that was killed holds it until PostgreSQL has noticed, and no longer.
_TRIES, _BETWEEN_S = 20, 0.25
#: Between two tries to reach a database that went away: short, as another desk may come in meanwhile.
_AGAIN_S = 0.2
#: So long nothing need come from the server before it is asked whether it is there.
_KEEPALIVE_S = 30.0

_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Claim:
    """A lock that dies with its connection, and is taken again when PostgreSQL is back."""

    def __init__(self, url: str, tries: int, between_s: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._url = url
        self._tries = tries
        self._between_s = between_s
        self._sleep = sleep
        self._connection: _Connection | None = None
        self._gone = asyncio.Event()
        self._lost = asyncio.Event()

    async def lost(self) -> None:
        """Wait until another desk has the database, and this one has to stop; then raises `DatabaseInUse`."""
        await self._lost.wait()
        raise DatabaseInUse("Another desk took this database while PostgreSQL was away. This one stops.")

    async def take(self) -> None:
        """Have it. Raises `DatabaseInUse` and `DatabaseAway`."""
        self._gone.clear()
        try:
            connection = await asyncpg.connect(
                self._url, timeout=CONNECT_TIMEOUT_S, server_settings={"application_name": "quarterdeck claim"}
            )
            connection.add_termination_listener(lambda _: self._gone.set())
            try:
                await self._lock(connection)
            except BaseException:
                connection.terminate()
                raise
        except _AWAY as error:
            raise DatabaseAway(f"PostgreSQL does not answer ({str(error) or type(error).__name__}).") from error
        self._connection = connection

    async def keep(self) -> None:
        """Take it again whenever it has gone with its connection, until cancelled or lost."""
        while True:
            await self._until_gone()
            log.warning("the claim on the database went with its connection")
            while True:
                await self._sleep(_AGAIN_S)
                try:
                    await self.take()
                except DatabaseAway:
                    continue
                except DatabaseInUse:
                    log.error("another desk took the database")  # noqa: TRY400 - foreseen
                    self._lost.set()
                    return
                log.info("the database is claimed again")
                break

    async def let_go(self) -> None:
        """Leave the database to others, from this moment on."""
        if self._connection is None:
            return
        try:
            # With a connection that was lost the lock has gone too.
            with suppress(*_AWAY):
                await self._connection.fetchval("SELECT pg_advisory_unlock($1)", _KEY, timeout=CONNECT_TIMEOUT_S)
        finally:
            # Also where we are cancelled meanwhile: the lock goes with the connection.
            self._connection.terminate()

    async def _lock(self, connection: _Connection) -> None:
        for _ in range(self._tries):
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", _KEY, timeout=CONNECT_TIMEOUT_S):
                return
            await asyncio.sleep(self._between_s)
        raise DatabaseInUse(
            "Another desk uses this database. Stop it, or give this one a database of its own (database.url)."
        )

    async def _until_gone(self) -> None:
        while not self._gone.is_set():
            try:
                async with asyncio.timeout(_KEEPALIVE_S):
                    await self._gone.wait()
            except TimeoutError:
                await self._ask()

    async def _ask(self) -> None:
        # A server whose machine has gone says no goodbye.
        assert self._connection is not None
        try:
            await self._connection.execute("SELECT 1", timeout=CONNECT_TIMEOUT_S)
        except _AWAY:
            self._connection.terminate()
            self._gone.set()


@asynccontextmanager
async def claim(
    database: Database,
    *,
    tries: int = _TRIES,
    between_s: float = _BETWEEN_S,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Claim]:
    """Have the database for this desk alone until the block ends. Raises `DatabaseInUse` and `DatabaseAway`."""
    held = Claim(database.url, tries, between_s, sleep)
    await held.take()
    try:
        async with running(held.keep(), "the claim on the database"):
            yield held
    finally:
        await held.let_go()
