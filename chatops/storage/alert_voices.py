"""Which message last spoke up for an alert, to each target: the one that has its buttons."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alerts.model import Form, Target, TargetKind
from chatops.storage.database import Database


@dataclass(frozen=True, slots=True)
class Voice:
    """The newest that came with a sound."""

    alert: UUID
    target: Target
    form: Form
    at: datetime


async def voices(database: Database, alerts: Collection[UUID]) -> list[Voice]:
    """Of these alerts, for each target one. Raises `DatabaseAway`."""
    rows = await database.fetch(
        """
        SELECT DISTINCT ON (alert_id, kind, target) alert_id, kind, target, form, at FROM alert_tellings
        WHERE alert_id = ANY ($1) AND form IN ('card', 'ping') ORDER BY alert_id, kind, target, seq DESC
        """,
        list(alerts),
    )
    return [
        Voice(row["alert_id"], Target(TargetKind(row["kind"]), row["target"]), Form(row["form"]), row["at"])
        for row in rows
    ]
