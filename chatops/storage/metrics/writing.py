"""What was measured, written: into the minutes, or where those are forgotten already, into the tier that is left."""

from collections.abc import Sequence

from chatops.history.rows import Measured
from chatops.storage.database import Connection
from chatops.storage.metrics.tiers import TIERS, WRITING, Tier, kept_from

_NEW_SERIES = """
INSERT INTO metric_series (bot, metric, subject)
SELECT DISTINCT bot, metric, subject FROM unnest($1::text[], $2::text[], $3::text[]) AS n (bot, metric, subject)
WHERE NOT EXISTS (
    SELECT FROM metric_series AS s WHERE s.bot = n.bot AND s.metric = n.metric AND s.subject = n.subject)
ORDER BY bot, metric, subject
ON CONFLICT DO NOTHING
"""
_NUMBERS = """
SELECT s.id, s.bot, s.metric, s.subject
FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[]) AS n (bot, metric, subject)) AS n
JOIN metric_series AS s USING (bot, metric, subject)
"""
_INTO_TIER = """
WITH n AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::int[], $2::timestamptz[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::int[]
    ) WITH ORDINALITY AS n (series, at, average, minimum, maximum, last, count, place)
    WHERE {within}
), stored AS (
    INSERT INTO {table} AS m (series, count, at, average, minimum, maximum, last)
    SELECT series, sum(count), {window}, sum(average * count) / sum(count), min(minimum), max(maximum),
        (array_agg(last ORDER BY at DESC, place DESC))[1]
    FROM n GROUP BY 1, 3 ORDER BY 1, 3
    ON CONFLICT (series, at) DO UPDATE SET
        count = m.count + excluded.count,
        average = (m.average * m.count + excluded.average * excluded.count) / (m.count + excluded.count),
        minimum = least(m.minimum, excluded.minimum),
        maximum = greatest(m.maximum, excluded.maximum),
        last = {last}
)
{marked}
"""
_MARKED = """
INSERT INTO metric_marks (tier, at, series)
SELECT '{tier}', {window}, array_agg(DISTINCT series) FROM n GROUP BY 2
"""
_FINEST = TIERS[0]


async def copy_measured(connection: Connection, measured: Sequence[Measured]) -> None:
    """Store them, in a transaction that the caller holds.

    What is there of the same minute already is merged with the new: the average by the counts, and the last is that of
    the new one. So two rows of a minute are two halves of it, and whoever writes must not write the same half again.
    Moments older than the last tier reaches are left out. Raises asyncpg's errors.
    """
    if not measured:
        return
    numbers = await _numbers(connection, measured)
    columns = (
        [numbers[one.bot, one.metric, one.subject] for one in measured],
        [one.at for one in measured],
        [one.average for one in measured],
        [one.minimum for one in measured],
        [one.maximum for one in measured],
        [one.last for one in measured],
        [one.count for one in measured],
    )
    oldest = min(one.at for one in measured)
    is_late = await connection.fetchval("SELECT kept_from > $2 FROM metric_tiers WHERE tier = $1", _FINEST.name, oldest)
    for query in _QUERIES if is_late else _QUERIES[:1]:
        await connection.execute(query, *columns)


async def _numbers(connection: Connection, measured: Sequence[Measured]) -> dict[tuple[str, str, str], int]:
    names = sorted({(one.bot, one.metric.value, one.subject) for one in measured})
    lists = [list(column) for column in zip(*names, strict=True)]
    # Before anything is read: series of which everything is forgotten are deleted.
    await connection.execute(WRITING)
    found = await connection.fetch(_NUMBERS, *lists)
    if len(found) < len(names):
        await connection.execute(_NEW_SERIES, *lists)
        found = await connection.fetch(_NUMBERS, *lists)
    return {(row["bot"], row["metric"], row["subject"]): row["id"] for row in found}


def _into(tier: Tier, finer: Tier | None, coarser: Tier | None) -> str:
    within = [f"at >= {kept_from(tier)}"]
    if finer:
        within.append(f"at < {kept_from(finer)}")
    return _INTO_TIER.format(
        within=" AND ".join(within),
        table=tier.table,
        window=tier.window("at"),
        # Of what comes this late nothing tells any more which was the last: it was hardly the late one.
        last="m.last" if finer else "excluded.last",
        marked=_MARKED.format(tier=coarser.name, window=coarser.window("at")) if coarser else "SELECT",
    )


_QUERIES = tuple(
    _into(tier, finer, coarser)
    for tier, finer, coarser in zip(TIERS, (None, *TIERS[:-1]), (*TIERS[1:], None), strict=True)
)
