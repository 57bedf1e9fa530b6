"""A tier's partitions: one is made before its time comes, and dropped whole when it is over.

Whatever has no partition of its time stands in the default one, so nobody who writes has to wait for one, or make it.
"""

from datetime import UTC, datetime

from chatops.storage.database import Connection, Database
from chatops.storage.metrics.tiers import ALONE, TIERS, Tier, begin_of

_EXISTING = """
SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::regclass AND c.relname <> $2
"""
#: It is attached with its rows in it: attaching waits for nobody who reads or writes the others.
_MAKE = """
LOCK TABLE {parent}_default IN ACCESS EXCLUSIVE MODE;
CREATE TABLE {name} (LIKE {parent} INCLUDING ALL);
WITH moved AS (DELETE FROM {parent}_default WHERE at >= '{start}' AND at < '{end}' RETURNING *)
INSERT INTO {name} SELECT * FROM moved;
ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}');
"""
_DAY = "%Y%m%d"


async def make_room(database: Database, now: datetime) -> None:
    """Make the partitions of now and of what comes next, where they are not there.

    Raises `DatabaseAway`, and asyncpg's `LockNotAvailableError` where somebody is in the way for too long.
    """
    for tier in TIERS:
        async with database.acquire() as connection:
            there = await existing(connection, tier)
        begin = begin_of(tier.partition, now)
        for start in (begin, begin + tier.partition):
            if start not in there:
                async with database.transaction() as connection:
                    await make_partition(connection, tier, start)


async def existing(connection: Connection, tier: Tier) -> frozenset[datetime]:
    """When each of a tier's partitions begins."""
    rows = await connection.fetch(_EXISTING, tier.table, f"{tier.table}_default")
    return frozenset(datetime.strptime(row[0].rpartition("_")[2], _DAY).replace(tzinfo=UTC) for row in rows)


def name_of(tier: Tier, start: datetime) -> str:
    """What the partition is called that begins then."""
    return f"{tier.table}_{start:{_DAY}}"


async def make_partition(connection: Connection, tier: Tier, start: datetime) -> None:
    """Make the one that begins then, in a transaction that the caller holds. Raises as `make_room` does."""
    await connection.execute(ALONE)
    if start in await existing(connection, tier):
        return
    await connection.execute(
        _MAKE.format(parent=tier.table, name=name_of(tier, start), start=start, end=start + tier.partition)
    )
