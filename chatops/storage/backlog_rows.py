"""The way of what waited in the backlog into the tables: what was asked, what came in, and steps of alerts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chatops.guard.audit import StepName
from chatops.ledger import Entry
from chatops.messages import Receipt
from chatops.storage.alert_carrying import carry_steps
from chatops.storage.database import REFUSED, Connection, Database
from chatops.storage.entry_rows import RECORD, Row, arguments_of, arrival_row_of, entry_row_of

_KEEP = """
INSERT INTO inbox (platform, update_id, payload, command_id)
SELECT a.platform, a.update_id, a.payload, a.command_id
FROM jsonb_to_record($1) AS a (platform text, update_id text, payload jsonb, command_id uuid)
ON CONFLICT DO NOTHING
"""
_DONE = "UPDATE inbox SET handled_at = now(), note = $2 WHERE command_id = $1 AND handled_at IS NULL"


class _NotTaken(Exception):
    """All that was tried for it is taken back."""


def waiting_entry(entry: Entry, sender: UUID) -> Row:
    """An entry as it waits. What it owes is on its way by this sender."""
    row = entry_row_of(entry, str(sender))
    if row["arrived"] is not None:
        # It is handled: what it said is in the entry, without what must not be on record.
        row["arrived"] = {**row["arrived"], "payload": {}}
    return {"entry": row}


def waiting_updates(receipts: Sequence[Receipt]) -> Row:
    """Updates that came and are not handled yet."""
    return {"came": [arrival_row_of(receipt) for receipt in receipts if receipt.arrival is not None]}


def waiting_end(receipt: Receipt, note: str | None) -> Row:
    """An update that is handled, or was passed over."""
    return {**waiting_updates([receipt]), "done": str(receipt.command_id), "note": note}


async def carry_row(database: Database, row: Row) -> bool:
    """Write what waited, in a transaction of its own; again changes nothing. False where the tables refuse it.

    Raises `DatabaseAway`, and `KeyError` or `ValueError` where it is no such row.
    """
    if "alerts" in row:
        return await carry_steps(database, row["alerts"])
    try:
        async with database.transaction() as connection:
            if "entry" in row:
                return await _carry_entry(connection, row["entry"])
            for arrived in row["came"]:
                await connection.execute(_KEEP, arrived)
            if "done" in row:
                await connection.execute(_DONE, UUID(row["done"]), row["note"])
    except REFUSED:
        return False
    return True


async def _carry_entry(connection: Connection, entry: Row) -> bool:
    steps: list[dict[str, Any]] = entry["steps"]
    command_id = UUID(steps[0]["command_id"])
    is_begun = await connection.fetchval("SELECT true FROM command_log WHERE id = $1 FOR UPDATE", command_id)
    rows = await connection.fetch("SELECT at, step, by FROM command_events WHERE command_id = $1", command_id)
    there = {(row["at"], row["step"], row["by"]) for row in rows}
    # What was written while nobody heard that it was, is there.
    missing = [step for step in steps if (datetime.fromisoformat(step["at"]), step["step"], step["by"]) not in there]
    if is_begun and entry["asked"] is not None:
        # It was begun there otherwise, and ended here.
        entry = {**entry, "asked": None}
        missing = [step for step in missing if step["step"] != StepName.RECEIVED]
    if not missing:
        return True
    entry = {**entry, "steps": missing}
    # What was done has to be told, though its update came before as another ask, or the press was taken by a write
    # that nobody heard of.
    for without in ((), ("arrived",), ("arrived", "redeems")):
        if await _recorded(connection, {**entry, **dict.fromkeys(without)}):
            return True
    return False


async def _recorded(connection: Connection, entry: Row) -> bool:
    try:
        async with connection.transaction():
            if not await connection.fetchval(RECORD, *arguments_of(entry)):
                raise _NotTaken
    except _NotTaken:
        return False
    return True
