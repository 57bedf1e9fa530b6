"""The way of what was noted on disk into the table `deliveries`."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from chatops.guard.audit import moment, storable
from chatops.owed import State
from chatops.storage.database import Connection
from chatops.storage.delivery_rows import row_of
from chatops.storage.spool import SpoolRecord

log = logging.getLogger(__name__)

#: Said of what was on its way when the program stopped.
STOPPED = "the program stopped while this went out"

# What is over in the table stays as it is there, but what the platform has is sent, whatever was thought of it. What
# was claimed after the moment of which the disk tells is on its way anew.
_BRING = """
UPDATE deliveries
SET state = $2, reason = $3, platform_message_id = coalesce($4, platform_message_id), sent_at = coalesce($5, sent_at),
    repeat = repeat OR $6, claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND CASE
    WHEN $2 = 'sent' THEN state IN ('pending', 'sending', 'ambiguous', 'dead')
    WHEN state = 'sending' THEN claimed_until IS NULL OR claimed_until <= $7::timestamptz + $8::interval
    WHEN state = 'pending' THEN $2 <> 'pending' OR ($6 AND NOT repeat)
    ELSE false END
"""


async def carry(connection: Connection, records: Sequence[SpoolRecord], now: datetime, claim_lasts: timedelta) -> None:
    """Write every record into the table: as a new row, or to the state that it has on disk. Again changes nothing.

    `claim_lasts` is how long a claim does, from which the moment of one is told.
    """
    known = [record for record in records if record.owed is not None or record.state is not None]
    await _store(connection, [_row(record, now) for record in known if record.owed is not None])
    await connection.executemany(
        _BRING,
        [(record.id, *_ending(record, now), record.at or record.begun_at or now, claim_lasts) for record in known],
    )


async def _store(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    try:
        async with connection.transaction():
            await connection.execute("SELECT store_deliveries($1, NULL)", rows)
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError):
        if len(rows) == 1:
            # It must not hold up all the others for ever.
            log.exception("message %s is on disk and cannot be stored", rows[0]["id"])
            return
        for row in rows:
            await _store(connection, [row])


def _row(record: SpoolRecord, now: datetime) -> dict[str, Any]:
    assert record.owed is not None
    state, reason, message_id, sent_at, repeat = _ending(record, now)
    return {
        **row_of(record.owed),
        "state": state,
        "attempts": record.attempts,
        "reason": reason,
        "platform_message_id": message_id,
        "sent_at": moment(sent_at) if sent_at is not None else None,
        "repeat": repeat,
    }


def _ending(record: SpoolRecord, now: datetime) -> tuple[State, str | None, str | None, datetime | None, bool]:
    """State, reason, message id, moment of sending, and whether it may be a repeat."""
    if record.state is State.SENT:
        return State.SENT, None, record.message_id, record.at or now, False
    reason = None if record.reason is None else storable(record.reason)
    if record.state is not None:
        return record.state, reason, None, None, False
    if record.begun_at is None or record.owed is None:
        return State.PENDING, reason, None, None, False
    if record.owed.edits:
        return State.PENDING, STOPPED, None, None, False
    if record.owed.goes_again:
        return State.PENDING, STOPPED, None, None, True
    return State.AMBIGUOUS, STOPPED, None, None, False
