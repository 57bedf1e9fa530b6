"""Reads the facts of stretches of time, of each bot and stretch by themselves."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from chatops.history.resolution import DAY, MINUTES
from chatops.money.books import Books
from chatops.money.facts import Booking, FundingPayment, Origin, Sample, Trade
from chatops.money.spans import Span
from chatops.storage.database import Connection, Record
from chatops.storage.history.remembered import Stretch
from chatops.storage.history.rows import trade_of

#: More stretches than this are no longer worth looking each of them up: they are read as one.
MOST = 400
_HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_WANTED = """
unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS w (of_bot, starts_at, ends_at, number)"""
# All hours that it touches: more than it needs where it begins within one.
_VERSIONS = f"""
SELECT (
    SELECT sum(version)::bigint FROM history_hours AS h
    WHERE h.bot = w.of_bot AND hour > w.starts_at - interval '1 hour' AND hour < w.ends_at
) AS version FROM {_WANTED} ORDER BY number
"""  # noqa: S608 - put together from our own parts
# OFFSET 0: each stretch is looked up by itself, in the index. Else it may be all rows of a bot against all stretches.
_NAMES = "bot, position, asset, strategy, lane, venue"
_AT_IN_IT = "bot = w.of_bot AND at >= w.starts_at AND at < w.ends_at"
# A row an origin, which has its sums in arrays: a tenth of what as many rows take. A sum is of 15 minutes, which is of
# one day in every zone, or of the whole stretch; it stands at the moment of the first that is in it.
#
# Bookings (realized, fees) and funding (actual, expected). What nobody foretold apart: what came is compared with what
# was expected of it alone.
_BOOKED = f"""
SELECT number, is_paid, {{origin}}, array_agg(at) AS at, array_agg(one) AS one, array_agg(other) AS other
FROM (
    SELECT number, is_paid, {{origin}}, min(at) AS at, sum(one) AS one, sum(other) AS other
    FROM {_WANTED}, LATERAL (
        SELECT {_NAMES}, at, realized AS one, fees AS other, false AS is_paid FROM bookings WHERE {_AT_IN_IT}
        UNION ALL
        SELECT {_NAMES}, at, actual, expected, true FROM funding_payments WHERE {_AT_IN_IT}
        OFFSET 0
    ) AS facts
    GROUP BY number, is_paid, {{origin}}, {{together}}, other IS NULL
) AS summed GROUP BY number, is_paid, {{origin}}
"""  # noqa: S608 - put together from our own parts
_QUARTER, _ALL_OF_IT = "date_bin('15 minutes', at, 'epoch')", "()"
_TRADES = f"""
SELECT number, facts.* FROM {_WANTED},
    LATERAL (
        SELECT * FROM trades WHERE bot = w.of_bot AND closed_at >= w.starts_at AND closed_at < w.ends_at OFFSET 0
    ) AS facts
"""  # noqa: S608 - put together from our own parts
_IN_IT = """
bot = w.of_bot AND minute >= date_trunc('minute', w.starts_at) AND minute < w.ends_at"""
_SAMPLE = "number, s.at, s.bot, s.equity, s.unrealized, s.deposits"
_ALL_SAMPLES = f"""
SELECT {_SAMPLE} FROM {_WANTED},
    LATERAL (SELECT * FROM samples WHERE {_IN_IT} AND at >= w.starts_at AND at < w.ends_at OFFSET 0) AS s
"""  # noqa: S608 - put together from our own parts
# Each found by itself: a month of hours is a twentieth of the minutes that are there. From the first on that there is,
# since people ask for all that there ever was.
_LAST_SAMPLES = f"""
SELECT {_SAMPLE} FROM {_WANTED},
    LATERAL (SELECT minute FROM samples WHERE {_IN_IT} ORDER BY minute LIMIT 1) AS first,
    LATERAL (
        SELECT minute FROM samples WHERE bot = w.of_bot AND minute >= first.minute AND minute < w.ends_at
        ORDER BY minute DESC LIMIT 1
    ) AS last,
    LATERAL generate_series(date_bin($4, first.minute, 'epoch'), last.minute, $4::interval) AS windows (start),
    LATERAL (
        SELECT * FROM samples
        WHERE {_IN_IT} AND minute >= windows.start AND minute < windows.start + $4::interval
            AND at >= w.starts_at AND at < w.ends_at
        ORDER BY minute DESC LIMIT 1
    ) AS s
"""  # noqa: S608 - put together from our own parts


class _Rows(NamedTuple):
    """Of several stretches, by their numbers from 1 on."""

    booked: list[Record]
    trades: list[Record]
    samples: list[Record]


def stretches(
    bots: Sequence[str], span: Span, step: timedelta, marks: Sequence[datetime], *, apart: bool
) -> list[Stretch]:
    """A span cut at the marks, else where hours or days of UTC begin, by how finely it is read: oldest first."""
    cuts = [mark for mark in marks if span.start < mark < span.end] if marks else list(_cuts(span, step))
    edges = [span.start, *sorted(set(cuts)), span.end]
    return [Stretch(bot, *ends, step, bool(marks), apart) for ends in pairwise(edges) for bot in bots]


def _cuts(span: Span, step: timedelta) -> Iterator[datetime]:
    long = _HOUR if step < _HOUR else DAY
    if span.length > MOST * long:
        return
    cut = span.start + long - (span.start - EPOCH) % long
    while cut < span.end:
        yield cut
        cut += long


async def versions(connection: Connection, wanted: Sequence[Stretch]) -> list[int | None]:
    """A number for each, another one than before where anything was written in it; None where never."""
    return [row["version"] for row in await connection.fetch(_VERSIONS, *_given(wanted))] if wanted else []


async def read(connection: Connection, wanted: Sequence[Stretch]) -> _Rows:
    """The rows of stretches that are all read alike."""
    given, (first, *_) = _given(wanted), wanted
    grouped = {
        "origin": _NAMES if first.apart else "bot",
        "together": _ALL_OF_IT if first.is_one else _QUARTER,
    }
    if first.step <= MINUTES.step:
        samples = await connection.fetch(_ALL_SAMPLES, *given)
    else:
        samples = await connection.fetch(_LAST_SAMPLES, *given, first.step)
    return _Rows(
        await connection.fetch(_BOOKED.format(**grouped), *given),
        await connection.fetch(_TRADES, *given),
        samples,
    )


def facts(rows: _Rows, wanted: Sequence[Stretch]) -> list[Books]:
    """The facts of each stretch. Takes a while where there are many: for a thread."""
    bookings: list[list[Booking]] = [[] for _ in wanted]
    payments: list[list[FundingPayment]] = [[] for _ in wanted]
    trades: list[list[Trade]] = [[] for _ in wanted]
    samples: list[list[Sample]] = [[] for _ in wanted]
    for row in rows.booked:
        number, is_paid, *names, moments, ones, others = row.values()
        of = Origin(*names)
        if is_paid:
            payments[number - 1].extend(
                FundingPayment(at, of, *sums) for at, *sums in zip(moments, ones, others, strict=True)
            )
        else:
            bookings[number - 1].extend(Booking(at, of, *sums) for at, *sums in zip(moments, ones, others, strict=True))
    for row in rows.trades:
        trades[row["number"] - 1].append(trade_of(row))
    # There may be tens of thousands of these.
    for number, *sample in rows.samples:
        samples[number - 1].append(Sample(*sample))
    return [
        Books(tuple(booked), tuple(paid), tuple(closed), tuple(stood))
        for booked, paid, closed, stood in zip(bookings, payments, trades, samples, strict=True)
    ]


def _given(wanted: Sequence[Stretch]) -> tuple[list[str], list[datetime], list[datetime]]:
    return (
        [one.bot for one in wanted],
        [one.start for one in wanted],
        [one.end for one in wanted],
    )
