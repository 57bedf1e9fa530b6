"""What is old is thinned and dropped, and of money nothing goes."""

from datetime import timedelta
from decimal import Decimal

import pytest

from chatops.history.rows import Kept, Why
from chatops.money.spans import Span
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from chatops.storage.history.forgetting import Forgotten, forget_history
from chatops.storage.history.partitions import BY_DAY, BY_MONTH, Partitions
from chatops.storage.pruning import prune
from chatops.storage.retention import forget
from tests.chatops.storage.history.telling import DAY, MINUTE, NOON, SECOND, batch, everything, sample, snapshot, stored

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _no_partitions(database: Database) -> None:
    """Another test may have left some, empty."""
    partitions = Partitions(database)
    for table in (*BY_MONTH, BY_DAY):
        await partitions.drop(await partitions.of(table))


async def test_samples_of_more_than_a_week_ago_are_the_last_of_each_quarter_of_an_hour(database: Database) -> None:
    history = PostgresHistory(database)
    told = tuple(sample(NOON + n * MINUTE + 5 * SECOND, Decimal(n)) for n in range(40))
    await history.keep([batch(samples=told)])
    assert await forget_history(database, NOON + 7 * A_DAY) == Forgotten(0, 0)
    # Each with its legs; the quarter that was a week ago is not over.
    assert await forget_history(database, NOON + 7 * A_DAY + 29 * MINUTE) == Forgotten(0, 2 * 14)
    assert await forget_history(database, NOON + 8 * A_DAY) == Forgotten(0, 2 * (14 + 9))
    left = (await history.books(["alpha"], DAY, step=MINUTE)).samples
    assert sorted(one.equity for one in left) == [14, 29, 39]
    assert await forget_history(database, NOON + 8 * A_DAY) == Forgotten(0, 0)


async def test_legs_of_more_than_a_season_ago_are_those_of_the_last_of_each_half_hour(database: Database) -> None:
    history = PostgresHistory(database)
    told = tuple(sample(NOON + n * MINUTE, Decimal(n)) for n in (14, 29, 44, 59))
    await history.keep([batch(samples=told)])
    assert await forget_history(database, NOON + 90 * A_DAY) == Forgotten(0, 0)
    assert await forget_history(database, NOON + 91 * A_DAY) == Forgotten(0, 2)
    for after, has_legs in ((15, False), (30, True), (45, False), (60, True)):
        span = Span(NOON, NOON + after * MINUTE)
        newest = max((await history.books(["alpha"], span)).samples, key=lambda one: one.at)
        assert (newest.equity, bool(newest.legs)) == (Decimal(after - 1), has_legs)


async def test_snapshots_go_sooner_the_less_they_tell_and_money_never(database: Database) -> None:
    history = PostgresHistory(database)
    regular, hourly = snapshot(2, at=NOON + 10 * MINUTE), snapshot(3, at=NOON + 15 * MINUTE + 20 * SECOND)
    kept = (*everything().kept[:1], Kept(Why.REGULAR, regular), Kept(Why.REGULAR, hourly))
    told = batch(
        **{name: getattr(everything(), name) for name in ("bookings", "payments", "trades", "transfers", "happened")},
        kept=kept,
    )
    await history.keep([told])
    money = {table: rows for table, rows in (await stored(database)).items() if table not in {"snapshots", "events"}}
    for days, left in ((7, kept), (8, (kept[0], kept[2])), (122, kept[:1]), (400, ())):
        await forget_history(database, NOON + days * A_DAY)
        assert await history.kept(bot="alpha") == left
    after = await stored(database)
    assert {table: after[table] for table in money} == money
    assert after["events"] == []


async def test_what_somebody_reads_right_now_is_dropped_another_day(database: Database) -> None:
    history, late = PostgresHistory(database), NOON + 400 * A_DAY
    await history.keep([everything()])
    async with database.transaction() as reader:
        await reader.fetch("SELECT * FROM events")
        gone = await forget_history(database, late)
    assert await history.happened(["alpha"], DAY) == everything().happened
    again = await forget_history(database, late)
    assert (gone.partitions, again.partitions) == (2, 1)


async def test_room_is_made_ahead_and_twice_is_once(database: Database) -> None:
    await Partitions(database).make_ahead(NOON)
    await Partitions(database).make_ahead(NOON)
    assert [(one.name, one.start.month, one.end.month) for one in await Partitions(database).of("bookings")] == [
        ("bookings_2026_03", 3, 4),
        ("bookings_2026_04", 4, 5),
    ]
    days = await Partitions(database).of("snapshots_week")
    assert [one.name for one in days] == [f"snapshots_week_2026_03_{day}" for day in (14, 15, 16)]
    assert days[0].start <= NOON < days[0].end == days[1].start


async def test_pruning_says_what_went_and_what_is_left(database: Database) -> None:
    await PostgresHistory(database).keep([everything()])
    done = await prune(database, NOON + 400 * A_DAY)
    assert {what: count for what, count in done.gone.items() if count} == {"partitions of history": 3}
    assert 0 < done.bytes <= done.bytes_before
    assert await forget(database, NOON + 400 * A_DAY) == 0
