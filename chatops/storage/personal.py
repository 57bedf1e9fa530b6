"""What people have chosen for themselves: table `person_preferences`."""

from chatops.personal import Own
from chatops.storage.database import Database


class PostgresPersonal:
    """A `PersonalStore`. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[Own]:
        """All of them."""
        rows = await self._database.fetch("SELECT person, key, value FROM person_preferences")
        return [Own(*row) for row in rows]

    async def keep(self, own: Own) -> None:
        """Store it in place of the one before."""
        await self._database.execute(
            """
            INSERT INTO person_preferences (person, key, value) VALUES ($1, $2, $3)
            ON CONFLICT (person, key) DO UPDATE SET value = excluded.value, at = now()
            """,
            own.person,
            own.key,
            own.value,
        )

    async def forget(self, person: str, key: str) -> None:
        """As if they had never chosen."""
        await self._database.execute("DELETE FROM person_preferences WHERE person = $1 AND key = $2", person, key)
