"""Rows of minutes, what each tier has to make of them, and a database in which a program dies."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from chatops.history.rows import Measured, Metric
from chatops.money.spans import Span
from chatops.storage.database import Connection, Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.metrics import Metrics, copy_measured
from chatops.storage.metrics.tiers import Tier, begin_of

#: A Sunday's midnight, as all tiers begin a window.
START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WHOLE = Span(START - 400 * DAY, START + 400 * DAY)
#: A few rows are gone sooner than files are made anew.
_CLEAR = "; ".join(
    [f"DELETE FROM metric{rest}" for rest in ("_series", "_marks", "s_1m", "s_5m", "s_1h", "s_1d")]
    + ["UPDATE metric_tiers SET kept_from = '-infinity'"]
)


def minute(
    place: int, value: float = 1.0, *, subject: str = "", count: int = 1, spread: float = 0.0, bot: str = "alpha"
) -> Measured:
    """Of so many minutes after the start."""
    at = START + place * MINUTE
    return Measured(bot, Metric.EQUITY, subject, at, value, value - spread, value + spread, value + spread, count)


async def write(database: Database, *rows: Measured) -> None:
    """As the recorder does."""
    async with database.transaction() as connection:
        await copy_measured(connection, rows)


async def clear(database: Database) -> None:
    """As a new one, but for the numbers of series."""
    async with database.acquire() as connection:
        await connection.execute(_CLEAR)


async def read(database: Database, tier: Tier, span: Span = WHOLE) -> list[Measured]:
    """What charts get of it."""
    rows = await Metrics(database).measured("alpha", Metric.EQUITY, span, tier=tier.name)
    return sorted(rows, key=_by_subject)


async def stored(database: Database, tier: Tier) -> list[Measured]:
    """What has been rolled up into it."""
    rows = await database.fetch("SELECT * FROM metrics WHERE tier = $1 ORDER BY subject, at", tier.name)
    columns = ("at", "average", "minimum", "maximum", "last", "count")
    return [Measured(row["bot"], Metric(row["metric"]), row["subject"], *(row[one] for one in columns)) for row in rows]


def made(rows: Iterable[Measured], tier: Tier) -> list[Measured]:
    """What a tier has to have of these, figured from them alone; they are in the order in which they were written."""
    windows: dict[tuple[str, datetime], list[Measured]] = {}
    # Of one minute the one written last comes last: sorting keeps that.
    for row in sorted(rows, key=_by_subject):
        windows.setdefault((row.subject, begin_of(tier.width, row.at)), []).append(row)
    return [_together(those, at) for (_, at), those in windows.items()]


def _together(those: Sequence[Measured], at: datetime) -> Measured:
    count = sum(one.count for one in those)
    return Measured(
        those[0].bot,
        those[0].metric,
        those[0].subject,
        at,
        sum(one.average * one.count for one in those) / count,
        min(one.minimum for one in those),
        max(one.maximum for one in those),
        those[-1].last,
        count,
    )


def rounded(rows: Iterable[Measured]) -> list[tuple[object, ...]]:
    """To be compared: averages are sums in one order or another."""
    return [(one.subject, one.at, round(one.average, 9), one.minimum, one.maximum, one.last, one.count) for one in rows]


def _by_subject(row: Measured) -> tuple[str, datetime]:
    return row.subject, row.at


class Deadly(Database):
    """The real one; after so many transactions the program dies in the next, before that is over."""

    def __init__(self, database: Database, after: int) -> None:
        super().__init__(database._pool, database.url)
        self._database = database
        self._left = after

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        async with self._database.acquire() as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        self._left -= 1
        async with self._database.transaction() as connection:
            yield connection
            if self._left < 0:
                raise DatabaseAway("killed")
