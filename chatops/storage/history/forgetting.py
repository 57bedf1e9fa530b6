"""Thins and forgets history that is old. Money that was booked, paid, closed or put in is kept for ever."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from chatops.money.spans import QUARTER
from chatops.storage.database import Database
from chatops.storage.history.partitions import Partition, Partitions

log = logging.getLogger(__name__)

#: What goes a partition at a time, once all of it is as old as this: what lies by the month lasts up to one longer.
LASTS = {
    "snapshots_week": timedelta(days=7),
    "snapshots_season": timedelta(days=90),
    # As long as the alerts that they tell of.
    "snapshots_year": timedelta(days=365),
    "events": timedelta(days=365),
}
#: Each sample of so long; of older ones the last of each 15 minutes, of which every zone is a multiple.
MINUTES_LAST = timedelta(days=7)
SPARSE = QUARTER
#: The legs of so long; of older ones those of the last of each half hour: few zones are no multiple of that.
LEGS_LAST = timedelta(days=90)
LEGS_APART = timedelta(minutes=30)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Putting a partition together locks its readers out for a second or so; of a month that nobody writes to any more.
_WAITS, _WITHIN_S = "1s", 60.0

# Looked up in the index alone: most months have been thinned long ago.
_DAYS = """
SELECT DISTINCT date_trunc('day', minute) AS day FROM (
    SELECT minute, lead(minute) OVER (PARTITION BY bot ORDER BY minute) AS following FROM {name} WHERE minute < $1
) AS known WHERE date_bin($2, minute, 'epoch') = date_bin($2, following, 'epoch') ORDER BY 1
"""
# Nobody may go on from what was read of it before. The triggers that say so see what is done to the whole table alone.
_THIN = """
WITH gone AS (
    DELETE FROM {name} WHERE ctid = ANY (ARRAY(
        SELECT row FROM (
            SELECT ctid AS row, minute, lead(minute) OVER (PARTITION BY bot ORDER BY minute) AS following FROM {name}
            WHERE minute >= $1 AND minute < $2
        ) AS known WHERE date_bin($3, minute, 'epoch') = date_bin($3, following, 'epoch')))
    RETURNING bot, minute
), marked AS (
    INSERT INTO history_hours AS h (bot, hour, version)
    SELECT bot, date_bin('1 hour', minute, 'epoch'), 1 + (random() * 1000000)::bigint FROM gone
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (bot, hour) DO UPDATE SET version = h.version + excluded.version
)
SELECT count(*) FROM gone
"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went."""

    #: Days or months of snapshots or of the timeline.
    partitions: int
    #: Samples, and legs of samples, between those that stay.
    samples: int


async def forget_history(database: Database, now: datetime) -> Forgotten:
    """Thin and drop what is old. To be done twice changes nothing. Raises `DatabaseAway`."""
    partitions = Partitions(database)
    dropped = 0
    for table, lasts in LASTS.items():
        dropped += await partitions.drop(one for one in await partitions.of(table) if one.end <= now - lasts)
    thinned = 0
    for table, lasts, step in (
        ("samples", MINUTES_LAST, SPARSE),
        ("sample_legs", MINUTES_LAST, SPARSE),
        ("sample_legs", LEGS_LAST, LEGS_APART),
    ):
        # Windows that are over: of each the last one is known.
        before = now - lasts
        before -= (before - _EPOCH) % step
        for one in await partitions.of(table):
            if one.start < before:
                thinned += await _thin(database, one, before, step)
    return Forgotten(dropped, thinned)


async def _thin(database: Database, partition: Partition, before: datetime, step: timedelta) -> int:
    gone = 0
    # A day at a time, so that nobody waits for us.
    for row in await database.fetch(_DAYS.format(name=partition.name), before, step):
        end = min(row["day"] + timedelta(days=1), before)
        gone += await database.fetchval(_THIN.format(name=partition.name), row["day"], end, step)
    if gone and partition.end <= before:
        await _put_together(database, partition)
    return gone


async def _put_together(database: Database, partition: Partition) -> None:
    """Give back the room of what was deleted: no new row will ever take it."""
    try:
        async with database.transaction() as connection:
            await connection.execute(f"SET LOCAL lock_timeout = '{_WAITS}'")
            await connection.execute(f"CLUSTER {partition.name} USING {partition.name}_pkey", timeout=_WITHIN_S)
    except asyncpg.LockNotAvailableError:
        log.info("%s is being read, and stays larger than it need be", partition.name)
