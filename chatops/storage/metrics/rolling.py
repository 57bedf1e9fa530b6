"""Minutes rolled up into five, hours and days, in plain SQL.

Whoever writes a row marks the window of the next tier that it lies in, in the same transaction. Rolling up takes marks
of windows that are over, and makes those anew from all rows of the finer tier that are in them, however often that
was done before; it then marks the windows of the next tier. So a late row is taken up like any other, and running
twice or being killed changes nothing: a mark goes with the same commit that its window is made by.
"""

from datetime import datetime

from chatops.storage.database import Database
from chatops.storage.metrics.tiers import ORIGIN, STEPS, TIERS, Tier

#: One at a time, else an older sum could be written over a newer one. Few rows of a large table are found by its index,
#: even where nothing has counted the table yet.
_BEGIN = """
SELECT pg_advisory_xact_lock(hashtext('quarterdeck metrics roll up')), set_config('enable_seqscan', 'off', true)
"""

#: The oldest marks of windows that are over, as many as one transaction takes; gives nothing where there are none.
_TAKE = """
WITH oldest AS (SELECT min(at) AS at FROM metric_marks WHERE tier = $1), taken AS (
    DELETE FROM metric_marks AS m USING oldest
    WHERE m.tier = $1 AND m.at + {interval} <= $2
        AND m.at < date_bin({at_once}, oldest.at, {origin}) + {at_once}
    RETURNING m.at, m.series
)
SELECT array_agg(DISTINCT taken.at) AS windows, array_agg(DISTINCT one) AS series
FROM taken CROSS JOIN unnest(taken.series) AS one
HAVING count(*) > 0
"""
_MAKE = """
INSERT INTO {coarser} AS m (series, count, at, average, minimum, maximum, last)
SELECT series, sum(count), {window}, sum(average * count) / sum(count), min(minimum), max(maximum),
    (array_agg(last ORDER BY at DESC))[1]
FROM {finer}
WHERE series = ANY ($1::integer[]) AND at >= $3 AND at < $4::timestamptz + {interval}
    AND {window} = ANY ($2::timestamptz[])
GROUP BY 1, 3 ORDER BY 1, 3
"""
#: To look at each row whether it is there takes a third of the time; mostly none of them is.
_IS_THERE = "SELECT EXISTS (SELECT FROM {coarser} WHERE series = ANY ($1::integer[]) AND at >= $2 AND at <= $3)"
_AGAIN = """
ON CONFLICT (series, at) DO UPDATE SET
    count = excluded.count, average = excluded.average, minimum = excluded.minimum, maximum = excluded.maximum,
    last = excluded.last
WHERE (m.count, m.average, m.minimum, m.maximum, m.last)
    IS DISTINCT FROM (excluded.count, excluded.average, excluded.minimum, excluded.maximum, excluded.last)
"""
_MARK = """
INSERT INTO metric_marks (tier, at, series)
SELECT DISTINCT '{tier}', {window}, $1::integer[] FROM unnest($2::timestamptz[]) AS at
"""


async def roll_up(database: Database, now: datetime) -> int:
    """Make the windows that are over by `now` and that rows came into; gives how many windows. Raises `DatabaseAway`.

    An hour or a few days at a time, each in a transaction of its own: stopped in between, it goes on where it was.
    """
    made = 0
    for finer, coarser in STEPS:
        while some := await _next(database, finer, coarser, now):
            made += some
    return made


async def _next(database: Database, finer: Tier, coarser: Tier, now: datetime) -> int:
    take, is_there, make, make_again, mark = _QUERIES[coarser.name]
    async with database.transaction() as connection:
        await connection.execute(_BEGIN)
        taken = await connection.fetchrow(take, coarser.name, now)
        if taken is None:
            return 0
        windows, series = taken["windows"], taken["series"]
        # Statements of their own: they see every row whose mark was taken.
        again = await connection.fetchval(is_there, series, windows[0], windows[-1])
        await connection.execute(make_again if again else make, series, windows, windows[0], windows[-1])
        if mark:
            await connection.execute(mark, series, windows)
        return len(windows)


def _queries(place: int) -> tuple[str, str, str, str, str | None]:
    finer, coarser = STEPS[place]
    next_one = TIERS[place + 2] if place + 2 < len(TIERS) else None
    at_once = f"interval '{coarser.at_once.total_seconds():.0f} seconds'"
    make = _MAKE.format(
        coarser=coarser.table, finer=finer.table, window=coarser.window("at"), interval=coarser.interval
    )
    return (
        _TAKE.format(interval=coarser.interval, at_once=at_once, origin=ORIGIN),
        _IS_THERE.format(coarser=coarser.table),
        make,
        make + _AGAIN,
        _MARK.format(tier=next_one.name, window=next_one.window("at")) if next_one else None,
    )


_QUERIES = {coarser.name: _queries(place) for place, (_, coarser) in enumerate(STEPS)}
