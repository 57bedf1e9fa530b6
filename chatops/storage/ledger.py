"""The ledger in PostgreSQL: `command_log`, `command_events`, `presses`, `deliveries`, `inbox` in one call."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from chatops.asks import stored_ask
from chatops.guard.audit import Asked, Step, StepName, canonical_json, moment, standing
from chatops.guard.presses import StoredPress
from chatops.ledger import Entry, Recorded, Unsettled
from chatops.messages import Receipt, Whose
from chatops.room import Room
from chatops.storage.database import Database, Record
from chatops.storage.delivery_rows import press_row_of, row_of
from chatops.storage.inbox import Inbox

_RECORD = "SELECT record($1, $2, $3, $4, $5, $6, $7, $8)"


class PostgresLedger:
    """Writes entries, finds presses, and tells what a stop of the program left in the middle.

    `sender` is who sends what an entry owes: as `Deliveries` has it.
    """

    def __init__(self, database: Database, sender: UUID) -> None:
        self._database = database
        self._sender = str(sender)
        self._inbox = Inbox(database)

    @property
    def is_here(self) -> bool:
        """It is asked each time."""
        return True

    async def record(self, entry: Entry) -> Recorded:
        """Write it all in one round trip, or nothing."""
        standings = standing(entry.steps)
        redeems, receipt = entry.redeems, entry.receipt
        is_new = await self._database.fetchval(
            _RECORD,
            _asked(entry.asked) if entry.asked else None,
            {
                "id": str(entry.steps[0].command_id),
                "state": standings.state,
                "outcome": standings.outcome,
                "answer": standings.answer,
                "latency_ms": standings.latency_ms,
            },
            [_step(step) for step in entry.steps],
            [press_row_of(press) for press in entry.minted] or None,
            [{**row_of(owed), "claimed_by": self._sender} for owed in entry.owed] or None,
            receipt.inbox_id if receipt else None,
            {"token": redeems.token, "command_id": str(redeems.command_id), "by": redeems.by} if redeems else None,
            _arrived(receipt) if receipt else None,
        )
        if receipt is not None and receipt.arrival is not None:
            receipt.arrival.stored.set()
        return Recorded.WHOLE if is_new else Recorded.BEFORE

    async def find(self, token: str) -> StoredPress | None:
        """The row behind a button."""
        row = await self._database.fetchrow(
            """
            SELECT p.*, l.answer AS said
            FROM presses AS p LEFT JOIN command_log AS l ON l.id = p.command_id
            WHERE p.token = $1
            """,
            token,
        )
        return None if row is None else _stored_press(row)

    async def unsettled(self) -> list[Unsettled]:
        """What was waiting or running when the program stopped, oldest first, with its steps."""
        asked = await self._database.fetch(
            """
            SELECT l.*, (
                SELECT coalesce(d.platform_message_id, d.payload ->> 'replaces') FROM deliveries AS d
                WHERE d.command_id = l.id ORDER BY d.created_at DESC, d.id DESC LIMIT 1) AS shown_on
            FROM command_log AS l
            WHERE l.state IN ('running', 'awaiting_confirmation', 'awaiting_approval') ORDER BY l.at
            """
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

    async def keep(self, receipt: Receipt) -> None:
        """Store its update, where that is not stored yet."""
        await self._inbox.keep([receipt])

    async def pass_over(self, receipt: Receipt, note: str) -> None:
        """Call an update handled, though no ask came of it."""
        await self._inbox.done(receipt, note)


def _arrived(receipt: Receipt) -> dict[str, Any] | None:
    arrival = receipt.arrival
    if arrival is None:
        return None
    return {
        "platform": arrival.platform,
        "update_id": arrival.update_id,
        "payload": arrival.payload,
        "command_id": str(receipt.command_id),
    }


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


def _asked(asked: Asked) -> dict[str, Any]:
    return {"id": str(asked.id), **asked.facts()}


def _step(step: Step) -> dict[str, Any]:
    return {
        "command_id": str(step.command_id),
        "at": moment(step.at),
        "step": step.step,
        "by": step.by,
        "data": canonical_json(dict(step.data)),
        "canonical": step.canonical(),
    }


def _stored_press(row: Record) -> StoredPress | None:
    ask = stored_ask(row["word"], row["ask"])
    if ask is None:
        # What this version no longer knows: its buttons are as good as unknown.
        return None
    return StoredPress(
        token=row["token"],
        ask=ask,
        principal=row["principal"],
        room=Room.of(row["platform"], row["room"]),
        command_id=row["command_id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        used_by=row["used_by"],
        result=row["said"],
        open=row["state"] == "open",
        whose=Whose(row["whose"]),
        preview=row["preview"] or {},
        fills=row["fills"],
    )
