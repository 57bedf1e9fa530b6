"""What was last told of each bot: table `desk`, a row a bot."""

import logging

from pydantic import ValidationError

from chatops.notices.memory import Remembered
from chatops.storage.database import Database

log = logging.getLogger(__name__)


class PostgresLastTold:
    """A `Memory`. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, bot: str) -> Remembered | None:
        """What was kept of this bot; None where that is nothing, or of another version that cannot be read."""
        kept = await self._database.fetchval("SELECT value FROM desk WHERE key = $1", _key(bot))
        if kept is None:
            return None
        try:
            return Remembered.model_validate(kept)
        except ValidationError as error:
            log.warning("what was last told of %s cannot be read: %d faults", bot, error.error_count())
            return None

    async def keep(self, bot: str, seen: Remembered) -> None:
        """Keep this in place of what was kept before."""
        await self._database.execute(
            """
            INSERT INTO desk (key, value) VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()
            """,
            _key(bot),
            seen.model_dump(mode="json"),
        )


def _key(bot: str) -> str:
    return f"told:{bot}"
