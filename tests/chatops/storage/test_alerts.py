"""Alerts are stored step by step, each with what it tells, once, by one worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from alerts.bookkeeping import Bookkeeping, NotStored
from alerts.model import Told
from alerts.severity import Severity
from alerts.store import AlertStore, Open, Overtaken
from chatops.asks import Close
from chatops.guard.presses import StoredPress
from chatops.owed import Kind, Owed
from chatops.storage.alerts import AlertTables
from chatops.storage.database import Connection, Database
from chatops.storage.errors import DatabaseAway
from tests.alerts.store_contract import StoreContract
from tests.chatops.storage.alerting import ADA, MINUTE, OPS, acknowledged, falls, fires, resolves, rises
from tests.chatops.storage.owing import NOON, owe, states, stored

WARNING, CRITICAL, EMERGENCY = Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY

_CUT_WHO_WAITS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%advance_alerts%'
"""


@pytest.fixture
def tables(database: Database) -> AlertTables:
    return AlertTables(database)


class TestPostgres(StoreContract):
    @pytest.fixture
    def store(self, database: Database) -> AlertStore:
        return AlertTables(database)


def card(text: str = "HF 0.148", **more: Any) -> Owed:
    return owe(text, kind=Kind.ALERT, severity=WARNING, **more)


async def told(tables: AlertTables) -> list[tuple[Severity | None, int]]:
    """By alert, the last that the ops room heard of it."""
    return [(one.told[OPS].severity, one.told[OPS].epoch) for one in await tables.load()]


async def test_a_step_that_the_tables_refuse_keeps_no_other_from_being_stored(tables: AlertTables) -> None:
    books = Bookkeeping(tables, lambda: NOON)
    await books.begin()
    # No column holds this number.
    bad, good = fires("SOL-1", number=2**63), fires("ETH-1", number=2)
    with pytest.raises(NotStored) as refused:
        await books.note([bad, good])
    assert refused.value.alerts == (bad.alert.id,)
    assert [one.alert for one in await tables.load()] == [good.alert]
    assert await books.note([rises(good.alert, CRITICAL, NOON + MINUTE)])


async def test_what_was_stored_is_loaded_as_it_was_with_all_that_was_told(tables: AlertTables) -> None:
    fence = await tables.take_over()
    first = fires(severity=CRITICAL, tells=(OPS, ADA), is_drill=True)
    assert await tables.advance(fence, [first]) == {first.alert.id: first.alert}
    taken = acknowledged(first.alert, "ada", NOON + MINUTE)
    await tables.advance(fence, [taken])
    worse = rises(taken.alert, EMERGENCY, NOON + 2 * MINUTE)
    await tables.advance(fence, [worse])
    assert await tables.load() == [
        Open(
            worse.alert,
            {
                OPS: Told(OPS, 2, EMERGENCY, NOON + 2 * MINUTE, 0.062),
                ADA: Told(ADA, 1, CRITICAL, NOON, 0.062),
            },
        )
    ]


async def test_an_alert_and_the_messages_that_tell_of_it_are_one_commit(
    tables: AlertTables, database: Database
) -> None:
    fence = await tables.take_over()
    first, message = fires(), card()
    press = StoredPress("t" * 22, Close(position="SOL"), None, message.room, None, NOON, None)
    await tables.advance(fence, [first], [message], [press], {(first.alert.id, OPS): [message.id]})
    assert (await stored(database, message.id))["kind"] == "alert"
    assert await database.fetchval("SELECT word FROM presses WHERE token = $1", press.token) == "close"
    assert await database.fetchval("SELECT deliveries FROM alert_tellings") == [message.id]


async def test_where_one_row_cannot_be_written_none_is(tables: AlertTables, database: Database) -> None:
    fence = await tables.take_over()
    await database.execute("ALTER TABLE deliveries ADD CHECK (card <> 'broken')")
    with pytest.raises(Exception, match="deliveries_card_check"):
        await tables.advance(fence, [fires()], [card(), card(card="broken")])
    assert await tables.load() == []
    assert await states(database) == []
    assert await database.fetchval("SELECT count(*) FROM alert_events") == 0


async def test_a_step_stored_twice_is_stored_once(tables: AlertTables, database: Database) -> None:
    fence = await tables.take_over()
    first = fires()
    worse = rises(first.alert, CRITICAL, NOON + MINUTE)
    for _ in range(2):
        assert await tables.advance(fence, [first], [card("as it fired")]) == {first.alert.id: first.alert}
    for _ in range(2):
        assert await tables.advance(fence, [worse], [card("as it rose")]) == {first.alert.id: worse.alert}
    # Long past by now, it gives what stands.
    assert await tables.advance(fence, [first], [card("as it fired")]) == {first.alert.id: worse.alert}
    assert await database.fetchval("SELECT count(*) FROM alert_events") == 2
    assert await database.fetchval("SELECT count(*) FROM alert_tellings") == 2
    assert await states(database) == ["pending", "pending"]


async def test_of_two_different_steps_from_one_point_the_second_is_refused(tables: AlertTables) -> None:
    fence = await tables.take_over()
    first, other = fires(), fires("ETH-1/okx", number=2)
    await tables.advance(fence, [first])
    await tables.advance(fence, [rises(first.alert, CRITICAL, NOON + MINUTE)])
    with pytest.raises(Overtaken):
        await tables.advance(fence, [other, acknowledged(first.alert, "ada", NOON + MINUTE)])
    with pytest.raises(Overtaken):
        await tables.advance(fence, [replace(first, alert=replace(first.alert, severity=EMERGENCY))])
    assert await told(tables) == [(CRITICAL, 2)]


async def test_a_step_of_an_alert_that_was_never_stored_is_refused(tables: AlertTables) -> None:
    fence = await tables.take_over()
    with pytest.raises(Overtaken):
        await tables.advance(fence, [rises(fires().alert, CRITICAL, NOON)])


async def test_a_worker_that_was_stopped_and_goes_on_is_refused(tables: AlertTables, database: Database) -> None:
    old = await tables.take_over()
    first = fires()
    await tables.advance(old, [first])
    new = await tables.take_over()
    assert new > old
    late = rises(first.alert, CRITICAL, NOON + MINUTE)
    with pytest.raises(Overtaken):
        await tables.advance(old, [late], [card()])
    with pytest.raises(Overtaken):
        await tables.advance(old, [fires("ETH-1/okx", number=2)], [card()])
    with pytest.raises(Overtaken):
        await tables.advance(old, [])
    assert await tables.advance(new, []) == {}
    assert await states(database) == []
    assert await tables.advance(new, [late]) == {first.alert.id: late.alert}


async def test_of_two_workers_at_one_moment_one_is_heard(tables: AlertTables) -> None:
    fences = await asyncio.gather(*(tables.take_over() for _ in range(4)))
    assert sorted(fences) == [1, 2, 3, 4]
    said = await asyncio.gather(
        *(tables.advance(fence, [fires(str(fence))]) for fence in fences), return_exceptions=True
    )
    assert [type(one) for one in said].count(Overtaken) == 3
    assert [one.alert.key.subject for one in await tables.load()] == ["4"]


async def test_the_same_step_from_many_connections_at_one_moment_is_stored_once(
    tables: AlertTables, database: Database
) -> None:
    fence = await tables.take_over()
    first, message = fires(), card()
    said = await asyncio.gather(*(tables.advance(fence, [first], [message]) for _ in range(6)))
    assert said == [{first.alert.id: first.alert}] * 6
    assert await database.fetchval("SELECT count(*) FROM alert_events") == 1
    assert await states(database) == ["pending"]


async def test_of_a_step_whose_connection_is_cut_nothing_is_stored(tables: AlertTables, database: Database) -> None:
    fence = await tables.take_over()
    first = fires()
    async with database.transaction() as other:
        await other.execute("SELECT FROM alert_worker FOR UPDATE")
        storing = asyncio.create_task(tables.advance(fence, [first], [card()]))
        # Not by the connection in the transaction: that one sees who waits as it was first.
        while not storing.done() and not await database.fetchval(_CUT_WHO_WAITS):  # noqa: ASYNC110 - a lock sets no event
            await asyncio.sleep(0)
        with pytest.raises(DatabaseAway):
            await storing
    assert await tables.load() == []
    assert await states(database) == []
    assert await tables.advance(fence, [first]) == {first.alert.id: first.alert}


async def test_one_is_open_for_each_subject_and_another_joins_it(tables: AlertTables) -> None:
    fence = await tables.take_over()
    first = fires(tells=(OPS, ADA))
    await tables.advance(fence, [first])
    taken = acknowledged(first.alert, "ada", NOON + MINUTE)
    await tables.advance(fence, [taken])
    again = fires(number=7, at=NOON + 2 * MINUTE)
    for _ in range(2):
        (stands,) = (await tables.advance(fence, [again])).values()
        assert stands == replace(
            taken.alert,
            read_at=NOON + 2 * MINUTE,
            progress=replace(first.alert.progress, until=NOON + 2 * MINUTE),
            version=3,
        )
    (loaded,) = await tables.load()
    assert loaded.alert == stands
    assert {target: heard.at for target, heard in loaded.told.items()} == {OPS: NOON + 2 * MINUTE, ADA: NOON}


async def test_one_that_joins_and_is_worse_is_a_rise_and_goes_on_under_either_id(tables: AlertTables) -> None:
    fence = await tables.take_over()
    first = fires()
    await tables.advance(fence, [first])
    taken = acknowledged(first.alert, "ada", NOON + MINUTE)
    await tables.advance(fence, [taken])
    again = fires(severity=CRITICAL, at=NOON + 2 * MINUTE)
    stands = (await tables.advance(fence, [again]))[again.alert.id]
    assert (stands.id, stands.epoch, stands.severity, stands.in_hand) == (first.alert.id, 2, CRITICAL, None)
    assert stands.rose_at == NOON + 2 * MINUTE
    assert await told(tables) == [(CRITICAL, 2)]
    worse = rises(again.alert, EMERGENCY, NOON + 3 * MINUTE)
    stands = (await tables.advance(fence, [worse]))[again.alert.id]
    assert (stands.id, stands.epoch, stands.peak) == (first.alert.id, 3, EMERGENCY)
    # It was told who stands for it.
    over = resolves(stands, NOON + 4 * MINUTE)
    await tables.advance(fence, [over])
    with pytest.raises(Overtaken):
        await tables.advance(fence, [acknowledged(worse.alert, "bob", NOON + 4 * MINUTE)])
    assert await tables.load() == []


async def test_one_that_joins_a_worse_one_makes_it_no_better_before_it_is_seen_to_fall(tables: AlertTables) -> None:
    fence = await tables.take_over()
    await tables.advance(fence, [fires(severity=EMERGENCY)])
    again = fires(severity=CRITICAL, at=NOON + MINUTE)
    assert (await tables.advance(fence, [again]))[again.alert.id].severity is EMERGENCY
    better = falls(again.alert, WARNING, NOON + 10 * MINUTE)
    stands = (await tables.advance(fence, [better]))[again.alert.id]
    assert (stands.severity, stands.peak, stands.epoch) == (WARNING, EMERGENCY, 1)


async def test_what_ends_and_begins_anew_in_one_breath_is_two_alerts(tables: AlertTables, database: Database) -> None:
    fence = await tables.take_over()
    first = fires()
    over = resolves(first.alert, NOON + MINUTE, tells=())
    then = fires(number=2, at=NOON + 2 * MINUTE)
    worse = rises(then.alert, CRITICAL, NOON + 3 * MINUTE)
    message = card()
    standing = await tables.advance(fence, [first, over, then, worse], [message])
    assert standing == {first.alert.id: over.alert, then.alert.id: worse.alert}
    assert [one.alert.number for one in await tables.load()] == [1, 2]
    assert await states(database) == ["pending"]
    # All of it or nothing, though it takes several statements.
    third = fires("ETH-1/okx", number=3)
    with pytest.raises(Overtaken):
        await tables.advance(
            fence, [third, first, rises(third.alert, CRITICAL, NOON), rises(first.alert, CRITICAL, NOON)]
        )
    assert len(await tables.load()) == 2


async def test_a_number_that_is_taken_is_given_anew(tables: AlertTables) -> None:
    fence = await tables.take_over()
    await tables.advance(fence, [fires(number=5)])
    more = [fires(str(number), number=number) for number in (5, 0, 6)]
    standing = await tables.advance(fence, more)
    assert [standing[one.alert.id].number for one in more] == [7, 8, 6]
    assert await tables.last_number() == 8
    assert sorted(one.alert.number for one in await tables.load()) == [5, 6, 7, 8]


async def test_what_is_resolved_is_loaded_until_everybody_who_heard_of_it_knows(tables: AlertTables) -> None:
    fence = await tables.take_over()
    first = fires(tells=(OPS, ADA))
    over = resolves(first.alert, NOON + MINUTE, tells=(OPS,))
    await tables.advance(fence, [first, over])
    (left,) = await tables.load()
    assert left.alert == over.alert
    assert {target: heard.severity for target, heard in left.told.items()} == {OPS: None, ADA: WARNING}
    said = resolves(over.alert, NOON + MINUTE, tells=(ADA,))
    await tables.advance(fence, [said])
    assert await tables.load() == []


class Listened(Database):
    """The same database, whose statements are counted."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._pool, database.url)
        self._database = database
        self.statements: list[str] = []

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        async with self._database.acquire() as connection:
            with connection.query_logger(lambda one: self.statements.append(one.query)):
                yield connection


async def test_a_thousand_are_stored_at_once_and_loaded_at_once(database: Database) -> None:
    listened = Listened(database)
    tables = AlertTables(listened)
    fence = await tables.take_over()
    many = [fires(str(number), number=number, tells=(OPS, ADA)) for number in range(1, 1_001)]
    await tables.advance(fence, many)
    loaded = await tables.load()
    assert len(listened.statements) < 20
    assert [one.alert for one in loaded] == [one.alert for one in many]
    assert {len(one.told) for one in loaded} == {2}


async def test_text_of_any_kind_is_stored(tables: AlertTables) -> None:
    fence = await tables.take_over()
    first = fires()
    odd = replace(first.alert.reading, says="a \x00 b \ud800 💥", value=float("nan"))
    first = replace(first, alert=replace(first.alert, reading=odd))
    await tables.advance(fence, [first])
    (loaded,) = await tables.load()
    assert loaded.alert.reading.says == "a  b ? 💥"
    assert loaded.alert.reading.value is None
    assert (await tables.advance(fence, [first]))[first.alert.id].number == 1
