"""What platforms hand over, stored before that is confirmed to them, and handled once: table `inbox`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from chatops.ids import uuid7
from chatops.messages import Receipt
from chatops.storage.database import Database
from chatops.storage.json_codec import encode_jsonb

#: How much is kept of what jsonb cannot hold.
_KEPT_CHARACTERS = 10_000

_STORE = """
WITH given AS (
    SELECT * FROM unnest($2::text[], $3::jsonb[], $4::uuid[])
        WITH ORDINALITY AS given (update_id, payload, command_id, place)
), stored AS (
    INSERT INTO inbox (platform, update_id, payload, command_id)
    SELECT $1, update_id, payload, command_id FROM given ORDER BY place
    ON CONFLICT (platform, update_id) DO NOTHING
    RETURNING id, command_id
)
SELECT stored.id, given.command_id FROM given LEFT JOIN stored USING (command_id) ORDER BY given.place
"""


_KEEP = """
INSERT INTO inbox (platform, update_id, payload, command_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::uuid[])
ON CONFLICT DO NOTHING
"""


class Unhandled(NamedTuple):
    """An update that was stored and not handled: the program stopped in between."""

    receipt: Receipt
    payload: Mapping[str, Any]
    received_at: datetime


class Inbox:
    """The stored updates of all platforms. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def store(self, platform: str, updates: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Receipt | None]:
        """Keep updates, each an id and what was handed over; gives a receipt for each in their order.

        None stands for one that is stored already. All are stored or none is.
        """
        return await self._store(platform, updates, [uuid7() for _ in updates])

    async def _store(
        self, platform: str, updates: Sequence[tuple[str, Mapping[str, Any]]], command_ids: Sequence[UUID]
    ) -> list[Receipt | None]:
        """The same, as asks of these ids."""
        if not updates:
            return []
        update_ids = [update_id for update_id, _ in updates]
        payloads = [payload for _, payload in updates]
        try:
            rows = await self._database.fetch(_STORE, platform, update_ids, payloads, command_ids)
        except asyncpg.DataError:
            # One that jsonb cannot hold must not stop the others.
            held = [held_by_jsonb(payload) for payload in payloads]
            rows = await self._database.fetch(_STORE, platform, update_ids, held, command_ids)
        return [None if row["id"] is None else Receipt(row["id"], row["command_id"]) for row in rows]

    async def keep(self, receipts: Iterable[Receipt]) -> None:
        """Store what came with these and is not stored yet. What came before under its id stays the one."""
        missing = [
            (receipt.arrival, receipt.command_id)
            for receipt in receipts
            if receipt.arrival is not None and not receipt.arrival.stored.is_set()
        ]
        if not missing:
            return
        arrivals = [arrival for arrival, _ in missing]
        await self._database.execute(
            _KEEP,
            [arrival.platform for arrival in arrivals],
            [arrival.update_id for arrival in arrivals],
            [held_by_jsonb(arrival.payload) for arrival in arrivals],
            [command_id for _, command_id in missing],
        )
        for arrival in arrivals:
            arrival.stored.set()

    async def unhandled(self, platform: str) -> list[Unhandled]:
        """What is stored and not done, in the order in which it came."""
        rows = await self._database.fetch(
            """
            SELECT id, command_id, payload, received_at FROM inbox
            WHERE handled_at IS NULL AND platform = $1 ORDER BY id
            """,
            platform,
        )
        return [Unhandled(Receipt(row["id"], row["command_id"]), row["payload"], row["received_at"]) for row in rows]

    async def done(self, receipt: Receipt, note: str | None = None) -> None:
        """It is handled, or passed over for the reason in `note`. Done twice, the first time counts."""
        await self.keep([receipt])
        await self._database.execute(
            "UPDATE inbox SET handled_at = now(), note = $2 WHERE command_id = $1 AND handled_at IS NULL",
            receipt.command_id,
            note,
        )

    async def leave(self, receipt: Receipt, note: str) -> None:
        """It is not handled, for the reason in `note`, and is new where it comes again."""
        await self.keep([receipt])
        await self._database.execute(
            """
            UPDATE inbox SET handled_at = now(), note = $2, update_id = update_id || ' ' || command_id
            WHERE command_id = $1 AND handled_at IS NULL
            """,
            receipt.command_id,
            note,
        )


def can_hold(payload: Mapping[str, Any]) -> bool:
    """Whether an update can be stored as it is."""
    try:
        encode_jsonb(payload)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def held_by_jsonb(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The update, or a picture of one that cannot be stored as it is."""
    return payload if can_hold(payload) else {"unreadable": repr(payload)[:_KEPT_CHARACTERS]}
