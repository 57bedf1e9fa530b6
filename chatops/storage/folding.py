"""One message that stands for others: which could be folded with it, and how that is stored."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chatops.guard.audit import moment
from chatops.owed import Owed, State
from chatops.storage.database import Connection, Database, Record
from chatops.storage.delivery_rows import bare_row_of, file_of

_FOLDABLE = "d.kind IN ('alert', 'notice') AND d.file IS NULL"

_WAITING = f"""
SELECT d.*, CASE WHEN d.in_place THEN shown_on(d.platform, d.room, d.card) END AS shown_on,
    CASE WHEN d.hangs_on IS NOT NULL THEN first_shown_on(d.platform, d.room, d.hangs_on) END AS reply_to, 0 AS behind
FROM deliveries AS d JOIN deliveries AS f ON f.id = $1
WHERE d.state = 'pending' AND d.platform = f.platform AND d.chat = f.chat AND {_FOLDABLE} AND (
    -- Of one alert all that waits, in whatever lane: what was a warning is an emergency now, or in hand.
    (f.kind = 'alert' AND d.kind = 'alert' AND split_part(d.card, '#', 1) = split_part(f.card, '#', 1))
    -- Of the others nothing is folded past what cannot be.
    OR (d.lane = f.lane AND d.seq > f.seq AND d.seq < coalesce((
        SELECT min(u.seq) FROM deliveries AS u
        WHERE u.state = 'pending' AND u.platform = f.platform AND u.chat = f.chat AND u.lane = f.lane AND u.seq > f.seq
            AND NOT (u.kind IN ('alert', 'notice') AND u.file IS NULL)), d.seq + 1)))
ORDER BY d.seq LIMIT $2
"""  # noqa: S608 - put together from our own parts

_TAKE = """
SELECT id, seq, repeat FROM deliveries
WHERE id = ANY ($1) AND (state = 'pending' OR (state = 'sending' AND claimed_by = $2))
ORDER BY seq FOR NO KEY UPDATE
"""
_FOLD = """
UPDATE deliveries
SET state = 'folded', folded_into = $2::uuid, claimed_by = NULL, claimed_until = NULL,
    reason = 'a newer message says it, with others: ' || right($2::uuid::text, 12)
WHERE id = ANY ($1)
"""
_HAND_CHAT_ON = "UPDATE delivery_chats SET delivery = $2 WHERE platform = $3 AND sender = $4 AND delivery = ANY ($1)"


async def waiting(database: Database, first: Owed, most: int) -> list[Record]:
    """What waits behind it, in its lane and chat, and could be folded, in order; of its alert all that waits."""
    return await database.fetch(_WAITING, first.id, most)


async def fold(
    connection: Connection, sender: UUID, into: Owed, of: Sequence[UUID], claimed_until: datetime
) -> tuple[UUID, ...]:
    """Write it all, in the transaction that the connection is in; gives those that it stands for."""
    rows = await connection.fetch(_TAKE, list(of), sender)
    if not rows:
        return ()
    folded = [row["id"] for row in rows]
    row = {
        **bare_row_of(into),
        "state": State.SENDING,
        "attempts": 1,
        # Where one of them may have been shown, so may a part of what this says.
        "repeat": any(row["repeat"] for row in rows),
        "claimed_by": str(sender),
        "claimed_until": moment(claimed_until),
        "seq": rows[0]["seq"],
    }
    await connection.execute("SELECT store_deliveries($1, NULL, $2)", [row], [file_of(into)])
    await connection.execute(_FOLD, folded, into.id)
    await connection.execute(_HAND_CHAT_ON, folded, into.id, into.room.platform, sender)
    return tuple(folded)
