"""Reads all that figures of a span are made from, as finely as they need it."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from chatops.history.resolution import resolution
from chatops.money.books import Books
from chatops.money.facts import Gap, Sample
from chatops.money.spans import Span
from chatops.storage.database import Database, Record
from chatops.storage.history.remembered import Remembered
from chatops.storage.history.rows import sample_of
from chatops.storage.history.stretches import EPOCH, facts, read, stretches, versions

# A month of twenty bots is added up without a file then. To plan anew over all partitions takes longer than to read.
_SETTINGS = "SET LOCAL work_mem = '32MB'; SET LOCAL plan_cache_mode = force_generic_plan"
#: So few stretches, nearly all of them known, are put together sooner than a thread begins.
_LITTLE = 200
_GAPS = "SELECT * FROM gaps WHERE bot = ANY ($1::text[]) AND starts_at < $3 AND ends_at > $2"
# How a bot came: what was lost since then would else begin at the end of its first step.
_FIRST_SAMPLES = """
SELECT s.bot, s.at, s.equity, s.unrealized, s.deposits, NULL AS legs
FROM unnest($1::text[]) AS of (bot),
    LATERAL (
        SELECT * FROM samples
        WHERE samples.bot = of.bot AND minute >= date_trunc('minute', $2::timestamptz) AND minute < $3
            AND at >= $2 AND at < $3
        ORDER BY minute LIMIT 1
    ) AS s
"""
# A bot may have been silent for long: this goes back as far as it takes, a partition after the other.
_BEFORE = """
SELECT s.bot, s.at, s.equity, s.unrealized, s.deposits, (
    SELECT held.legs FROM sample_legs AS held WHERE held.bot = s.bot AND held.minute = s.minute
) AS legs
FROM unnest($1::text[]) AS of (bot), unnest($2::timestamptz[]) AS wanted (moment),
    LATERAL (
        SELECT * FROM samples WHERE samples.bot = of.bot AND minute < wanted.moment AND at < wanted.moment
        ORDER BY minute DESC LIMIT 1
    ) AS s
"""


class HistoryBooks:
    """Part of a `Reading`. Raises `DatabaseAway`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered = Remembered()

    async def books(
        self,
        bots: Collection[str],
        span: Span,
        *,
        step: timedelta | None = None,
        marks: Sequence[datetime] = (),
        apart: bool = True,
    ) -> Books:
        """All that figures of a span are made from, see `port.Reading`.

        What was read of a stretch before and nobody wrote in since is not read again.
        """
        names = list(dict.fromkeys(bots))
        step = step or resolution(span).step
        asked = stretches(names, span, step, marks, apart=apart)
        # What is written all the time need not be looked up.
        over = asked[: -len(names)] if names else []
        # One view of it all, else what is written meanwhile would stand in a part of it alone.
        async with (
            self._database.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(_SETTINGS)
            ends = await connection.fetch(_BEFORE, names, [span.start, span.end])
            known = {row["bot"] for row in ends if row["at"] < span.start}
            if came := [name for name in names if name not in known]:
                ends += await connection.fetch(_FIRST_SAMPLES, came, span.start, span.end)
            seen = await versions(connection, over)
            remembered = [self._remembered.of(one, version) for one, version in zip(over, seen, strict=True)]
            missing = [one for one, found in zip_longest(asked, remembered) if found is None]
            rows = await read(connection, missing) if missing else None
            gaps = await connection.fetch(_GAPS, names, span.start, span.end)

        def put_together() -> tuple[list[Books], Books]:
            found = facts(rows, missing) if rows is not None else []
            given = iter(found)
            parts = [one or next(given) for one, _ in zip_longest(remembered, asked)]
            return found, Books(
                tuple(chain.from_iterable(one.bookings for one in parts)),
                tuple(chain.from_iterable(one.payments for one in parts)),
                tuple(chain.from_iterable(one.trades for one in parts)),
                _of_all(ends, chain.from_iterable(one.samples for one in parts)),
                tuple(Gap(row["bot"], row["starts_at"], row["ends_at"]) for row in gaps),
                None if any((mark - EPOCH) % step for mark in marks if mark != span.end) else step,
                # A bot that came in the span stands in it once more, as it came.
                () if came else tuple(zip(*[iter(parts)] * len(names), strict=True)),
            )

        is_little = len(asked) < _LITTLE and len(missing) == len(names)
        found, books = put_together() if is_little else await asyncio.to_thread(put_together)
        # Those that are not over yet stand last.
        version_of = dict(zip(over, seen, strict=True)) if len(missing) > len(names) else {}
        for one, read_now in zip(missing, found, strict=True):
            if one in version_of:
                self._remembered.keep(one, version_of[one], read_now)
        return books


def _of_all(ends: Iterable[Record], others: Iterable[Sample]) -> tuple[Sample, ...]:
    """Each once, and with its legs where they were read."""
    found: dict[tuple[str, datetime], Sample] = {}
    for row in ends:
        key = row["bot"], row["at"]
        if key not in found or row["legs"]:
            found[key] = sample_of(row)
    return (*found.values(), *(one for one in others if (one.bot, one.at) not in found))
