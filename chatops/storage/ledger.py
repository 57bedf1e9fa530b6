"""The ledger in PostgreSQL: `command_log`, `command_events`, `presses`, `deliveries`, `inbox` in one call."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chatops.asks import Ask
from chatops.guard.audit import Asked, Step, StepName
from chatops.guard.presses import StoredPress
from chatops.ledger import Entry, Recorded, Unsettled
from chatops.messages import Receipt, Whose
from chatops.room import Room
from chatops.storage.database import Database, Record
from chatops.storage.entry_rows import AMEND, RECORD, amendment_of, arguments_of, entry_row_of
from chatops.storage.inbox import Inbox
from chatops.words import OURS

#: Makes the ask of a stored row from its word and its arguments.
Stored = Callable[[str, Mapping[str, Any]], Ask]


class PostgresLedger:
    """Writes entries, finds presses, and tells what a stop of the program left in the middle.

    `sender` is who sends what an entry owes: as `Deliveries` has it.
    """

    def __init__(self, database: Database, sender: UUID, stored: Stored = OURS.stored) -> None:
        self._database = database
        self._stored = stored
        self._sender = str(sender)
        self._inbox = Inbox(database)

    @property
    def is_here(self) -> bool:
        """It is asked each time."""
        return True

    async def record(self, entry: Entry) -> Recorded:
        """Write it all in one round trip, or nothing."""
        row = entry_row_of(entry, self._sender)
        statement, given = (AMEND, amendment_of(row)) if entry.amends else (RECORD, arguments_of(row))
        is_new = await self._database.fetchval(statement, *given)
        receipt = entry.receipt
        if receipt is not None and receipt.arrival is not None:
            receipt.arrival.stored.set()
        return Recorded.WHOLE if is_new else Recorded.BEFORE

    async def find(self, token: str) -> StoredPress | None:
        """The row behind a button."""
        row = await self._database.fetchrow(
            """
            SELECT p.*, l.answer AS said, l.at AS asked_at
            FROM presses AS p LEFT JOIN command_log AS l ON l.id = p.command_id
            WHERE p.token = $1 AND p.fills IS NULL
            """,
            token,
        )
        return None if row is None else self._stored_press(row)

    async def find_reply(self, room: Room, message_id: str) -> StoredPress | None:
        """The row that waits for a reply to this message."""
        row = await self._database.fetchrow(
            """
            SELECT p.*, NULL::text AS said, NULL::timestamptz AS asked_at
            FROM presses AS p JOIN deliveries AS d ON d.command_id = p.command_id
            WHERE p.platform = $1 AND p.room IN ($2, $4) AND p.fills IS NOT NULL
                AND d.platform = $1 AND d.platform_message_id = $3
            ORDER BY p.created_at DESC LIMIT 1
            """,
            room.platform,
            room.key,
            message_id,
            # What stands in the room itself is answered in the thread that it opens.
            room.id,
        )
        return None if row is None else self._stored_press(row)

    async def awaited_in(self, room: Room, person: str, now: datetime) -> StoredPress | None:
        """The newest row that still waits for this person's reply in this very room."""
        row = await self._database.fetchrow(
            """
            SELECT p.*, NULL::text AS said, NULL::timestamptz AS asked_at
            FROM presses AS p
            WHERE p.platform = $1 AND p.room = $2 AND p.principal = $3 AND p.fills IS NOT NULL AND NOT p.beside
                AND p.expires_at > $4
            ORDER BY p.created_at DESC LIMIT 1
            """,
            room.platform,
            room.key,
            person,
            now,
        )
        return None if row is None else self._stored_press(row)

    async def unsettled(self) -> list[Unsettled]:
        """What was waiting or running when the program stopped, oldest first, with its steps."""
        return await self._unsettled("l.state IN ('running', 'awaiting_confirmation', 'awaiting_approval')")

    async def ask_of(self, command_id: UUID) -> Unsettled | None:
        """The ask of this id, however it stands."""
        found = await self._unsettled("l.id = $1", command_id)
        return found[0] if found else None

    async def unknown(self, since: datetime) -> list[Unsettled]:
        """What was asked since then and ended as unknown, oldest first."""
        return await self._unsettled("l.at >= $1 AND l.state = 'finished' AND l.outcome = 'unknown'", since)

    async def waiting(self, command_id: UUID) -> Unsettled | None:
        """The ask of this id, where it waits for a press or a code."""
        found = await self._unsettled(
            "l.id = $1 AND l.state IN ('awaiting_confirmation', 'awaiting_approval')", command_id
        )
        return found[0] if found else None

    async def waiting_of(self, person: str) -> list[Unsettled]:
        """What this person asked that waits, the newest first."""
        which = "l.principal = $1 AND l.state IN ('awaiting_confirmation', 'awaiting_approval')"
        return (await self._unsettled(which, person))[::-1]

    async def _unsettled(self, which: str, *given: Any) -> list[Unsettled]:
        asked = await self._database.fetch(
            f"""
            SELECT l.*, (
                SELECT coalesce(d.platform_message_id, d.payload ->> 'replaces') FROM deliveries AS d
                WHERE d.command_id = l.id AND coalesce(d.card, l.id::text) = l.id::text
                ORDER BY d.created_at DESC, d.id DESC LIMIT 1) AS shown_on
            FROM command_log AS l
            WHERE {which} ORDER BY l.at
            """,  # noqa: S608 - put together from our own parts
            *given,
        )
        steps = await self._database.fetch(
            "SELECT * FROM command_events WHERE command_id = ANY($1) ORDER BY seq",
            [row["id"] for row in asked],
        )
        return [
            Unsettled(
                asked_of(row),
                tuple(step_of(step) for step in steps if step["command_id"] == row["id"]),
                row["shown_on"],
            )
            for row in asked
        ]

    async def pass_over(self, receipt: Receipt, note: str) -> None:
        """Call an update handled, though no ask came of it."""
        await self._inbox.done(receipt, note)

    def _stored_press(self, row: Record) -> StoredPress:
        return StoredPress(
            token=row["token"],
            ask=self._stored(row["word"], row["ask"]),
            principal=row["principal"],
            room=Room.of(row["platform"], row["room"]),
            command_id=row["command_id"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            asked_at=row["asked_at"],
            used_by=row["used_by"],
            result=row["said"],
            open=row["state"] == "open",
            whose=Whose(row["whose"]),
            preview=row["preview"] or {},
            fills=row["fills"],
            beside=row["beside"],
        )


def asked_of(row: Record | Mapping[str, Any]) -> Asked:
    """What never changes of a row of `command_log`."""
    return Asked(
        id=row["id"],
        at=row["at"],
        platform=row["platform"],
        principal=row["principal"],
        sender_id=row["sender_id"],
        room=row["room"],
        bot=row["bot"],
        word=row["word"],
        arguments=row["arguments"],
        risk=row["risk"],
        correlation_id=row["correlation_id"],
    )


def step_of(row: Record | Mapping[str, Any]) -> Step:
    """A row of `command_events` as it was written."""
    return Step(
        command_id=row["command_id"],
        at=row["at"].astimezone(UTC),
        step=StepName(row["step"]),
        by=row["by"],
        data=row["data"],
    )
