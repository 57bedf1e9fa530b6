"""Who typed codes that were none, and is heard no more for a while: table `wrong_codes`."""

from datetime import datetime, timedelta

from chatops.storage.database import Database

#: So many wrong ones within `WITHIN` lock whoever typed them for `LOCKED_FOR` (SPEC 5).
MOST = 5
WITHIN = timedelta(minutes=5)
LOCKED_FOR = timedelta(minutes=5)
#: Nobody asks for older ones.
_KEPT = timedelta(days=1)


class WrongCodes:
    """Counts them where a restart forgives none. Every method raises `DatabaseAway` where the database is.

    `who` is a person's name, or the account of somebody whom we do not know. Nothing is to be added while they are
    locked: what they type then counts for nothing, right or wrong.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, who: str, at: datetime) -> None:
        """One more."""
        await self._database.execute(
            """
            WITH forgotten AS (DELETE FROM wrong_codes WHERE at < $3)
            INSERT INTO wrong_codes (who, at) VALUES ($1, $2)
            """,
            who,
            at,
            at - _KEPT,
        )

    async def locked_until(self, who: str, now: datetime) -> datetime | None:
        """When they are heard again; None where they are heard now."""
        row = await self._database.fetchrow(
            """
            SELECT newest, (SELECT count(*) FROM wrong_codes WHERE who = $1 AND at > newest - $3::interval) AS wrong
            FROM (SELECT max(at) AS newest FROM wrong_codes WHERE who = $1 AND at > $2) AS last
            """,
            who,
            now - LOCKED_FOR,
            WITHIN,
        )
        if row is None or row["newest"] is None or row["wrong"] < MOST:
            return None
        until: datetime = row["newest"] + LOCKED_FOR
        return until
