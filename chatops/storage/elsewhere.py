"""What is taken over from the record that a bot keeps itself: once, and of the time before it was heard here."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot_integration import Snapshot
from chatops.history.rows import Batch, Head
from chatops.money.facts import Sample
from chatops.storage.database import Database
from chatops.storage.errors import StorageError
from chatops.storage.history import PostgresHistory
from chatops.storage.history.partitions import Partitions
from chatops.storage.history.rows import Rows, partitions_of, sample_of
from chatops.storage.history.writing import add_rows

_TAKEN = "SELECT true FROM elsewhere WHERE bot = $1"
_FIRST_RUN = "SELECT session_id FROM sessions WHERE bot = $1 ORDER BY started_at LIMIT 1"
_FIRST_SAMPLE = """
SELECT bot, at, equity, unrealized, deposits, NULL AS legs FROM samples WHERE bot = $1 ORDER BY minute LIMIT 1
"""
_TAKE = """
INSERT INTO elsewhere (bot, source, until, taken_at, trades, bookings, payments) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (bot) DO NOTHING RETURNING true
"""
# Whoever records the bot goes on from its head alone: one with another number is refused, and reads it anew.
_SHIFT_HEAD = """
UPDATE history_heads
SET seq = seq - 1, known = jsonb_set(known, '{deposits}', to_jsonb(((known ->> 'deposits')::numeric - $2)::text))
WHERE bot = $1
"""
_SHIFT_SAMPLES = "UPDATE samples SET deposits = deposits - $2 WHERE bot = $1"
_BEGAN_WITH = "DELETE FROM transfers WHERE bot = $1 AND at = $2 AND reason = 'began with' RETURNING amount"
_BEGIN_WITH = "INSERT INTO transfers (bot, at, amount, reason) VALUES ($1, $2, $3, 'began with')"


class BeginningForgotten(StorageError):
    """A bot is recorded for so long that nobody can tell what its own record tells twice."""


@dataclass(frozen=True, slots=True)
class First:
    """The first that was heard of a bot here."""

    snapshot: Snapshot
    sample: Sample


class Elsewhere:
    """The table of what was taken. Every method raises `DatabaseAway`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._history = PostgresHistory(database)

    async def is_taken(self, bot: str) -> bool:
        """Whether it was done."""
        return bool(await self._database.fetchval(_TAKEN, bot))

    async def first(self, bot: str) -> First | None:
        """What was recorded of the bot first; None where nothing is yet. Raises `BeginningForgotten`."""
        session_id = await self._database.fetchval(_FIRST_RUN, bot)
        row = await self._database.fetchrow(_FIRST_SAMPLE, bot)
        kept = await self._history.kept(session_id=session_id, bot=bot, most=1) if session_id else ()
        if session_id is None or row is None:
            return None
        # Samples are kept for ever, the snapshot that came before them for a year.
        if not kept or kept[0].snapshot.at > row["at"]:
            raise BeginningForgotten(
                f"what was first heard of {bot} is forgotten, and so where its own record has to end"
            )
        return First(kept[0].snapshot, sample_of(row))

    async def take(  # noqa: PLR0917 - a row of the table
        self, batch: Batch, source: str, first: First, made: Decimal, until: datetime, at: datetime
    ) -> bool:
        """Put it in; whether it was not there before.

        It `made` so much, which until now was held for a part of what the bot began with: that is put right, in what
        is recorded of it from then on too.
        """
        await Partitions(self._database).make(frozenset(partitions_of(batch)))
        rows = await asyncio.to_thread(Rows.of, batch)
        bot, counts = batch.bot, (len(batch.trades), len(batch.bookings), len(batch.payments))
        async with self._database.transaction() as connection:
            if await connection.fetchval(_TAKE, bot, source, until, at, *counts) is None:
                return False
            if batch.samples:
                await connection.execute(_SHIFT_HEAD, bot, made)
                await connection.execute(_SHIFT_SAMPLES, bot, made)
                began_with = await connection.fetchval(_BEGAN_WITH, bot, first.snapshot.at) or 0
                await connection.execute(_BEGIN_WITH, bot, min(one.at for one in batch.samples), began_with - made)
            await add_rows(connection, [rows])
        return True


def batch_of(first: Snapshot) -> Batch:
    """One without anything in it, of the bot whose first snapshot this is."""
    return Batch(first.bot, None, Head(first.session_id, first.seq, first, {}))
