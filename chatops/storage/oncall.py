"""Who stands in on call, in PostgreSQL: table `oncall_overrides`."""

from datetime import datetime

from alerts.oncall import Override
from chatops.alert_record import StandIn
from chatops.storage.database import Database, Record


class OnCallTable:
    """Who stands in, and until when. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[StandIn]:
        """Those in force and to come by the database's clock, in the order in which they were made."""
        rows = await self._database.fetch(
            "SELECT * FROM oncall_overrides WHERE ends_at > now() AND removed_by IS NULL ORDER BY number"
        )
        return [_stand_in(row) for row in rows]

    async def add(self, override: Override, by: str, at: datetime) -> StandIn:
        """Keep a new one; gives it with its number."""
        row = await self._database.fetchrow(
            """
            INSERT INTO oncall_overrides (who, starts_at, ends_at, by, at) VALUES ($1, $2, $3, $4, $5) RETURNING *
            """,
            override.who,
            override.start,
            override.until,
            by,
            at,
        )
        assert row is not None
        return _stand_in(row)

    async def remove(self, number: int, by: str) -> StandIn | None:
        """As if it had never been, from now on; gives it, None where there is none."""
        row = await self._database.fetchrow(
            "UPDATE oncall_overrides SET removed_by = $2 WHERE number = $1 AND removed_by IS NULL RETURNING *",
            number,
            by,
        )
        return None if row is None else _stand_in(row)


def _stand_in(row: Record) -> StandIn:
    return StandIn(row["number"], Override(row["who"], row["starts_at"], row["ends_at"]), row["by"], row["at"])
