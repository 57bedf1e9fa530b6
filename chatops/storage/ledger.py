"""The ledger in PostgreSQL: `command_log`, `command_events`, `presses`, `deliveries`, `inbox` in one call."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chatops.asks import stored_ask
from chatops.guard.audit import Asked, Step, StepName, canonical_json, moment, standing
from chatops.guard.presses import StoredPress
from chatops.ledger import Entry, Owed, Unsettled, Unshown
from chatops.messages import Room
from chatops.payload import payload_of, posting_of
from chatops.storage.database import Database, Record

_RECORD = "SELECT record($1, $2, $3, $4, $5, $6, $7)"


class PostgresLedger:
    """Writes entries, finds presses, and tells what a stop of the program left in the middle."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, entry: Entry) -> bool:
        """Write it all in one round trip. False, and nothing written, where it was settled or recorded before."""
        standings = standing(entry.steps)
        redeems = entry.redeems
        return bool(
            await self._database.fetchval(
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
                [_press(press) for press in entry.minted] or None,
                _owed(entry.owed) if entry.owed else None,
                entry.inbox_id,
                {"token": redeems.token, "command_id": str(redeems.command_id), "by": redeems.by} if redeems else None,
            )
        )

    async def delivered(self, owed: UUID, message_id: str) -> None:
        """The platform has it."""
        await self._database.execute(
            "UPDATE deliveries SET state = 'sent', sent_at = now(), platform_message_id = $2 WHERE id = $1",
            owed,
            message_id,
        )

    async def undeliverable(self, owed: UUID, reason: str, *, permanent: bool) -> None:
        """The platform did not take it; what may yet go out stays pending."""
        await self._database.execute(
            "UPDATE deliveries SET state = $3, reason = $2 WHERE id = $1",
            owed,
            reason,
            "dead" if permanent else "pending",
        )

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

    async def give_up_overtaken(self) -> None:
        """Call what was on its way out, and is not the last word on its ask, what it is: perhaps shown."""
        await self._database.execute(
            """
            UPDATE deliveries AS d
            SET state = 'ambiguous', reason = 'the program stopped while this went out'
            FROM command_log AS l
            WHERE l.id = d.command_id AND d.kind = 'answer' AND d.state IN ('sending', 'pending') AND (
                l.state IN ('running', 'awaiting_confirmation', 'awaiting_approval')
                OR EXISTS (
                    SELECT FROM deliveries AS later WHERE later.command_id = d.command_id
                        AND (later.created_at, later.id) > (d.created_at, d.id)))
            """
        )

    async def unshown(self) -> list[Unshown]:
        """Answers that were recorded, and of which it is not known whether they were shown, oldest first."""
        rows = await self._database.fetch(
            "SELECT * FROM deliveries WHERE state IN ('sending', 'pending') AND kind = 'answer' ORDER BY created_at, id"
        )
        return [
            Unshown(
                Owed(
                    id=row["id"],
                    room=Room.of(row["platform"], row["room"]),
                    posting=posting_of(row["payload"]),
                    command_id=row["command_id"],
                    replaces=row["payload"]["replaces"],
                ),
                row["created_at"],
            )
            for row in rows
        ]

    async def pass_over(self, inbox_id: int, note: str) -> None:
        """Call a stored update handled, though no ask came of it."""
        await self._database.execute(
            "UPDATE inbox SET handled_at = now(), note = $2 WHERE id = $1 AND handled_at IS NULL", inbox_id, note
        )

    async def forget_presses(self, before: datetime) -> None:
        """Drop the tokens of buttons older than this; who presses one then is told that it is too old."""
        await self._database.execute("DELETE FROM presses WHERE created_at < $1", before)


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


def _press(press: StoredPress) -> dict[str, Any]:
    return {
        "token": press.token,
        "ask": press.ask.arguments,
        "word": press.ask.word,
        "principal": press.principal,
        "platform": press.room.platform,
        "room": press.room.key,
        "command_id": str(press.command_id) if press.command_id else None,
        "created_at": moment(press.created_at),
        "expires_at": moment(press.expires_at) if press.expires_at else None,
    }


def _owed(owed: Owed) -> dict[str, Any]:
    return {
        "id": str(owed.id),
        "platform": owed.room.platform,
        "room": owed.room.key,
        "card": str(owed.command_id),
        "payload": payload_of(owed.posting, owed.replaces),
        "command_id": str(owed.command_id),
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
    )
