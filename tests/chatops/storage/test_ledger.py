"""An ask that only reads and the update that it came in are written at once."""

import asyncio
import uuid
from datetime import UTC, datetime

import pytest

from chatops.arrival import Arrival
from chatops.guard.audit import Asked, Step, StepName
from chatops.ids import uuid7
from chatops.ledger import Entry, Recorded
from chatops.messages import Receipt
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from chatops.storage.ledger import PostgresLedger

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def ledger(database: Database) -> PostgresLedger:
    return PostgresLedger(database, uuid.uuid4())


def came(update: int = 7) -> Receipt:
    payload = {"update_id": update, "message": {"text": "/status \x00 💥"}}
    return Receipt(None, uuid7(), Arrival("telegram", str(update), payload))


def entry(receipt: Receipt) -> Entry:
    asked = Asked(receipt.command_id, AT, "telegram", "ada", "telegram:1", "1", None, "status", {}, None)
    return Entry((Step(asked.id, AT, StepName.RECEIVED, "ada", asked.facts()),), asked=asked, receipt=receipt)


def is_stored(receipt: Receipt) -> bool:
    return receipt.arrival is not None and receipt.arrival.stored.is_set()


async def states(database: Database) -> list[tuple[uuid.UUID, bool]]:
    rows = await database.fetch("SELECT command_id, handled_at FROM inbox ORDER BY id")
    return [(row["command_id"], row["handled_at"] is not None) for row in rows]


async def test_the_update_is_stored_and_handled_with_the_record(database: Database, ledger: PostgresLedger) -> None:
    receipt = came()
    assert not is_stored(receipt)
    assert await ledger.record(entry(receipt)) is Recorded.WHOLE
    assert is_stored(receipt)
    assert await states(database) == [(receipt.command_id, True)]
    assert await database.fetchval("SELECT id FROM command_log") == receipt.command_id


async def test_of_the_same_update_twice_at_once_one_is_recorded(database: Database, ledger: PostgresLedger) -> None:
    both = [came() for _ in range(2)]
    recorded = await asyncio.gather(*(ledger.record(entry(one)) for one in both))
    assert sorted(recorded) == [Recorded.BEFORE, Recorded.WHOLE]
    assert all(map(is_stored, both))
    assert await database.fetchval("SELECT count(*) FROM command_events") == 1
    (handled,) = await states(database)
    assert handled == (await database.fetchval("SELECT id FROM command_log"), True)


async def test_one_that_was_stored_while_it_took_long_is_recorded_all_the_same(
    database: Database, ledger: PostgresLedger
) -> None:
    receipt = came()
    await asyncio.gather(*(Inbox(database).keep([receipt]) for _ in range(2)))
    assert is_stored(receipt)
    assert await states(database) == [(receipt.command_id, False)]
    assert await ledger.record(entry(receipt)) is Recorded.WHOLE
    assert await states(database) == [(receipt.command_id, True)]


async def test_one_that_was_stored_as_another_ask_is_not_recorded(database: Database, ledger: PostgresLedger) -> None:
    (first,) = await Inbox(database).store("telegram", [("7", {"update_id": 7})])
    assert first is not None
    assert await ledger.record(entry(came())) is Recorded.BEFORE
    assert await states(database) == [(first.command_id, False)]
    assert await database.fetchval("SELECT count(*) FROM command_log") == 0


async def test_many_that_are_stored_and_recorded_at_once_wait_for_each_other_in_no_circle(
    database: Database, ledger: PostgresLedger
) -> None:
    receipts = [came(update) for update in range(30)]
    kept = Inbox(database).keep(reversed(receipts))
    recorded = asyncio.gather(*(ledger.record(entry(one)) for one in receipts))
    await asyncio.gather(kept, recorded)
    assert recorded.result() == [Recorded.WHOLE] * 30
    assert sorted(await states(database)) == [(one.command_id, True) for one in receipts]


async def test_what_broke_us_is_passed_over_though_it_was_never_stored(
    database: Database, ledger: PostgresLedger
) -> None:
    receipt = came()
    await ledger.pass_over(receipt, "it broke")
    assert await states(database) == [(receipt.command_id, True)]
    assert await database.fetchval("SELECT note FROM inbox") == "it broke"
