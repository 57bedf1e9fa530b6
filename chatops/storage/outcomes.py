"""What came of a try to send, as it is written into the table; with it the chat is given back."""

from datetime import datetime
from uuid import UUID

from chatops.guard.audit import storable
from chatops.owed import State
from chatops.storage.database import Database

# Given back only by what the chat was taken for: an answer that goes out at once has no lease.
_FREED = """
    UPDATE delivery_chats AS c SET sender = NULL, lease_until = NULL, delivery = NULL
    FROM deliveries AS d
    WHERE d.id = $1 AND c.platform = d.platform AND c.chat = d.chat AND c.sender = $2 AND c.delivery = $1
"""

_SENT = f"""
WITH freed AS ({_FREED}), done AS (
    UPDATE deliveries
    SET state = 'sent', platform_message_id = $3, sent_at = $4, reason = $5, claimed_by = NULL, claimed_until = NULL,
        -- Nobody asks for it again.
        file = NULL
    WHERE id = $1 AND state <> 'sent'
    RETURNING platform, room, card
)
-- A card is edited at most once a second.
UPDATE deliveries AS d SET not_before = $4::timestamptz + interval '1 second'
FROM done
WHERE d.platform = done.platform AND d.room = done.room
    AND (CASE WHEN d.state = 'pending' AND d.in_place THEN d.card END) = done.card
    AND d.not_before < $4::timestamptz + interval '1 second'
"""  # noqa: S608 - put together from our own parts

_WAIT = f"""
WITH freed AS ({_FREED})
UPDATE deliveries
SET state = 'pending', not_before = $3, reason = $4, repeat = repeat OR $5, claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND state = 'sending' AND claimed_by = $2
"""  # noqa: S608 - put together from our own parts

_END = f"""
WITH freed AS ({_FREED})
UPDATE deliveries SET state = $3, reason = $4, claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND state IN ('pending', 'sending') AND (claimed_by IS NULL OR claimed_by = $2)
"""  # noqa: S608 - put together from our own parts


async def sent(
    database: Database, sender: UUID, delivery: UUID, *, message_id: str, at: datetime, note: str | None
) -> None:
    """The platform has it."""
    said = None if note is None else storable(note)
    await database.execute(_SENT, delivery, sender, storable(message_id), at, said)


async def wait(database: Database, sender: UUID, delivery: UUID, *, until: datetime, reason: str, repeat: bool) -> None:
    """It goes again, where it is on its way by this sender."""
    await database.execute(_WAIT, delivery, sender, until, storable(reason), repeat)


async def end(database: Database, sender: UUID, delivery: UUID, state: State, reason: str) -> None:
    """It goes no more, where it is not over already, nor another's."""
    await database.execute(_END, delivery, sender, state, storable(reason))
