"""The way of what was noted on disk into the table `deliveries`."""

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chatops.guard.audit import moment, storable
from chatops.owed import State
from chatops.storage.database import REFUSED, Connection
from chatops.storage.delivery_rows import bare_row_of, file_of
from chatops.storage.spool import SpoolRecord

log = logging.getLogger(__name__)

#: So many rows are written by one statement at most, and so many bytes of files; a larger file goes by itself.
_ROWS, _FILE_BYTES = 500, 8 << 20
#: A file of 50 MB takes seconds, and nothing goes out before it is there: longer than a statement of ours else may.
_WRITING_S = 120.0

#: Said of what was on its way when the program stopped.
STOPPED = "the program stopped while this went out"

# What is over in the table stays as it is there, but what the platform has is sent, whatever was thought of it. What
# was claimed after the moment of which the disk tells is on its way anew; where that moment is before the row was made,
# or the claim is of a time to come, the clock was set back, and no order can be read from it.
_BRING = """
UPDATE deliveries
SET state = $2, reason = $3, platform_message_id = coalesce($4, platform_message_id), sent_at = coalesce($5, sent_at),
    repeat = repeat OR $6, file = CASE WHEN $2 <> 'sent' THEN file END, claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND CASE
    WHEN $2 = 'sent' THEN state IN ('pending', 'sending', 'ambiguous', 'dead')
    WHEN state = 'sending' THEN claimed_until IS NULL OR claimed_until <= $7::timestamptz + $8::interval
        OR created_at > $7 OR claimed_until > $9::timestamptz + $8
    WHEN state = 'pending' THEN $2 <> 'pending' OR ($6 AND NOT repeat)
    ELSE false END
"""


async def carry(
    connection: Connection,
    records: Sequence[SpoolRecord],
    now: datetime,
    claim_lasts: timedelta,
    found_again: Collection[str] = (),
) -> frozenset[UUID]:
    """Write every record into the table: as a new row, or to the state that it has on disk. Again changes nothing.

    Gives those that the table refuses. `claim_lasts` is how long a claim does, from which the moment of one is told. On
    the platforms `found_again` what may be there is looked for before it goes again.
    """
    known = [record for record in records if record.owed is not None or record.state is not None]
    refused: set[UUID] = set()
    for batch in _batches([record for record in known if record.owed is not None]):
        refused |= await _store(connection, batch, now, found_again)
    for at in range(0, len(known), _ROWS):
        await connection.executemany(
            _BRING,
            [
                (record.id, *_ending(record, now, found_again), record.at or record.begun_at or now, claim_lasts, now)
                for record in known[at : at + _ROWS]
            ],
            timeout=_WRITING_S,
        )
    return frozenset(refused)


def _batches(records: Sequence[SpoolRecord]) -> Iterator[list[SpoolRecord]]:
    """In their order: what one statement may write."""
    batch: list[SpoolRecord] = []
    bytes_ = 0
    for record in records:
        size = len(_file(record) or b"")
        if batch and (len(batch) == _ROWS or bytes_ + size > _FILE_BYTES):
            yield batch
            batch, bytes_ = [], 0
        batch.append(record)
        bytes_ += size
    if batch:
        yield batch


async def _store(
    connection: Connection, records: Sequence[SpoolRecord], now: datetime, found_again: Collection[str]
) -> set[UUID]:
    """Gives those that the table refuses."""
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT store_deliveries($1, NULL, $2)",
                [_row(record, now, found_again) for record in records],
                [_file(record) for record in records],
                timeout=_WRITING_S,
            )
    except REFUSED:
        if len(records) == 1:
            # It must not hold up all the others for ever.
            log.exception("message %s is on disk and cannot be stored", records[0].id)
            return {records[0].id}
        return {one for record in records for one in await _store(connection, [record], now, found_again)}
    return set()


def _file(record: SpoolRecord) -> bytes | None:
    return None if record.owed is None else file_of(record.owed)


def _row(record: SpoolRecord, now: datetime, found_again: Collection[str]) -> dict[str, Any]:
    assert record.owed is not None
    state, reason, message_id, sent_at, repeat = _ending(record, now, found_again)
    return {
        **bare_row_of(record.owed),
        "state": state,
        "attempts": record.attempts,
        "reason": reason,
        "platform_message_id": message_id,
        "sent_at": moment(sent_at) if sent_at is not None else None,
        "repeat": repeat,
    }


def _ending(
    record: SpoolRecord, now: datetime, found_again: Collection[str]
) -> tuple[State, str | None, str | None, datetime | None, bool]:
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
    if record.owed.goes_again or record.owed.room.platform in found_again:
        return State.PENDING, STOPPED, None, None, True
    return State.AMBIGUOUS, STOPPED, None, None, False
