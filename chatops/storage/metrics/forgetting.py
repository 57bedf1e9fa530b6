"""What each tier keeps no longer: its old partitions are dropped, once the coarser tier has all that was in them."""

import logging
from datetime import datetime
from itertools import zip_longest

from chatops.storage.database import Connection, Database
from chatops.storage.metrics.partitions import existing, name_of
from chatops.storage.metrics.tiers import ALONE, TIERS, Tier, begin_of

log = logging.getLogger(__name__)

#: Rows at a time, so that nobody waits for us.
_AT_ONCE = 10_000

_IS_DUE = "SELECT kept_from < $2 FROM metric_tiers WHERE tier = $1"
_IS_MARKED = "SELECT EXISTS (SELECT FROM metric_marks WHERE tier = $1 AND at < $2)"
_KEEP_FROM = "UPDATE metric_tiers SET kept_from = greatest(kept_from, $2) WHERE tier = $1"
#: Of what came when no partition was there.
_REST = """
DELETE FROM {table}_default WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table}_default WHERE at < $1 LIMIT $2))
"""
_SERIES = """
WITH part AS (SELECT id FROM metric_series WHERE id > $1 ORDER BY id LIMIT $2), gone AS (
    DELETE FROM metric_series AS s USING part
    WHERE s.id = part.id AND NOT EXISTS (SELECT FROM metrics_1d WHERE series = s.id)
        AND NOT EXISTS (SELECT FROM metrics_1h WHERE series = s.id)
        AND NOT EXISTS (SELECT FROM metrics_5m WHERE series = s.id)
        AND NOT EXISTS (SELECT FROM metrics_1m WHERE series = s.id)
)
SELECT max(id) FROM part
"""


async def forget_metrics(database: Database, now: datetime) -> tuple[str, ...]:
    """Drop what every tier keeps no longer; gives the names of the partitions that went.

    A partition goes as a whole, so that up to one more than the tier's time is kept. What is still to be rolled up
    stays: roll up first. Raises `DatabaseAway`, and asyncpg's `LockNotAvailableError` where somebody is in the way.
    """
    gone: list[str] = []
    for tier, coarser in zip_longest(TIERS, TIERS[1:]):
        until = begin_of(tier.partition, now - tier.lasts)
        if not await database.fetchval(_IS_DUE, tier.name, until):
            continue
        async with database.transaction() as connection:
            names = await _drop(connection, tier, coarser, until)
        if names is None:
            log.info("metrics of tier %s are kept for now: not all of them are rolled up", tier.name)
            continue
        while int((await database.execute(_REST.format(table=tier.table), until, _AT_ONCE)).split()[-1]):
            pass
        if names and not coarser:
            await _forget_series(database)
        gone += names
    return tuple(gone)


async def _drop(connection: Connection, tier: Tier, coarser: Tier | None, until: datetime) -> list[str] | None:
    await connection.execute(ALONE)
    if coarser and await connection.fetchval(_IS_MARKED, coarser.name, until):
        return None
    await connection.execute(_KEEP_FROM, tier.name, until)
    old = sorted(start for start in await existing(connection, tier) if start + tier.partition <= until)
    names = [name_of(tier, start) for start in old]
    if names:
        await connection.execute(f"DROP TABLE {', '.join(names)}")
    return names


async def _forget_series(database: Database) -> None:
    """Those that nothing is known of any more."""
    last: int | None = 0
    while last is not None:
        async with database.transaction() as connection:
            await connection.execute(ALONE)
            last = await connection.fetchval(_SERIES, last, _AT_ONCE)
