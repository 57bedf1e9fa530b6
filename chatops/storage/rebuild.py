"""The log made anew from its steps."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chatops.guard.rebuilding import Told
from chatops.guard.verifying import Broken, Head, Unreadable, agrees, walk
from chatops.storage.database import Connection, Database
from chatops.storage.record import asks_of, steps_of

#: Rows written by one statement at most.
_AT_ONCE = 500
_PATIENCE_S = 600.0

_WRITE = """
INSERT INTO command_log (
    id, at, platform, principal, sender_id, room, bot, word, arguments, risk, correlation_id,
    state, outcome, answer, latency_ms)
SELECT * FROM jsonb_to_recordset($1) AS r (
    id uuid, at timestamptz, platform text, principal text, sender_id text, room text, bot text, word text,
    arguments jsonb, risk text, correlation_id text, state text, outcome text, answer text,
    latency_ms double precision)
ON CONFLICT (id) DO UPDATE SET
    at = excluded.at, platform = excluded.platform, principal = excluded.principal, sender_id = excluded.sender_id,
    room = excluded.room, bot = excluded.bot, word = excluded.word, arguments = excluded.arguments,
    risk = excluded.risk, correlation_id = excluded.correlation_id, state = excluded.state,
    outcome = excluded.outcome, answer = excluded.answer, latency_ms = excluded.latency_ms
"""


async def rebuild_log(database: Database) -> int | Broken:
    """Write what the steps say wherever the log says other; gives how many rows that were.

    A broken chain proves nothing, and changes nothing. A row that no step tells of stays, and is for `verify` to name.
    """
    async with database.transaction() as connection:
        # Who records waits here: what is read must be what is written over.
        await connection.execute("LOCK TABLE command_log IN EXCLUSIVE MODE")
        row = await connection.fetchrow("SELECT seq, hash FROM command_chain")
        if row is None:
            return Broken("command_chain", "its only row is missing")
        told = await walk(steps_of(connection), Head(row["seq"], row["hash"]))
        if isinstance(told, Broken):
            return told
        return await _write(connection, await _wrong(connection, told))


async def _wrong(connection: Connection, told: Mapping[UUID, Told]) -> list[dict[str, Any]]:
    """The rows as they should be, of those that are not."""
    missing = dict(told)
    wrong: list[dict[str, Any]] = []
    async for row in asks_of(connection):
        if isinstance(row, Unreadable):
            # It stays among those that are missing, and is written over.
            continue
        said = missing.pop(row.id, None)
        if said is not None and agrees(row, said):
            wrong.append(_row(row.id, said))
    return [*wrong, *(_row(id_, said) for id_, said in missing.items())]


def _row(id_: UUID, told: Told) -> dict[str, Any]:
    said = told.standing
    return {
        "id": str(id_),
        **(told.facts or {}),
        "state": said.state,
        "outcome": said.outcome,
        "answer": said.answer,
        "latency_ms": said.latency_ms,
    }


async def _write(connection: Connection, rows: list[dict[str, Any]]) -> int:
    for at in range(0, len(rows), _AT_ONCE):
        await connection.execute(_WRITE, rows[at : at + _AT_ONCE], timeout=_PATIENCE_S)
    return len(rows)
