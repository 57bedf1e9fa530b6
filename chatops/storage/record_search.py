"""The record looked into: `command_log` by who, word, bot, state or the end of an id, and the steps of one ask."""

import re
from collections.abc import Collection
from uuid import UUID

from chatops.guard.audit import State, Step
from chatops.guard.lookup import AskOnRecord
from chatops.money.spans import Span
from chatops.storage.database import Database, Record
from chatops.storage.ledger import step_of

#: The end of an id, as it is told with an error; the hyphens may be there or not.
_END_OF_ID = re.compile(r"[0-9a-f]{6,32}")

_ASKS = """
SELECT l.*, ARRAY(
    SELECT e.by FROM command_events AS e WHERE e.command_id = l.id AND e.step = 'approved' ORDER BY e.seq
) AS approved_by
FROM command_log AS l
WHERE {which}
    AND ($2::text[] IS NULL OR lower(bot) = ANY ($2))
    AND ($3::uuid IS NULL OR (at, id) < (SELECT at, id FROM command_log WHERE id = $3))
ORDER BY at DESC, id DESC LIMIT $4
"""
_ALL = _ASKS.format(which="$1::text IS NULL")
_ABOUT = _ASKS.format(which="$1 IN (lower(principal), lower(sender_id), word, lower(bot), state, outcome)")
_BY_ID = _ASKS.format(which="replace(id::text, '-', '') LIKE '%' || $1")
_ACTED = """
SELECT l.*, ARRAY(
    SELECT e.by FROM command_events AS e WHERE e.command_id = l.id AND e.step = 'approved' ORDER BY e.seq
) AS approved_by
FROM command_log AS l
WHERE at >= $1 AND at < $2 AND state IN ('running', 'finished') AND (risk IS NOT NULL OR word = ANY ($4::text[]))
    AND (bot IS NULL OR $3 = '' OR lower(bot) = lower($3))
ORDER BY at, id LIMIT $5
"""
_STEPS = "SELECT * FROM command_events WHERE command_id = $1 ORDER BY seq"


class PostgresLookup:
    """Looks into the record; the newest comes first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, about: str, *, bots: Collection[str] | None, limit: int, before: UUID | None = None
    ) -> list[AskOnRecord]:
        """The newest asks that are about this, or of an id that ends so."""
        only = None if bots is None else sorted(bots)
        said = about.casefold()
        rows = await self._database.fetch(_ABOUT if said else _ALL, said or None, only, before, limit)
        if not rows and _END_OF_ID.fullmatch(end := said.replace("-", "")):
            rows = await self._database.fetch(_BY_ID, end, only, before, limit)
        return [_ask(row) for row in rows]

    async def acted(self, span: Span, bot: str, words: Collection[str], *, limit: int) -> list[AskOnRecord]:
        """What was done in a span, oldest first: to this bot or to several, or by one of these words."""
        rows = await self._database.fetch(_ACTED, span.start, span.end, bot, list(words), limit)
        return [_ask(row) for row in rows]

    async def steps(self, ask: UUID) -> list[Step]:
        """All that happened to it, in order."""
        return [step_of(row) for row in await self._database.fetch(_STEPS, ask)]


def _ask(row: Record) -> AskOnRecord:
    return AskOnRecord(
        id=row["id"],
        at=row["at"],
        who=row["principal"] or row["sender_id"],
        platform=row["platform"],
        room=row["room"],
        bot=row["bot"],
        word=row["word"],
        arguments=row["arguments"],
        state=State(row["state"]),
        outcome=row["outcome"],
        answer=row["answer"],
        latency_ms=row["latency_ms"],
        approved_by=tuple(row["approved_by"]),
    )
