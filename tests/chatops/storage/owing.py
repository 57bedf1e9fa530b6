"""Messages that are owed, for the stories of what stores them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from alerts.severity import Severity
from chatops.ids import uuid7
from chatops.messages import Key, Message, Paragraph, Posting
from chatops.owed import Kind, Owed
from chatops.room import Room
from chatops.storage.database import Database

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
#: Has the message "1" take five seconds to be written.
BUSY_DISK = """
CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(5); RETURN NEW; END $$;
CREATE TRIGGER take_long BEFORE INSERT ON deliveries
    FOR EACH ROW WHEN (NEW.payload ->> 'title' = '1') EXECUTE FUNCTION take_long();
"""


def owe(text: str, chat: str = "-1001", severity: Severity = Severity.INFO, **more: Any) -> Owed:
    """A notice, where nothing else is said."""
    message = more.pop("message", Message(text, (Paragraph("that is all"),)))
    values: dict[str, Any] = {
        "id": uuid7(),
        "room": Room.of("telegram", chat),
        "posting": Posting(message, ((Key("Ack", "t" * 22),),)),
        "created_at": NOON,
        "kind": Kind.NOTICE,
        "severity": severity,
        **more,
    }
    return Owed(**values)


async def stored(database: Database, delivery: UUID) -> asyncpg.Record:
    """The row of a message."""
    row = await database.fetchrow("SELECT * FROM deliveries WHERE id = $1", delivery)
    assert row is not None
    return row


async def states(database: Database) -> list[str]:
    """Of all messages, in their order."""
    return [row["state"] for row in await database.fetch("SELECT state FROM deliveries ORDER BY seq, id")]
