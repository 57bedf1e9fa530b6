"""Reads all that figures of a span are made from, as finely as they need it."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from chatops.history.resolution import MINUTES, resolution
from chatops.money.books import Books
from chatops.money.facts import Booking, FundingPayment, Gap, Sample
from chatops.money.spans import Span
from chatops.storage.database import Connection, Database, Record
from chatops.storage.history.rows import origin_of, sample_of, trade_of

# A row an origin, which has its sums in arrays: a tenth of what as many rows take. A sum is of 15 minutes, which is of
# one day in every zone, or reaches from one mark to the next; it stands at the moment of the first that is in it.
_BOOKINGS = """
SELECT bot, position, asset, strategy, lane, venue,
    array_agg(at) AS at, array_agg(realized) AS realized, array_agg(fees) AS fees
FROM (
    SELECT bot, position, asset, strategy, lane, venue,
        min(at) AS at, sum(realized) AS realized, sum(fees) AS fees
    FROM bookings WHERE bot = ANY ($1::text[]) AND at >= $2 AND at < $3
    GROUP BY 1, 2, 3, 4, 5, 6, {together}
) AS summed GROUP BY 1, 2, 3, 4, 5, 6
"""
# What nobody foretold apart: what came is compared with what was expected of it alone.
_PAYMENTS = """
SELECT bot, position, asset, strategy, lane, venue,
    array_agg(at) AS at, array_agg(actual) AS actual, array_agg(expected) AS expected
FROM (
    SELECT bot, position, asset, strategy, lane, venue,
        min(at) AS at, sum(actual) AS actual, sum(expected) AS expected
    FROM funding_payments WHERE bot = ANY ($1::text[]) AND at >= $2 AND at < $3
    GROUP BY 1, 2, 3, 4, 5, 6, {together}, expected IS NULL
) AS summed GROUP BY 1, 2, 3, 4, 5, 6
"""
_QUARTER, _BETWEEN = "date_bin('15 minutes', at, 'epoch')", "width_bucket(at, $4::timestamptz[])"
_TRADES = "SELECT * FROM trades WHERE bot = ANY ($1::text[]) AND closed_at >= $2 AND closed_at < $3"
_GAPS = "SELECT * FROM gaps WHERE bot = ANY ($1::text[]) AND starts_at < $3 AND ends_at > $2"
_ALL_SAMPLES = """
SELECT at, bot, equity, unrealized, deposits FROM samples
WHERE bot = ANY ($1::text[]) AND minute >= date_trunc('minute', $2::timestamptz) AND minute < $3
    AND at >= $2 AND at < $3
"""
# Each found by itself: a month of hours is a twentieth of the minutes that are there. From the first on that there is,
# since people ask for all that there ever was.
_LAST_SAMPLES = """
SELECT s.at, s.bot, s.equity, s.unrealized, s.deposits
FROM unnest($1::text[]) AS of (bot),
    LATERAL (
        SELECT minute FROM samples
        WHERE samples.bot = of.bot AND minute >= date_trunc('minute', $2::timestamptz) AND minute < $3
        ORDER BY minute LIMIT 1
    ) AS first,
    LATERAL (
        SELECT minute FROM samples WHERE samples.bot = of.bot AND minute >= first.minute AND minute < $3
        ORDER BY minute DESC LIMIT 1
    ) AS last,
    LATERAL generate_series(date_bin($4, first.minute, 'epoch'), last.minute, $4::interval) AS windows (start),
    LATERAL (
        SELECT * FROM samples
        WHERE samples.bot = of.bot AND minute >= windows.start AND minute < windows.start + $4::interval
            AND minute >= date_trunc('minute', $2::timestamptz) AND minute < $3 AND at >= $2 AND at < $3
        ORDER BY minute DESC LIMIT 1
    ) AS s
"""
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
SELECT s.bot, s.at, s.equity, s.unrealized, s.deposits, CASE WHEN wanted.legs THEN (
    SELECT held.legs FROM sample_legs AS held WHERE held.bot = s.bot AND held.minute = s.minute
) END AS legs
FROM unnest($1::text[]) AS of (bot), unnest($2::timestamptz[], $3::boolean[]) AS wanted (moment, legs),
    LATERAL (
        SELECT * FROM samples WHERE samples.bot = of.bot AND minute < wanted.moment AND at < wanted.moment
        ORDER BY minute DESC LIMIT 1
    ) AS s
"""


class HistoryBooks:
    """Part of a `Reading`. Raises `DatabaseAway`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def books(
        self, bots: Collection[str], span: Span, *, step: timedelta | None = None, marks: Sequence[datetime] = ()
    ) -> Books:
        """All that figures of a span are made from, see `port.Reading`."""
        names, step = list(bots), step or resolution(span).step
        moments = [span.start, span.end, *(mark for mark in marks if mark not in {span.start, span.end})]
        with_legs = [True, True, *(False for _ in moments[2:])]
        # One view of it all, else what is written meanwhile would stand in a part of it alone.
        async with (
            self._database.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            # A month of twenty bots is added up without a file then.
            await connection.execute("SET LOCAL work_mem = '32MB'")
            before = await connection.fetch(_BEFORE, names, moments, with_legs)
            known = {row["bot"] for row in before if row["at"] < span.start}
            if came := [name for name in names if name not in known]:
                before += await connection.fetch(_FIRST_SAMPLES, came, span.start, span.end)
            samples = await _samples(connection, names, span, step)
            together, given = (_BETWEEN, (sorted(marks),)) if marks else (_QUARTER, ())
            bookings, payments = [
                await connection.fetch(query.format(together=together), names, span.start, span.end, *given)
                for query in (_BOOKINGS, _PAYMENTS)
            ]
            trades, gaps = [await connection.fetch(query, names, span.start, span.end) for query in (_TRADES, _GAPS)]
        return await asyncio.to_thread(
            lambda: Books(
                tuple(_bookings(bookings)),
                tuple(_payments(payments)),
                tuple(trade_of(row) for row in trades),
                _of_all(before, samples),
                tuple(Gap(row["bot"], row["starts_at"], row["ends_at"]) for row in gaps),
            )
        )


async def _samples(connection: Connection, bots: list[str], span: Span, step: timedelta) -> list[Record]:
    if step <= MINUTES.step:
        return await connection.fetch(_ALL_SAMPLES, bots, span.start, span.end)
    return await connection.fetch(_LAST_SAMPLES, bots, span.start, span.end, step)


def _of_all(before: Iterable[Record], others: Iterable[Record]) -> tuple[Sample, ...]:
    """Each once, and with its legs where they were read."""
    found: dict[tuple[str, datetime], Sample] = {}
    for row in before:
        key = row["bot"], row["at"]
        if key not in found or row["legs"]:
            found[key] = sample_of(row)
    # There are tens of thousands of these.
    rest = (Sample(*row) for row in others if (row[1], row[0]) not in found)
    return (*found.values(), *rest)


def _bookings(rows: Iterable[Record]) -> Iterable[Booking]:
    for row in rows:
        of = origin_of(row)
        for at, realized, fees in zip(row["at"], row["realized"], row["fees"], strict=True):
            yield Booking(at, of, realized, fees)


def _payments(rows: Iterable[Record]) -> Iterable[FundingPayment]:
    for row in rows:
        of = origin_of(row)
        for at, actual, expected in zip(row["at"], row["actual"], row["expected"], strict=True):
            yield FundingPayment(at, of, actual, expected)
