"""What was on its way by a sender that is gone, or whose answer from the database was lost: what becomes of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from chatops.storage.database import Database

#: So much longer is our own ours: we live, and may be slow. But the answer to a write of ours may have been lost.
_OWN_LASTS_LONGER = timedelta(minutes=4)

# An answer that goes out at once has no lease, and is never taken back.
_TAKE_BACK = """
WITH lost AS (
    SELECT c.platform, c.chat, d.id FROM delivery_chats AS c JOIN deliveries AS d ON d.id = c.delivery
    WHERE c.sender = $1 AND d.state = 'sending' AND d.claimed_by = $1 AND d.id <> ALL ($2)
), freed AS (
    UPDATE delivery_chats AS c SET sender = NULL, lease_until = NULL, delivery = NULL
    FROM lost WHERE c.platform = lost.platform AND c.chat = lost.chat
)
UPDATE deliveries AS d SET state = 'pending', attempts = d.attempts - 1, claimed_by = NULL, claimed_until = NULL
FROM lost WHERE d.id = lost.id
"""

_RECOVER = """
UPDATE deliveries AS d
SET state = CASE WHEN e.edits OR e.again THEN 'pending' ELSE 'ambiguous' END,
    repeat = d.repeat OR (e.again AND NOT e.edits),
    reason = 'the program stopped while this went out', claimed_by = NULL, claimed_until = NULL
FROM deliveries AS o CROSS JOIN LATERAL (
    SELECT o.payload ->> 'replaces' IS NOT NULL
            OR (o.in_place AND shown_on(o.platform, o.room, o.card) IS NOT NULL) AS edits,
        o.kind = 'answer' OR o.severity IN ('critical', 'emergency') OR o.platform = ANY ($5) AS again) AS e
WHERE o.id = d.id AND d.state = 'sending' AND o.state = 'sending'
    AND (CASE WHEN $2 THEN d.claimed_by IS DISTINCT FROM $1
        WHEN d.claimed_by = $1 THEN d.claimed_until <= $3::timestamptz - $4::interval
        ELSE d.claimed_until IS NULL OR d.claimed_until <= $3 END)
"""

# Parts of one answer are made at one moment: none of them overtakes another.
_GIVE_UP_OVERTAKEN = """
UPDATE deliveries AS d
SET state = 'ambiguous', reason = 'the program stopped while this went out', claimed_by = NULL, claimed_until = NULL
FROM command_log AS l
WHERE l.id = d.command_id AND d.kind = 'answer' AND d.state IN ('sending', 'pending') AND (
    l.state IN ('running', 'awaiting_confirmation', 'awaiting_approval')
    OR EXISTS (
        SELECT FROM deliveries AS later WHERE later.command_id = d.command_id AND later.created_at > d.created_at))
"""


async def take_back(database: Database, sender: UUID, known: Collection[UUID]) -> None:
    """What this sender has claimed, but for what it knows of, waits again: nobody has tried to send it."""
    await database.execute(_TAKE_BACK, sender, list(known))


async def recover(
    database: Database, sender: UUID, *, now: datetime, everyone: bool, found_again: Collection[str]
) -> int:
    """Judge what was on its way by others, or by this sender for too long; gives how many that were.

    On the platforms `found_again` all of it goes again: it is looked for there first.
    """
    done = await database.execute(_RECOVER, sender, everyone, now, _OWN_LASTS_LONGER, list(found_again))
    if everyone:
        await database.execute(
            "UPDATE delivery_chats SET sender = NULL, lease_until = NULL, delivery = NULL WHERE sender <> $1", sender
        )
    return int(done.split()[-1])


async def give_up_overtaken(database: Database) -> None:
    """Call what was on its way out, and is not the last word on its ask, what it is: perhaps shown."""
    await database.execute(_GIVE_UP_OVERTAKEN)
