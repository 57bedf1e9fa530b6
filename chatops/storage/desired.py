"""What people want of the bots: read from `command_log` and `command_events`; what was seen of it is in `desk`."""

import logging
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from bot_integration import Outcome
from chatops.desired.folding import Asked, runs_of
from chatops.desired.judging import Sighting
from chatops.desired.store import Sightings, Unfinished
from chatops.people import THE_DESK
from chatops.room import Room
from chatops.storage.database import Database, Record

log = logging.getLogger(__name__)

# By the step that brought each where it stands: what ended later holds, whichever was asked first. How one ended may
# have been learnt later still: that counts as it ended, at its old place.
_ASKED = """
SELECT l.id, l.at, l.platform, l.room, l.principal, l.word, l.arguments, l.state, l.outcome,
    began.data AS began, ended.data AS ended
FROM command_log AS l
JOIN command_events AS began ON began.command_id = l.id AND began.step = 'running'
LEFT JOIN LATERAL (
    SELECT min(e.seq) AS seq, (array_agg(e.data ORDER BY e.seq DESC))[1] AS data FROM command_events AS e
    WHERE e.command_id = l.id AND e.step = 'finished') AS ended ON true
WHERE l.word IN ('pause', 'resume', 'kill', 'stop') AND l.state IN ('running', 'finished') AND l.principal IS NOT NULL
ORDER BY coalesce(ended.seq, began.seq)
"""
_KEPT = TypeAdapter(dict[str, Sighting])


class PostgresDesired:
    """A `Store`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def asked(self) -> list[Asked]:
        """What was begun with a word that holds back or lets go."""
        return [asked for row in await self._database.fetch(_ASKED) if (asked := _asked(row)).runs]

    async def unfinished(self) -> list[Unfinished]:
        """What the desk itself had begun and not ended."""
        rows = await self._database.fetch(_ASKED)
        return [
            Unfinished(row["id"], bot, session)
            for row in rows
            if row["principal"] == THE_DESK and row["state"] == "running"
            for bot, session in runs_of(row["began"]).items()
        ]

    async def recall(self, bot: str) -> Sightings:
        """What was kept of this bot; nothing where that is of another version and cannot be read."""
        kept = await self._database.fetchval("SELECT value FROM desk WHERE key = $1", _key(bot))
        try:
            return _KEPT.validate_python(kept or {})
        except ValidationError as error:
            log.warning("what was seen of the wishes for %s cannot be read: %d faults", bot, error.error_count())
            return {}

    async def keep(self, bot: str, seen: Sightings) -> None:
        """Keep this in place of what was kept before."""
        await self._database.execute(
            """
            INSERT INTO desk (key, value) VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()
            """,
            _key(bot),
            _KEPT.dump_python(dict(seen), mode="json"),
        )


def _asked(row: Record) -> Asked:
    runs = runs_of(row["began"])
    return Asked(
        row["id"],
        row["at"],
        row["principal"],
        Room.of(row["platform"], row["room"]),
        row["word"],
        row["arguments"],
        runs,
        _outcomes(row, runs),
    )


def _outcomes(row: Record, runs: dict[str, UUID | None]) -> dict[str, Outcome | None]:
    apart = (row["ended"] or {}).get("outcomes", {})
    said = {bot: apart.get(bot, row["outcome"]) for bot in runs}
    return {bot: Outcome(outcome) if outcome else None for bot, outcome in said.items()}


def _key(bot: str) -> str:
    return f"desired:{bot}"
