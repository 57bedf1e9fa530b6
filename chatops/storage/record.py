"""The record as it is stored, for whoever verifies it: one moment's view of the chain and the log."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from chatops.guard.audit import Standing, State
from chatops.guard.verifying import Broken, Chained, Head, Logged, Unreadable, Whole, verify
from chatops.storage.database import Connection, Database, Record
from chatops.storage.json_codec import decode_json
from chatops.storage.ledger import asked_of, step_of

#: Rows fetched at once, so that a long record needs little memory.
_AT_ONCE = 1_000

# JSON comes as text: what cannot be read is then the fault of one row, not of all that are fetched with it.
_EVENTS = """
SELECT seq, command_id, at, step, by, data::text AS data, prev_hash, hash FROM command_events ORDER BY seq
"""
_LOG = """
SELECT id, at, platform, principal, sender_id, room, bot, word, arguments::text AS arguments, risk, correlation_id,
    state, outcome, answer, latency_ms
FROM command_log ORDER BY at, id
"""


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


async def _events(connection: Connection) -> AsyncIterator[Chained | Unreadable]:
    async for row in connection.cursor(_EVENTS, prefetch=_AT_ONCE):
        try:
            step = step_of(_with_values(row, "data"))
        except (ValueError, OverflowError, RecursionError) as error:
            yield Unreadable(f"command_events seq {row['seq']}", str(error))
        else:
            yield Chained(row["seq"], step, row["prev_hash"], row["hash"])


async def _log(connection: Connection) -> AsyncIterator[Logged | Unreadable]:
    async for row in connection.cursor(_LOG, prefetch=_AT_ONCE):
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
