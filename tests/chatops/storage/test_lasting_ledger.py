"""While PostgreSQL is away asks go on disk, each is settled once, and all of it is on record when it is back."""

import asyncio
import errno
from pathlib import Path
from uuid import uuid4

import pytest

from chatops.guard.verifying import Whole
from chatops.ledger import Aside, Recorded
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway, DiskRefuses
from chatops.storage.lasting_inbox import LastingInbox
from chatops.storage.lasting_ledger import LastingLedger
from chatops.storage.record import verify_record
from tests.chatops.storage.asking import FrailDatabase, Sequence, came, steps_of

WHOLE_CLOSE = ["received", "asked to confirm", "confirmed", "running", "finished"]


class Desk:
    """What a run of the program has of the ledger."""

    def __init__(self, frail: FrailDatabase, path: Path) -> None:
        self.frail = frail
        self.path = path
        self.is_full = False
        self.start()

    def start(self) -> None:
        self.backlog = Backlog(self.path, self._sync)
        self.ledger = LastingLedger(self.frail, uuid4(), self.backlog)
        self.inbox = LastingInbox(self.frail, self.backlog)

    def _sync(self, file: int) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "no space left on device")

    async def comes_back(self) -> None:
        self.frail.is_away = False
        await self.ledger.carry()


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(FrailDatabase(database), tmp_path / "backlog")


@pytest.fixture
def asks() -> Sequence:
    return Sequence()


async def test_asked_and_done_while_it_is_away_it_is_on_record_when_it_is_back(
    desk: Desk, asks: Sequence, database: Database
) -> None:
    desk.frail.is_away = True
    question = asks.question(came())
    entries = (question.entry, asks.confirmed(question), asks.finished(question))
    assert [await desk.ledger.record(entry) for entry in entries] == [Recorded.ASIDE] * 3
    assert desk.frail.asked == 1
    await desk.comes_back()
    assert await steps_of(database, question.id) == WHOLE_CLOSE
    row = await database.fetchrow("SELECT * FROM command_log")
    assert row is not None
    assert (row["state"], row["outcome"], row["answer"], row["latency_ms"]) == ("finished", "done", "S closed", 1.5)
    assert await database.fetchval("SELECT handled_at IS NOT NULL FROM inbox WHERE command_id = $1", question.id)
    assert await database.fetch("SELECT DISTINCT state FROM presses") != []
    assert isinstance(await verify_record(database), Whole)


async def test_a_question_of_before_is_confirmed_once_however_often_it_is_pressed(
    desk: Desk, asks: Sequence, database: Database
) -> None:
    question = asks.question()
    assert await desk.ledger.record(question.entry) is Recorded.WHOLE
    desk.frail.is_away = True
    pressed = [desk.ledger.record(asks.confirmed(question)) for _ in range(3)]
    recorded = await asyncio.gather(*pressed, desk.ledger.record(asks.cancelled(question)))
    assert sorted(recorded) == [Recorded.ASIDE, Recorded.BEFORE, Recorded.BEFORE, Recorded.BEFORE]
    found = await desk.ledger.find(question.cancel)
    assert found is not None
    assert (found.open, found.used_by) == (False, "ada")
    await desk.ledger.record(asks.finished(question))
    found = await desk.ledger.find(question.confirm)
    assert found is not None
    assert found.result == "S closed"
    await desk.comes_back()
    assert await steps_of(database, question.id) == WHOLE_CLOSE
    assert await desk.ledger.record(asks.confirmed(question)) is Recorded.BEFORE


async def test_what_the_database_took_and_nobody_heard_of_is_there_once(
    desk: Desk, asks: Sequence, database: Database
) -> None:
    question = asks.question(came())
    for entry in (question.entry, asks.confirmed(question), asks.finished(question)):
        desk.frail.loses = 1
        assert await desk.ledger.record(entry) is Recorded.ASIDE
        await desk.ledger.carry()
    assert await steps_of(database, question.id) == WHOLE_CLOSE
    assert isinstance(await verify_record(database), Whole)


async def test_a_press_that_hangs_in_the_database_keeps_the_other_waiting_and_is_the_only_one(
    desk: Desk, asks: Sequence, database: Database
) -> None:
    question = asks.question()
    await desk.ledger.record(question.entry)
    async with database.transaction() as connection:
        await connection.execute("LOCK TABLE presses IN ACCESS EXCLUSIVE MODE")
        first = asyncio.create_task(desk.ledger.record(asks.confirmed(question)))
        while desk.frail.asked < 2:  # noqa: ASYNC110 - a statement sets no event
            await asyncio.sleep(0)
        desk.backlog.lost("somebody else met it")
        second = asyncio.create_task(desk.ledger.record(asks.confirmed(question)))
        await asyncio.sleep(0)
    assert [await first, await second] == [Recorded.WHOLE, Recorded.BEFORE]


async def test_once_it_is_away_nobody_asks_it_but_who_looks_after_it(desk: Desk, asks: Sequence) -> None:
    question = asks.question()
    await desk.ledger.record(question.entry)
    desk.frail.is_away = True
    await desk.inbox.store("telegram", [("1", {"update_id": 1})])
    asked = desk.frail.asked
    await desk.inbox.store("telegram", [("2", {"update_id": 2})])
    await desk.ledger.record(asks.confirmed(question))
    await desk.ledger.find(question.confirm)
    assert await desk.ledger.waiting(question.id) is None
    assert desk.frail.asked == asked


async def test_what_may_not_go_aside_is_refused_and_the_ask_can_be_ended(
    desk: Desk, asks: Sequence, database: Database
) -> None:
    question = asks.question()
    await desk.ledger.record(question.entry)
    desk.frail.loses = 1
    with pytest.raises(DatabaseAway):
        await desk.ledger.record(asks.confirmed(question, Aside.REFUSED))
    # Whether it says "running" there nobody knows; nothing was done, and that is what the log must say.
    assert await desk.ledger.record(asks.cancelled(question)) is Recorded.ASIDE
    await desk.comes_back()
    assert (await steps_of(database, question.id))[-1] == "cancelled"
    assert await database.fetchval("SELECT state FROM command_log") == "cancelled"
    assert isinstance(await verify_record(database), Whole)


async def test_a_button_that_nobody_remembers_is_not_called_unknown(desk: Desk) -> None:
    desk.backlog.lost("gone")
    with pytest.raises(DatabaseAway):
        await desk.ledger.find("x" * 22)


async def test_the_next_run_puts_on_record_what_the_last_one_left_before_it_asks_what_is_unsettled(
    desk: Desk, asks: Sequence, database: Database
) -> None:
    question = asks.question(came())
    await desk.ledger.record(question.entry)
    desk.frail.is_away = True
    await desk.ledger.record(asks.confirmed(question))
    desk.start()
    desk.frail.is_away = False
    with pytest.raises(DatabaseAway):
        await desk.ledger.unsettled()
    await desk.ledger.carry()
    (left,) = await desk.ledger.unsettled()
    assert [step.step for step in left.steps][-1] == "running"
    assert isinstance(await verify_record(database), Whole)


async def test_an_update_is_kept_on_disk_and_handed_over_again_it_is_known(
    desk: Desk, asks: Sequence, database: Database
) -> None:
    before = await desk.inbox.store("telegram", [("1", {"update_id": 1})])
    desk.frail.is_away = True
    stored = await desk.inbox.store("telegram", [("1", {"update_id": 1}), ("2", {"update_id": 2})])
    assert stored[0] is None
    assert stored[1] is not None
    arrival = stored[1].arrival
    assert arrival is not None
    assert arrival.stored.is_set()
    assert await desk.inbox.store("telegram", [("2", {"update_id": 2})]) == [None]
    assert await desk.ledger.record(asks.question(stored[1]).entry) is Recorded.ASIDE
    await desk.inbox.done(before[0] or stored[1], "asks nothing")
    await desk.comes_back()
    assert await desk.inbox.store("telegram", [("1", {}), ("2", {})]) == [None, None]
    rows = await database.fetch("SELECT note, handled_at IS NOT NULL AS done FROM inbox ORDER BY id")
    assert [(row["note"], row["done"]) for row in rows] == [("asks nothing", True), (None, True)]


async def test_one_that_is_left_while_it_is_away_is_handed_on_by_no_run(desk: Desk) -> None:
    here = await desk.inbox.store("slack", [("1", {"update_id": 1})])
    desk.frail.is_away = True
    aside = await desk.inbox.store("slack", [("2", {"update_id": 2})])
    for receipt in (*here, *aside):
        assert receipt is not None
        await desk.inbox.leave(receipt, "not stored in time")
    desk.start()
    await desk.comes_back()
    assert await desk.inbox.unhandled("slack") == []


async def test_one_that_was_not_handled_before_a_kill_is_handed_on_by_the_next_run(desk: Desk) -> None:
    desk.frail.is_away = True
    (receipt,) = await desk.inbox.store("telegram", [("1", {"update_id": 1})])
    desk.start()
    with pytest.raises(DatabaseAway):
        await desk.inbox.unhandled("telegram")
    await desk.comes_back()
    (left,) = await desk.inbox.unhandled("telegram")
    assert receipt is not None
    assert left.receipt.command_id == receipt.command_id


async def test_a_text_that_only_reads_and_comes_twice_is_recorded_once(
    desk: Desk, asks: Sequence, database: Database
) -> None:
    desk.frail.is_away = True
    first, again = came(), came()
    assert await desk.ledger.record(asks.question(first).entry) is Recorded.ASIDE
    assert await desk.ledger.record(asks.question(again).entry) is Recorded.BEFORE
    await desk.inbox.keep([again])
    await desk.comes_back()
    assert [row["command_id"] for row in await database.fetch("SELECT command_id FROM inbox")] == [first.command_id]


async def test_with_a_full_disk_only_an_emergency_goes_on_and_nothing_is_confirmed(desk: Desk, asks: Sequence) -> None:
    desk.frail.is_away, desk.is_full = True, True
    (receipt,) = await desk.inbox.store("telegram", [("1", {"update_id": 1})])
    assert receipt is not None
    with pytest.raises(DiskRefuses, match="Make room"):
        await desk.inbox.keep([receipt])
    with pytest.raises(DiskRefuses):
        await desk.ledger.record(asks.question(receipt).entry)
    stop = asks.question(receipt, Aside.ANYHOW)
    assert await desk.ledger.record(stop.entry) is Recorded.ASIDE
    assert await desk.ledger.record(asks.confirmed(stop, Aside.ANYHOW)) is Recorded.ASIDE
    assert receipt.arrival is not None
    assert not receipt.arrival.stored.is_set()
    # It comes again, and is not handled again.
    with pytest.raises(DiskRefuses):
        await desk.inbox.store("telegram", [("1", {"update_id": 1})])
    desk.is_full = False
    assert await desk.inbox.store("telegram", [("1", {"update_id": 1})]) == [None]
    assert receipt.arrival.stored.is_set()
