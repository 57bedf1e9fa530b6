"""Silences in PostgreSQL: who wants not to be told of what, and until when."""

from datetime import datetime
from uuid import UUID

from alerts.severity import Severity
from alerts.silence import Silence
from chatops.guard.audit import storable
from chatops.storage.database import Database, Record


class SilenceTable:
    """Those in force, to come and over. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[Silence]:
        """Those in force and to come by the database's clock, oldest first."""
        rows = await self._database.fetch("SELECT * FROM silences WHERE until > now() ORDER BY number")
        return [_silence(row) for row in rows]

    async def add(self, silence: Silence) -> Silence:
        """Keep a new one; gives it with its number."""
        row = await self._database.fetchrow(
            """
            INSERT INTO silences (by, made_at, until, up_to, rule, bot, subject, alert_id, reason, known)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *
            """,
            silence.by,
            silence.made_at,
            silence.until,
            silence.up_to,
            silence.rule,
            silence.bot,
            silence.subject,
            silence.alert,
            storable(silence.reason),
            {str(alert): severity for alert, severity in silence.known.items()},
        )
        assert row is not None
        return _silence(row)

    async def lift(self, number: int, by: str, at: datetime) -> Silence | None:
        """End one at this moment; gives it as it ended, None where there is none that lasts longer."""
        row = await self._database.fetchrow(
            """
            UPDATE silences SET until = greatest($3, made_at), lifted_by = $2
            WHERE number = $1 AND until > $3 RETURNING *
            """,
            number,
            by,
            at,
        )
        return None if row is None else _silence(row)


def _silence(row: Record) -> Silence:
    return Silence(
        number=row["number"],
        by=row["by"],
        made_at=row["made_at"],
        until=row["until"],
        up_to=Severity(row["up_to"]),
        rule=row["rule"],
        bot=row["bot"],
        subject=row["subject"],
        alert=row["alert_id"],
        reason=row["reason"],
        known={UUID(alert): Severity(severity) for alert, severity in row["known"].items()},
    )
