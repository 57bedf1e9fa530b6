"""Writes what recorders tell: each batch of a bot whole, once, and only where it goes on from what is stored."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any

import asyncpg

from chatops.history.rows import Batch, Head
from chatops.storage.database import REFUSED, Connection, Database, Record
from chatops.storage.history.partitions import Partitions
from chatops.storage.history.rows import ADDED, Row, Rows
from chatops.storage.history.snapshots import unpacked
from chatops.storage.metrics import copy_measured

log = logging.getLogger(__name__)

_HEADS = "SELECT bot, session_id, seq, snapshot, known FROM history_heads WHERE bot = ANY ($1::text[])"
# In one order, whoever asks: two that record the same bots wait for each other, and not each for the other.
_LOCKED = "SELECT bot, session_id, seq FROM history_heads WHERE bot = ANY ($1::text[]) ORDER BY bot FOR UPDATE"
_GIVEN = "unnest($1::text[], $2::uuid[], $3::bigint[], $4::bytea[], $5::jsonb[])"
_FIRST = f"""
INSERT INTO history_heads (bot, session_id, seq, snapshot, known)
SELECT * FROM {_GIVEN} AS given (bot, session_id, seq, snapshot, known) ORDER BY bot
ON CONFLICT (bot) DO NOTHING RETURNING bot
"""  # noqa: S608 - put together from our own parts
_NEXT = f"""
UPDATE history_heads AS h
SET session_id = given.session_id, seq = given.seq, snapshot = given.snapshot, known = given.known
FROM {_GIVEN} AS given (bot, session_id, seq, snapshot, known) WHERE h.bot = given.bot
"""  # noqa: S608 - put together from our own parts
_RUNS = """
INSERT INTO sessions AS s (session_id, bot, strategy, version, mode, started_at, seen_at, ended_at)
SELECT * FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[])
ON CONFLICT (session_id) DO UPDATE
SET strategy = excluded.strategy, version = excluded.version, mode = excluded.mode, started_at = excluded.started_at,
    seen_at = greatest(s.seen_at, excluded.seen_at), ended_at = excluded.ended_at
"""
_SAMPLES = """
WITH given AS (
    SELECT * FROM unnest(
        $1::text[], $2::timestamptz[], $3::timestamptz[], $4::numeric[], $5::numeric[], $6::numeric[], $7::bytea[]
    ) AS given (bot, minute, at, equity, unrealized, deposits, legs)
), written AS (
    INSERT INTO samples AS s (bot, minute, at, equity, unrealized, deposits)
    SELECT bot, minute, at, equity, unrealized, deposits FROM given
    ON CONFLICT (bot, minute) DO UPDATE
    SET at = excluded.at, equity = excluded.equity, unrealized = excluded.unrealized, deposits = excluded.deposits
    WHERE s.at <= excluded.at
    RETURNING bot, minute
)
INSERT INTO sample_legs (bot, minute, legs)
SELECT bot, minute, legs FROM given JOIN written USING (bot, minute)
ON CONFLICT (bot, minute) DO UPDATE SET legs = excluded.legs
"""
_GAPS = """
INSERT INTO gaps (bot, starts_at, ends_at)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
ON CONFLICT (bot, starts_at) DO UPDATE SET ends_at = excluded.ends_at
"""


class HistoryWriting:
    """A `Recording`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._partitions = Partitions(database)

    async def heads(self, bots: Collection[str]) -> dict[str, Head]:
        """Up to where each of these is recorded, of those that are.

        One that this version cannot read is left out, with a line in the log; nothing more is stored of that bot then.
        """
        rows = await self._database.fetch(_HEADS, list(bots))
        return await asyncio.to_thread(_heads, rows)

    async def keep(self, batches: Sequence[Batch]) -> frozenset[str]:
        """Store them, each whole or not at all; gives the bots whose batch was not, since others recorded meanwhile.

        Where `DatabaseAway` is raised they may be stored, or not: kept once more they are refused, if they are. What
        the tables do not take is not stored either, with a line in the log, and holds up no other bot's.

        Raises `ValueError` on two batches of one bot, and on one that ends at the head it goes on from and has what
        is added to the tables: nobody could tell whether it is stored.
        """
        _expect_sound(batches)
        # One after the other: whoever else waits for the interpreter has it in between.
        rows = [await asyncio.to_thread(Rows.of, batch) for batch in batches]
        try:
            return await self._keep(rows)
        except REFUSED:
            if len(rows) == 1:
                log.exception("history of %s is refused", rows[0].batch.bot)
                return frozenset({rows[0].batch.bot})
        # One of them is to blame.
        refused: set[str] = set()
        for batch in batches:
            refused |= await self.keep([batch])
        return frozenset(refused)

    async def _keep(self, rows: Sequence[Rows]) -> frozenset[str]:
        wanted = {partition for one in rows for partition in one.partitions}
        await self._partitions.make(wanted)
        try:
            return await self._store(rows)
        except asyncpg.CheckViolationError:
            # No partition takes it: it was dropped since we looked.
            self._partitions.look_again()
            await self._partitions.make(wanted)
        return await self._store(rows)

    async def _store(self, rows: Sequence[Rows]) -> frozenset[str]:
        async with self._database.transaction() as connection:
            taken = await _move_heads(connection, rows)
            await add_rows(connection, taken)
        return frozenset(one.batch.bot for one in rows) - {one.batch.bot for one in taken}


async def add_rows(connection: Connection, taken: Sequence[Rows]) -> None:
    """Put all but the heads into the tables, whose partitions are made."""
    for table, columns in ADDED.items():
        if records := [row for one in taken for row in one.added.get(table, ())]:
            await connection.copy_records_to_table(table, records=records, columns=columns)
    for query, given in (
        (_RUNS, [row for one in taken for row in one.runs]),
        (_SAMPLES, [row for one in taken for row in one.samples]),
        (_GAPS, [row for one in taken for row in one.gaps]),
    ):
        if given:
            await connection.execute(query, *_columns(given))
    if measured := [one for some in taken for one in some.batch.measured]:
        await copy_measured(connection, measured)


async def _move_heads(connection: Connection, rows: Sequence[Rows]) -> list[Rows]:
    """Those that go on from what is stored, whose heads are moved on; they stay locked."""
    stored = {
        row["bot"]: (row["session_id"], row["seq"])
        for row in await connection.fetch(_LOCKED, [one.batch.bot for one in rows])
    }
    going_on, first = [], []
    for one in sorted(rows, key=attrgetter("batch.bot")):
        before = one.batch.before
        if before is None and one.batch.bot not in stored:
            first.append(one)
        elif before is not None and stored.get(one.batch.bot) == (before.session_id, before.seq):
            going_on.append(one)
    if going_on:
        await connection.execute(_NEXT, *_columns([one.head for one in going_on]))
    if first:
        begun = {row["bot"] for row in await connection.fetch(_FIRST, *_columns([one.head for one in first]))}
        first = [one for one in first if one.batch.bot in begun]
    return going_on + first


def _columns(rows: Iterable[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _heads(rows: Iterable[Record]) -> dict[str, Head]:
    found = {}
    for row in rows:
        try:
            snapshot = unpacked(row["snapshot"])
        except ValueError:
            log.exception("where the history of %s stands cannot be read, and nothing more of it is stored", row["bot"])
            continue
        found[row["bot"]] = Head(row["session_id"], row["seq"], snapshot, row["known"])
    return found


def _expect_sound(batches: Sequence[Batch]) -> None:
    bots = [batch.bot for batch in batches]
    for batch in batches:
        before, head = batch.before, batch.head
        if bots.count(batch.bot) > 1:
            raise ValueError(f"two batches of {batch.bot} at once: keep the first, and then the second")
        if before is None or (before.session_id, before.seq) != (head.session_id, head.seq):
            continue
        if batch.kept or batch.happened or batch.bookings or batch.payments or batch.trades or batch.transfers:
            raise ValueError(f"a batch of {batch.bot} goes nowhere: what it adds needs a head of its own")
