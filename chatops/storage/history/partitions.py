"""The partitions of history, a month or a day of a table: made where they are missing, dropped when they are old."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from chatops.storage.database import Database, Record

#: The tables that lie in partitions of a month, and the one in partitions of a day.
BY_MONTH = (
    "snapshots_season",
    "snapshots_year",
    "events",
    "samples",
    "sample_legs",
    "bookings",
    "funding_payments",
)
BY_DAY = "snapshots_week"
DAY = timedelta(days=1)

#: Made once a day: one more, should that come late.
_DAYS_AHEAD = 2
#: Dropping waits for whoever reads, and all who come then wait behind it: so long, and another day otherwise.
_WAITS = "500ms"

_MAKE = """
SELECT make_history_partition(given.parent, given.moment)
FROM unnest($1::text[], $2::timestamptz[]) AS given (parent, moment)
"""
_ALL = """
SELECT c.relname AS name, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([^'']+)''\\)'))[1] AS first,
    (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1] AS after
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::text::regclass ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class Partition:
    """One month, or day, of a table."""

    name: str
    start: datetime
    end: datetime


class Partitions:
    """Those of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made: set[tuple[str, datetime]] = set()

    async def make(self, wanted: Collection[tuple[str, datetime]]) -> None:
        """Make those that are not there of these: each a table, and when its month or day begins."""
        missing = sorted(set(wanted) - self._made)
        if missing:
            # By itself, before anything is written: what waits for it waits for that alone.
            tables, moments = [table for table, _ in missing], [moment for _, moment in missing]
            await self._database.execute(_MAKE, tables, moments)
            self._made.update(missing)

    async def make_ahead(self, now: datetime) -> None:
        """Make all of this time and of the next."""
        month, day = month_of(now.astimezone(UTC)), day_of(now.astimezone(UTC))
        following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        await self.make([(table, moment) for table in BY_MONTH for moment in (month, following)])
        await self.make([(BY_DAY, day + days * DAY) for days in range(_DAYS_AHEAD + 1)])

    def look_again(self) -> None:
        """Somebody else may have dropped some."""
        self._made.clear()

    async def of(self, table: str) -> tuple[Partition, ...]:
        """Those that a table has, the oldest first."""
        return tuple(_partition(row) for row in await self._database.fetch(_ALL, table))

    async def drop(self, partitions: Iterable[Partition]) -> int:
        """Drop them for good, but those that somebody reads right now. Gives how many went."""
        gone = 0
        for one in partitions:
            try:
                async with self._database.transaction() as connection:
                    await connection.execute(f"SET LOCAL lock_timeout = '{_WAITS}'")
                    await connection.execute(f"DROP TABLE IF EXISTS {one.name}")
            except asyncpg.LockNotAvailableError:
                continue
            gone += 1
        self.look_again()
        return gone


def month_of(at: datetime) -> datetime:
    """When the month of a moment in UTC began."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def day_of(at: datetime) -> datetime:
    """When the day of a moment in UTC began."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _partition(row: Record) -> Partition:
    return Partition(row["name"], datetime.fromisoformat(row["first"]), datetime.fromisoformat(row["after"]))
