"""What was measured by the minute is in every tier once, however late, often and interrupted it is rolled up."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import pairwise

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chatops.history.rows import Measured, Metric
from chatops.money.spans import Span
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.metrics import Metrics, copy_measured, keeping
from chatops.storage.metrics.forgetting import forget_metrics
from chatops.storage.metrics.keeping import metrics_for_ever, tend
from chatops.storage.metrics.partitions import make_room
from chatops.storage.metrics.rolling import roll_up
from chatops.storage.metrics.tiers import BY_NAME, TIERS
from tests.chatops.storage.measuring import (
    DAY,
    MINUTE,
    START,
    Deadly,
    clear,
    made,
    minute,
    read,
    rounded,
    stored,
    write,
)
from tests.examples import examples

MINUTES, FIVES, HOURS, DAYS = TIERS
#: Around where windows of each tier begin, and some within.
PLACES = st.builds(
    lambda border, beside: border + beside,
    st.sampled_from([0, 5, 60, 1_440, 2 * 1_440, 3 * 1_440]),
    st.integers(-3, 7),
)
ROWS = st.lists(
    st.builds(
        minute,
        PLACES,
        st.integers(-50, 50).map(float),
        subject=st.sampled_from(["", "SOL-1"]),
        count=st.integers(1, 60),
        spread=st.integers(0, 5).map(float),
    ),
    min_size=1,
    max_size=6,
)


@dataclass(frozen=True)
class Rolling:
    """How far rolling up comes: what minute it is then, and after how many transactions it is killed."""

    place: int
    after: int


Steps = list[list[Measured] | Rolling]
STEPS = st.lists(st.one_of(ROWS, st.builds(Rolling, PLACES, st.integers(0, 6))), min_size=1, max_size=8)
HASTY = settings(
    max_examples=examples(15),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    # Each step waits for a real database: to shrink a failure would take minutes.
    phases=[Phase.generate],
)
LONG_AFTER = START + 20 * DAY


async def go_through(database: Database, steps: Steps) -> list[Measured]:
    """All that was written, in its order."""
    written: list[Measured] = []
    for step in steps:
        match step:
            case Rolling(place, after):
                with suppress(DatabaseAway):
                    await roll_up(Deadly(database, after), START + place * MINUTE)
            case list(rows):
                await write(database, *rows)
                written += rows
    return written


@HASTY
@given(steps=STEPS)
async def test_every_tier_has_of_every_row_what_it_has_to_have_whatever_came_when(
    database: Database, steps: Steps
) -> None:
    await clear(database)
    written = await go_through(database, steps)
    for tier in TIERS:
        # Some of it is rolled up, and some is not.
        assert rounded(await read(database, tier)) == rounded(made(written, tier)), tier.name
    for _ in range(2):
        await roll_up(database, LONG_AFTER)
        for tier in TIERS:
            assert rounded(await stored(database, tier)) == rounded(made(written, tier)), tier.name
            assert rounded(await read(database, tier)) == rounded(made(written, tier)), tier.name


@HASTY
@given(steps=STEPS, late=ROWS, days=st.integers(5, 12))
async def test_what_is_forgotten_is_in_a_coarser_tier_and_rows_that_come_after_that_too(
    database: Database, steps: Steps, late: list[Measured], days: int
) -> None:
    await clear(database)
    written = await go_through(database, steps)
    now = START + days * DAY
    # Not all of it is rolled up here, and then nothing of that is forgotten.
    await forget_metrics(database, now)
    await write(database, *late)
    await roll_up(database, now)
    await forget_metrics(database, now)
    await write(database, *late)
    written += late + late
    expected = made(written, DAYS)
    # Which was the last cannot be told any more of rows whose minutes are forgotten.
    assert unordered(await read(database, DAYS)) == unordered(expected)
    mixed = await read(database, MINUTES)
    assert unordered(made(mixed, DAYS)) == unordered(expected)
    await roll_up(database, LONG_AFTER)
    assert unordered(await stored(database, DAYS)) == unordered(expected)


def unordered(rows: list[Measured]) -> list[tuple[object, ...]]:
    return [(*one[:-2], one[-1]) for one in rounded(rows)]


async def test_a_minute_written_again_is_one_minute_of_both(database: Database) -> None:
    await write(database, minute(0, 10.0, count=30, spread=1.0))
    await write(database, minute(0, 40.0, count=10, spread=2.0))
    [one] = await read(database, MINUTES)
    assert (one.average, one.minimum, one.maximum, one.last, one.count) == (17.5, 9.0, 42.0, 42.0, 40)


async def test_a_day_is_read_by_the_minute_and_a_month_by_the_hour_up_to_now(database: Database) -> None:
    await write(database, *(minute(place, float(place)) for place in range(180)))
    await roll_up(database, START + 130 * MINUTE)
    assert len(await stored(database, HOURS)) == 2
    now = START + 179 * MINUTE
    metrics = Metrics(database)
    day = await metrics.measured("alpha", Metric.EQUITY, Span(now - DAY, now), subject="")
    month = await metrics.measured("alpha", Metric.EQUITY, Span(now - 30 * DAY, now))
    assert len(day) == 179
    assert [(one.at - START, one.last) for one in month] == [
        (timedelta(0), 59.0),
        (timedelta(hours=1), 119.0),
        (timedelta(hours=2), 179.0),
    ]
    assert day[0].at.tzinfo is UTC


async def test_only_what_was_asked_for_is_read(database: Database) -> None:
    await write(database, minute(0, subject="SOL-1"), minute(1, subject="SOL-2"), minute(2, bot="beta"))
    metrics = Metrics(database)
    span = Span(START, START + 2 * MINUTE)
    assert [one.subject for one in await metrics.measured("alpha", Metric.EQUITY, span)] == ["SOL-1", "SOL-2"]
    assert [one.subject for one in await metrics.measured("alpha", Metric.EQUITY, span, subject="SOL-2")] == ["SOL-2"]
    assert await metrics.measured("alpha", Metric.BALANCE, span) == ()
    # Its end is the next span's start.
    assert await metrics.measured("beta", Metric.EQUITY, span) == ()


async def test_two_who_write_a_new_series_at_once_share_it(database: Database) -> None:
    await asyncio.gather(*(write(database, minute(0, float(place), count=1)) for place in range(4)))
    [one] = await read(database, MINUTES)
    assert (one.average, one.count) == (1.5, 4)


async def test_a_row_that_is_being_written_while_its_window_is_rolled_up_is_taken_up_after(database: Database) -> None:
    await write(database, minute(0, 1.0))
    async with database.transaction() as slow:
        await copy_measured(slow, [minute(1, 9.0)])
        assert sum(await asyncio.gather(roll_up(database, LONG_AFTER), roll_up(database, LONG_AFTER))) == 3
    assert [one.last for one in await stored(database, DAYS)] == [1.0]
    assert [one.last for one in await read(database, DAYS)] == [9.0]
    await roll_up(database, LONG_AFTER)
    assert [(one.last, one.count) for one in await stored(database, DAYS)] == [(9.0, 2)]


async def test_rows_are_in_partitions_that_are_made_ahead_and_dropped_once_the_coarser_tier_has_them(
    database: Database,
) -> None:
    # The first come before there is any.
    await write(database, minute(0), minute(1))
    await make_room(database, START + 2 * MINUTE)
    await write(database, minute(2), minute(1_440))
    assert await partitions(database, "metrics_1m") == {"20260301": 3, "20260302": 1, "default": 0}
    assert await forget_metrics(database, START + 8 * DAY) == ()
    await tend(database, START + 8 * DAY)
    assert await partitions(database, "metrics_1m") == {"20260302": 1, "20260309": 0, "20260310": 0, "default": 0}
    assert [(one.at - START, one.count) for one in await read(database, MINUTES)] == [(timedelta(0), 3), (DAY, 1)]
    # A year and a partition later nothing is left, not even its name.
    await tend(database, START + 460 * DAY)
    assert await read(database, DAYS) == []
    assert await database.fetchval("SELECT count(*) FROM metric_series") == 0


async def test_forgetting_does_not_wait_for_long_behind_whoever_reads_and_stops_nobody_then(database: Database) -> None:
    await make_room(database, START)
    await write(database, minute(0))
    await roll_up(database, LONG_AFTER)
    async with database.transaction() as reader:
        await reader.execute("SELECT count(*) FROM metrics_1m")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await forget_metrics(database, LONG_AFTER)
        assert len(await read(database, MINUTES)) == 1
    assert await forget_metrics(database, LONG_AFTER) == ("metrics_1m_20260301", "metrics_1m_20260302")


async def test_the_rounds_go_on_after_one_that_failed(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    rounds: list[float] = []

    async def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) > 2:
            raise asyncio.CancelledError

    with suppress(asyncio.CancelledError), caplog.at_level("INFO"):
        await metrics_for_ever(Deadly(database, 0), lambda: START + DAY, sleep)
    assert len(rounds) == 3
    said = [record.message for record in caplog.records if record.name == keeping.__name__]
    assert said == ["metrics not rolled up for now: killed"] * 2


async def partitions(database: Database, table: str) -> dict[str, int]:
    query = """
    SELECT right(c.relname, -length($1) - 1) AS name, (SELECT count(*) FROM metrics_1m AS m WHERE m.tableoid = c.oid)
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass ORDER BY 1
    """
    return {row[0]: row[1] for row in await database.fetch(query, table)}


def test_windows_lie_in_one_of_the_next_tier_and_partitions_hold_whole_ones() -> None:
    assert list(BY_NAME) == ["1m", "5m", "1h", "1d"]
    for finer, coarser in pairwise(TIERS):
        assert coarser.width % finer.width == timedelta(0)
        assert coarser.at_once % coarser.width == timedelta(0)
    for tier in TIERS:
        assert tier.partition % DAYS.width == timedelta(0)
