"""A session of a file put into the tables: all of it or nothing, and once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from bot_integration import Snapshot
from chatops.history.rows import Batch, Happened, Head, Kept, Run
from chatops.history.walking import span_of
from chatops.money.facts import Booking, FundingPayment, Gap, Sample, Trade, Transfer
from chatops.storage.database import Connection, Database
from chatops.storage.errors import StorageError
from chatops.storage.history.partitions import Partitions
from chatops.storage.history.rows import Rows, partitions_of
from chatops.storage.history.writing import add_rows
from chatops.storage.sessions.file import NotASession, Written, read_session
from chatops.storage.sessions.lines import Fact, Opening

FactT = TypeVar("FactT", bound=Fact)

#: Lines that are put in at once: some megabytes.
_AT_ONCE = 500
_THERE = "SELECT true FROM sessions WHERE session_id = $1"
# Held until the end: two who import the same wait for each other.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('history import', 0))"
_OTHER = """
SELECT session_id FROM sessions
WHERE bot = $1 AND started_at < $3 AND greatest(seen_at, coalesce(ended_at, seen_at)) >= $2 LIMIT 1
"""
_TAKEN_OVER = "SELECT until FROM elsewhere WHERE bot = $1 AND until > $2"


class Overlaps(StorageError):
    """Of that time another session or the bot's own record is stored: the money of both would count twice."""


async def import_session(database: Database, path: Path) -> Written | None:
    """Put it in; None where it is there already. What is recorded of the bot from now on is not touched.

    Raises `NotASession` with the line, `Overlaps`, `DatabaseAway` and `OSError`: then nothing was put in.
    """
    # Read twice: the partitions are made before anything is written, and not for a file that turns out to be wrong.
    look = await asyncio.to_thread(_looked_through, path)
    if await database.fetchval(_THERE, look.run.session_id):
        return None
    await Partitions(database).make(look.partitions)
    counts: Counter[str] = Counter()
    async with database.transaction() as connection:
        await connection.execute(_LOCK)
        if await connection.fetchval(_THERE, look.run.session_id):
            return None
        await _expect_free(connection, look.run)
        facts = (said for said in read_session(path) if not isinstance(said, Opening))
        while some := await asyncio.to_thread(lambda: list(islice(facts, _AT_ONCE))):
            await add_rows(connection, [await asyncio.to_thread(Rows.of, _batch(look.run, look.snapshot, some))])
            counts.update(type(one).__name__ for one in some)
    return Written(look.run, counts)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a file holds, once it is known to be whole and understood."""

    run: Run
    #: Any of it.
    snapshot: Snapshot
    partitions: frozenset[tuple[str, datetime]]


def _looked_through(path: Path) -> _Look:
    facts = read_session(path)
    head = next(facts)
    assert isinstance(head, Opening)
    run, first = next(facts, None), next(facts, None)
    if not isinstance(run, Run) or not isinstance(first, Kept):
        raise NotASession(f"{path} line 2: after the head stands the run, and after that its first snapshot.")
    partitions: set[tuple[str, datetime]] = set()
    for number, said in enumerate(chain((run, first), facts), start=2):
        if isinstance(said, Opening) or isinstance(said, Run) is not (number == 2):
            raise NotASession(f"{path} line {number}: a file holds one run.")
        bot, session_id = _whose(said)
        if bot != head.bot or session_id not in (None, head.session_id):
            raise NotASession(f"{path} line {number}: it is not of the session that the head names.")
        partitions.update(partitions_of(_batch(run, first.snapshot, [said])))
    return _Look(run, first.snapshot, frozenset(partitions))


def _whose(said: Fact) -> tuple[str, UUID | None]:
    if isinstance(said, Kept):
        return said.snapshot.bot, said.snapshot.session_id
    if isinstance(said, Run | Happened):
        return said.bot, said.session_id
    if isinstance(said, Trade | Booking | FundingPayment):
        return said.of.bot, None
    return said.bot, None


def _batch(run: Run, snapshot: Snapshot, facts: Sequence[Fact]) -> Batch:
    # Its head is moved nowhere: what is recorded of the bot from now on goes on from where it stands.
    return Batch(
        run.bot,
        None,
        Head(run.session_id, snapshot.seq, snapshot, {}),
        runs=_of(facts, Run),
        kept=_of(facts, Kept),
        happened=_of(facts, Happened),
        bookings=_of(facts, Booking),
        payments=_of(facts, FundingPayment),
        trades=_of(facts, Trade),
        samples=_of(facts, Sample),
        transfers=_of(facts, Transfer),
        gaps=_of(facts, Gap),
    )


def _of(facts: Sequence[Fact], kind: type[FactT]) -> tuple[FactT, ...]:
    return tuple(one for one in facts if isinstance(one, kind))


async def _expect_free(connection: Connection, run: Run) -> None:
    span = span_of(run)
    other = await connection.fetchval(_OTHER, run.bot, span.start, span.end)
    if other is not None:
        raise Overlaps(
            f"Session {other} of {run.bot} is stored already, and of the same time: the money of both would count "
            "twice. Nothing was imported."
        )
    until = await connection.fetchval(_TAKEN_OVER, run.bot, span.start)
    if until is not None:
        raise Overlaps(
            f"What {run.bot} made was taken over from its own record until {until:%Y-%m-%d %H:%M:%S} UTC, and this "
            "session began before: its money would count twice. Nothing was imported."
        )
