"""What was measured in a year, as retention leaves it: how long charts ask for it, what rolling up takes, its size."""

import gc
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from chatops.history.rows import Metric
from chatops.money.spans import Span
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.metrics import Metrics
from chatops.storage.metrics.forgetting import forget_metrics
from chatops.storage.metrics.partitions import make_partition, name_of
from chatops.storage.metrics.rolling import roll_up
from chatops.storage.metrics.tiers import STEPS, TIERS, Tier, begin_of
from tests.benchmarks.pairs import Pairs, quantile, verdict
from tests.benchmarks.table import table

BOTS, POSITIONS, LEGS = 20, 10, 2
DAY = timedelta(days=1)
#: In the middle of a day, an hour and five minutes.
NOW = datetime(2026, 11, 21, 15, 32, tzinfo=UTC)
RUNS, WARM_UP = 40, 3
AT_MOST_MS = 50.0
AT_MOST_S = 5.0
PRUNED_AFTER = 15 * DAY
MIB = 1024 * 1024
_PATIENCE_S = 600.0

#: What each bot has: 5 of itself, 1 of a position, 3 of a leg, 1 of a venue.
_SERIES = """
INSERT INTO metric_series (bot, metric, subject)
SELECT 'bot ' || b, s.metric, s.subject FROM generate_series(1, $1) AS b CROSS JOIN LATERAL (
    SELECT unnest(ARRAY['equity', 'realized', 'unrealized', 'funding', 'fees']) AS metric, '' AS subject
    UNION ALL SELECT 'delta', 'SOL-' || p FROM generate_series(1, $2) AS p
    UNION ALL SELECT unnest(ARRAY['health_factor', 'margin_fraction', 'funding_rate']), 'SOL-' || p || '/venue ' || l
        FROM generate_series(1, $2) AS p, generate_series(1, $3) AS l
    UNION ALL SELECT 'balance', 'venue ' || l FROM generate_series(1, $3) AS l) AS s
ORDER BY b, s.metric, s.subject
"""
#: In the order in which they are written, into a table without an index: it is made after.
_FILL = """
INSERT INTO {partition}
SELECT s.id, {count}, at, value, value - 0.1, value + 0.1, value + 0.05
FROM generate_series('{start}'::timestamptz, '{end}', interval '{seconds} seconds') AS at
    CROSS JOIN LATERAL (SELECT id, random() AS value FROM metric_series WHERE at IS NOT NULL OFFSET 0) AS s
"""
_MARK = """
INSERT INTO metric_marks (tier, at, series)
SELECT $1::text, at, (SELECT array_agg(id) FROM metric_series)
FROM generate_series($2::timestamptz, $3, make_interval(secs => $4)) AS at
"""
_ROWS = """
SELECT 'a subject', array_agg(at), array_agg(g + 0.1), array_agg(g + 0.2), array_agg(g + 0.3), array_agg(g + 0.4),
    array_agg(60)
FROM (SELECT now() + g * interval '1 minute' AS at, g::float8 AS g FROM generate_series(1, $1::int) AS g) AS rows
"""
_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint FROM pg_inherits WHERE inhparent = $1::regclass
"""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart asks for."""

    words: str
    length: timedelta
    metric: Metric
    subject: str | None = None
    tier: str | None = None
    #: More than any chart shows, to know what it would cost.
    is_too_much: bool = False


_ALL = f"all {POSITIONS * LEGS} legs"
CHARTS = tuple(
    Chart(f"{words}, {of}", length, *asked)
    for words, length, legs in (
        ("a day", DAY, ((f"{_ALL} by 5 minutes", "5m"), (f"{_ALL} by the minute", "1m", True))),
        ("7 days", 7 * DAY, ((f"{_ALL} by the hour", "1h"), (f"{_ALL} by 5 minutes", "5m", True))),
        ("30 days", 30 * DAY, ((f"{_ALL} by the hour", "1h"),)),
        ("90 days", 90 * DAY, ((_ALL, "1d"),)),
        ("a year", 365 * DAY, ((_ALL, "1d"),)),
    )
    for of, *asked in (
        ("equity", Metric.EQUITY, ""),
        ("one leg", Metric.HEALTH_FACTOR, "SOL-1/venue 1"),
        *((of, Metric.HEALTH_FACTOR, None, *by) for of, *by in legs),
    )
)


async def history() -> str:
    """Measure; gives the tables."""
    async with AsyncExitStack() as stack:
        made = stack.enter_context(TemporaryDirectory(prefix="quarterdeck-bench-"))
        url = await stack.enter_async_context(EmbeddedPostgres(Path(made) / "data"))
        # One connection, so that the baseline has the same.
        opened = Database.open(url, min_size=1, max_size=1, statement_timeout_s=_PATIENCE_S)
        database = await stack.enter_async_context(opened)
        await database.migrate()
        await fill(database)
        return "\n\n".join([await charts(database), await rolling(database), await sizes(database)])


async def fill(database: Database) -> None:
    """A year, as it lies there when each tier keeps what it has to."""
    await database.execute(_SERIES, BOTS, POSITIONS, LEGS)
    for tier in TIERS:
        # What is not over is still to be rolled up.
        end = NOW if tier is TIERS[0] else begin_of(tier.width, NOW)
        start = begin_of(tier.partition, NOW - tier.lasts)
        while start < end:
            await _fill(database, tier, start, min(start + tier.partition, end))
            start += tier.partition
    for _, tier in STEPS:
        begin = begin_of(tier.width, NOW)
        await database.execute(_MARK, tier.name, begin, begin, tier.width.total_seconds())
    # As the server does by itself, an hour or so after.
    await database.execute("VACUUM (ANALYZE)")


async def _fill(database: Database, tier: Tier, start: datetime, end: datetime) -> None:
    partition = name_of(tier, start)
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        await make_partition(connection, tier, start)
        await connection.execute(f"ALTER TABLE {tier.table} DETACH PARTITION {partition}")
        await connection.execute(f"ALTER TABLE {partition} DROP CONSTRAINT {partition}_pkey")
        seconds = tier.width.total_seconds()
        await connection.execute(
            _FILL.format(
                partition=partition, count=seconds, start=start, end=end - timedelta(seconds=1), seconds=seconds
            )
        )
        await connection.execute(f"ALTER TABLE {partition} ADD PRIMARY KEY (series, at)")
        bounds = f"FROM ('{start}') TO ('{start + tier.partition}')"
        await connection.execute(f"ALTER TABLE {tier.table} ATTACH PARTITION {partition} FOR VALUES {bounds}")


async def charts(database: Database) -> str:
    """How long each takes, with one bot after another, against as many rows that no table is read for."""
    metrics = Metrics(database)
    rows = []
    # As a desk does when it has started.
    gc.freeze()
    for chart in CHARTS:
        span = Span(NOW - chart.length, NOW + datetime.resolution)
        pairs, many = Pairs(), 0
        for run, bot in zip(range(WARM_UP + RUNS), cycle(range(1, BOTS + 1)), strict=False):
            began = perf_counter()
            measured = await metrics.measured(f"bot {bot}", chart.metric, span, subject=chart.subject, tier=chart.tier)
            asked = perf_counter()
            await database.fetch(_ROWS, len(measured))
            ended = perf_counter()
            many = len(measured)
            if run >= WARM_UP:
                pairs.add((asked - began) * 1_000, (ended - asked) * 1_000)
        rows.append(
            (
                chart.words,
                f"{many:,}",
                f"{median(pairs.subject):.1f}",
                f"{quantile(pairs.subject, 0.95):.1f}",
                f"{median(pairs.baseline):.1f}",
                f"{pairs.ratio:.1f}",
                "" if chart.is_too_much else verdict(median(pairs.subject), AT_MOST_MS, " ms"),
            )
        )
    head = ("a chart of a bot", "rows", "query ms", "p95 ms", "bare rows ms", "ratio", "promise")
    return table(head, rows)


async def rolling(database: Database) -> str:
    """How long a whole day takes, as after a day's outage, and the five minutes of every round."""
    day = begin_of(DAY, NOW) - DAY
    for _, tier in STEPS:
        await database.execute(f"DELETE FROM {tier.table} WHERE at >= $1 AND at < $2", day, day + DAY)
    rows = [await _rolled(database, "all of a day", day, DAY)]
    rows.append(await _rolled(database, "five minutes", begin_of(timedelta(minutes=5), NOW), timedelta(minutes=5)))
    return table(("roll up", "windows", "seconds", "reading them s", "ratio", "promise"), rows)


async def _rolled(database: Database, words: str, start: datetime, length: timedelta) -> Sequence[str]:
    until = start + length
    five = STEPS[0][1]
    await database.execute(_MARK, five.name, start, until - timedelta(seconds=1), five.width.total_seconds())
    began = perf_counter()
    read = "SELECT sum(average), count(*) FROM metrics_1m WHERE series > 0 AND at >= $1 AND at < $2"
    await database.execute(read, start, until)
    bare = perf_counter() - began
    began = perf_counter()
    made = await roll_up(database, until)
    took = perf_counter() - began
    return (words, f"{made:,}", f"{took:.2f}", f"{bare:.2f}", f"{took / bare:.1f}", verdict(took, AT_MOST_S, " s"))


async def sizes(database: Database) -> str:
    """What lies there, and what of it goes while the next days come."""
    series = await database.fetchval("SELECT count(*) FROM metric_series") / BOTS
    rows, kept = [], 0.0
    for tier in TIERS:
        size = await database.fetchval(_SIZE, tier.table) / MIB / BOTS
        many = await database.fetchval(f"SELECT count(*) FROM {tier.table}") / BOTS
        a_day = DAY / tier.width * series * size / many
        kept += size
        rows.append(
            (
                tier.name,
                f"{tier.lasts.days} days",
                f"{many:,.0f}",
                f"{size * MIB / many:.0f}",
                f"{min(30, tier.lasts.days) * a_day:.1f}",
                f"{size:.1f}",
            )
        )
    rows.append(("all", "", "", "", f"{sum(float(row[4]) for row in rows):.1f}", f"{kept:.1f}"))
    gone = await forget_metrics(database, NOW + PRUNED_AFTER)
    left = sum([await database.fetchval(_SIZE, tier.table) for tier in TIERS]) / MIB / BOTS
    head = ("tier", "kept", "rows a bot", "bytes a row", "MiB a bot, first month", "MiB a bot, a year")
    return (
        f"{table(head, rows)}\n\n  {series:.0f} series a bot. {PRUNED_AFTER.days} days later prune takes "
        f"{kept - left:.1f} MiB a bot of it ({len(gone)} partitions), and what came since has that place."
    )
