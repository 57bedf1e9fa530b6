"""The record as it is stored, for whoever verifies or exports it: one moment's view of the chain and the log."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chatops.guard.audit import Standing, State
from chatops.guard.verifying import BEGINNING, Broken, Chained, Head, Logged, Unreadable, Whole, verify
from chatops.storage.database import Connection, Database, Record
from chatops.storage.json_codec import decode_json
from chatops.storage.ledger import asked_of, step_of

#: Rows fetched at once, so that a long record needs little memory.
_AT_ONCE = 1_000
#: Of a long record the first rows take a while to find.
_PATIENCE_S = 600.0

# JSON comes as text: what cannot be read is then the fault of one row, not of all that are fetched with it.
_EVENTS = """
SELECT seq, command_id, at, step, by, data::text AS data, prev_hash, hash FROM command_events
WHERE seq >= $1 ORDER BY seq
"""
_LOG = """
SELECT id, at, platform, principal, sender_id, room, bot, word, arguments::text AS arguments, risk, correlation_id,
    state, outcome, answer, latency_ms
FROM command_log AS l
WHERE $1 = 1 OR EXISTS (SELECT FROM command_events AS e WHERE e.command_id = l.id AND e.seq >= $1)
ORDER BY at, id
"""
_FIRST = "SELECT min(seq) FROM command_events WHERE at >= $1"
_BEFORE = "SELECT seq, hash FROM command_events WHERE seq < $1 ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Part:
    """The record of one moment, from a link on. Its steps can be walked once, then its asks."""

    #: The link that it begins after.
    begins: Head
    #: The newest; None where the row that holds it is missing.
    head: Head | None
    steps: AsyncIterator[Chained | Unreadable]
    asks: AsyncIterator[Logged | Unreadable]


@asynccontextmanager
async def reading(database: Database, since: datetime | None = None) -> AsyncIterator[Part]:
    """All that is on record at this moment, or the steps `since` then and their asks, whatever comes meanwhile."""
    async with (
        database.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        row = await connection.fetchrow("SELECT seq, hash FROM command_chain")
        head = None if row is None else Head(row["seq"], row["hash"])
        begins = BEGINNING
        if since is not None:
            begins = await _before(connection, since) or head or BEGINNING
        first = begins.seq + 1
        yield Part(begins, head, steps_of(connection, first), asks_of(connection, first))


async def verify_record(database: Database) -> Whole | Broken:
    """Verify all that is on record at this moment, whatever is appended meanwhile."""
    async with reading(database) as part:
        if part.head is None:
            return Broken("command_chain", "its only row is missing")
        return await verify(part.steps, part.head, part.asks)


async def _before(connection: Connection, since: datetime) -> Head | None:
    """The link before the first step since then; None where there is no such step."""
    first = await connection.fetchval(_FIRST, since, timeout=_PATIENCE_S)
    if first is None:
        return None
    row = await connection.fetchrow(_BEFORE, first)
    return BEGINNING if row is None else Head(row["seq"], row["hash"])


async def steps_of(connection: Connection, first: int = 1) -> AsyncIterator[Chained | Unreadable]:
    """The chain from this link on, inside a transaction."""
    async for row in connection.cursor(_EVENTS, first, prefetch=_AT_ONCE, timeout=_PATIENCE_S):
        try:
            step = step_of(_with_values(row, "data"))
        except (ValueError, OverflowError, RecursionError) as error:
            yield Unreadable(f"command_events seq {row['seq']}", str(error))
        else:
            yield Chained(row["seq"], step, row["prev_hash"], row["hash"])


async def asks_of(connection: Connection, first: int = 1) -> AsyncIterator[Logged | Unreadable]:
    """The asks that have a step from this link on, inside a transaction."""
    async for row in connection.cursor(_LOG, first, prefetch=_AT_ONCE, timeout=_PATIENCE_S):
        try:
            facts = asked_of(_with_values(row, "arguments")).facts()
            standing = Standing(State(row["state"]), row["outcome"], row["answer"], row["latency_ms"])
        except (ValueError, OverflowError, RecursionError) as error:
            yield Unreadable(f"command_log {row['id']}", str(error))
        else:
            yield Logged(row["id"], facts, standing)


def _with_values(row: Record, column: str) -> Mapping[str, Any]:
    values = decode_json(row[column].encode())
    if not isinstance(values, dict):
        raise ValueError(f"{column} is no object")
    return {**dict(row.items()), column: values}
