"""The record as it is stored, for whoever verifies it: one moment's view of the chain and the log."""

from collections.abc import AsyncIterator

from chatops.guard.audit import Standing, State
from chatops.guard.verifying import Broken, Chained, Head, Logged, Whole, verify
from chatops.storage.database import Connection, Database
from chatops.storage.ledger import asked_of, step_of

#: Rows fetched at once, so that a long record needs little memory.
_AT_ONCE = 1_000


async def verify_record(database: Database) -> Whole | Broken:
    """Verify all that is on record at this moment, whatever is appended meanwhile."""
    async with (
        database.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        row = await connection.fetchrow("SELECT seq, hash FROM command_chain")
        if row is None:
            return Broken("command_chain", "its only row is missing")
        return await verify(_events(connection), Head(row["seq"], row["hash"]), _log(connection))


async def _events(connection: Connection) -> AsyncIterator[Chained]:
    async for row in connection.cursor("SELECT * FROM command_events ORDER BY seq", prefetch=_AT_ONCE):
        yield Chained(row["seq"], step_of(row), row["prev_hash"], row["hash"])


async def _log(connection: Connection) -> AsyncIterator[Logged]:
    async for row in connection.cursor("SELECT * FROM command_log ORDER BY at, id", prefetch=_AT_ONCE):
        standing = Standing(State(row["state"]), row["outcome"], row["answer"], row["latency_ms"])
        yield Logged(row["id"], asked_of(row).facts(), standing)
