"""Rows of `deliveries` as they may stand there, whoever wrote them."""

from datetime import timedelta
from uuid import UUID

from chatops.ids import uuid7
from chatops.owed import Kind, Lane, State
from chatops.storage.database import Database

_OWE = """
INSERT INTO deliveries (
    id, kind, severity, lane, platform, room, card, in_place, payload, state, attempts, reason, created_at, repeat)
VALUES ($1, $2, 'info', $3, $4, $5, $6, $7, $8, $9, $10, $11, now() - $12::interval, false)
"""


async def owe(
    database: Database,
    title: str = "SOL-1 closed",
    *,
    room: str = "-100200",
    platform: str = "telegram",
    state: State = State.PENDING,
    kind: Kind = Kind.ALERT,
    lane: Lane = Lane.INFO,
    age: timedelta = timedelta(),
    reason: str | None = None,
    attempts: int = 0,
    card: str | None = None,
    in_place: bool = False,
    id_: UUID | None = None,
) -> UUID:
    """Have this row stand there; gives its id."""
    row = id_ or uuid7()
    payload = {
        "title": title,
        "blocks": [{"text": "The rest.", "bold": False}],
        "keys": [],
        "silent": False,
        "replaces": None,
    }
    await database.execute(_OWE, row, kind, lane, platform, room, card, in_place, payload, state, attempts, reason, age)
    return row
