"""While PostgreSQL is away alerts go on: their steps and messages wait on disk, and are there once when it is back."""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

from alerts.model import Advance, Alert
from alerts.severity import Severity
from alerts.store import Overtaken
from chatops.delivery.aside import Allowed
from chatops.delivery.book import Book
from chatops.owed import Kind, Owed
from chatops.storage.alerts import AlertTables
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.errors import DatabaseAway
from chatops.storage.lasting_alerts import LastingAlerts
from chatops.storage.lasting_ledger import LastingLedger
from chatops.storage.spool import Spool
from tests.chatops.storage.alerting import MINUTE, OPS, acknowledged, fires, resolves, rises
from tests.chatops.storage.asking import FrailDatabase
from tests.chatops.storage.owing import NOON, owe, states

CRITICAL, EMERGENCY = Severity.CRITICAL, Severity.EMERGENCY

ValueT = TypeVar("ValueT")


class Desk:
    """What a run of the program has of alerts."""

    def __init__(self, frail: FrailDatabase, path: Path) -> None:
        self.frail = frail
        self.path = path
        self.is_full = False
        self.fence = 0
        self.start()

    def start(self) -> None:
        """A new run; of the one before only what is on disk is left."""
        self.backlog = Backlog(self.path / "asked", self._sync)
        sender = uuid4()
        ledger = LastingLedger(self.frail, sender, self.backlog)
        spool = Spool(self.path / "owed", self._sync)
        self.book = Book(Deliveries(self.frail, sender), spool, now=lambda: NOON, sleep=asyncio.sleep, beside=ledger)
        self.alerts = LastingAlerts(self.frail, self.backlog, carry=ledger.carry, owe_by=self.book.owe_by)

    async def take_over(self) -> None:
        self.fence = await self.alerts.take_over()

    async def advance(self, advance: Advance, *owed: Owed) -> Alert:
        carriers = {(advance.alert.id, OPS): [one.id for one in owed]}
        return (await self.alerts.advance(self.fence, [advance], owed, carriers=carriers))[advance.alert.id]

    async def sent_aside(self) -> list[str]:
        """What goes out while the database is away."""
        claims = await self.book.claim("telegram", Allowed(10))
        return [one.owed.posting.message.title for one in claims.claimed]

    def _sync(self, file: int) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "no space left on device")


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(FrailDatabase(database), tmp_path)


def card(text: str, severity: Severity = CRITICAL) -> Owed:
    return owe(text, kind=Kind.ALERT, severity=severity)


async def steps(database: Database) -> list[str]:
    return [row["step"] for row in await database.fetch("SELECT step FROM alert_events ORDER BY seq")]


async def test_an_alert_goes_on_without_a_database_and_all_of_it_is_there_when_it_is_back(
    desk: Desk, database: Database
) -> None:
    await desk.take_over()
    first, message = fires(severity=CRITICAL), card("HF 0.148")
    assert await desk.advance(first, message) == first.alert
    desk.frail.is_away = True
    worse = rises(first.alert, EMERGENCY, NOON + MINUTE)
    assert await desk.advance(worse, card("HF 0.09", EMERGENCY)) == worse.alert
    taken = acknowledged(worse.alert, "ada", NOON + MINUTE)
    await desk.advance(taken)
    assert await desk.sent_aside() == ["HF 0.09"]
    for asked in (desk.alerts.load(), desk.alerts.silences(), desk.alerts.last_number()):
        with pytest.raises(DatabaseAway):
            await asked
    with pytest.raises(DatabaseAway):
        await desk.alerts.advance(desk.fence, [])
    assert desk.backlog.count == 2
    desk.frail.is_away = False
    assert [one.alert for one in await AlertTables(database).load()] == [first.alert]
    await desk.take_over()
    assert [one.alert for one in await desk.alerts.load()] == [taken.alert]
    assert await steps(database) == ["fired", "rose", "acknowledged"]
    # Those of the table wait in it; the other is on its way from aside.
    assert await states(database) == ["pending", "pending"]
    over = resolves(taken.alert, NOON + 2 * MINUTE)
    assert await desk.advance(over) == over.alert
    assert await desk.alerts.load() == []


async def test_what_a_killed_run_left_on_disk_is_stored_before_the_next_one_takes_over(
    desk: Desk, database: Database
) -> None:
    await desk.take_over()
    desk.frail.is_away = True
    first, message = fires(), card("HF 0.148")
    await desk.advance(first, message)
    desk.start()
    with pytest.raises(DatabaseAway):
        await desk.take_over()
    desk.frail.is_away = False
    await desk.take_over()
    assert desk.fence == 2
    (standing,) = await desk.alerts.load()
    assert standing.alert == first.alert
    assert standing.told[OPS].severity is first.alert.severity
    await desk.book.carry()
    assert await states(database) == ["pending"]


async def test_a_kill_between_the_step_and_its_message_loses_neither(desk: Desk, database: Database) -> None:
    async def killed(
        owed: Sequence[Owed], storing: Callable[[], Awaitable[ValueT]], aside: Callable[[], Awaitable[None]]
    ) -> ValueT | None:
        await aside()
        raise asyncio.CancelledError

    desk.frail.is_away = True
    desk.backlog.lost("away")
    alerts = LastingAlerts(desk.frail, desk.backlog, carry=desk.book.carry, owe_by=killed)
    first, message = fires(), card("HF 0.148")
    with pytest.raises(asyncio.CancelledError):
        await alerts.advance(0, [first], [message])
    desk.start()
    desk.frail.is_away = False
    await desk.book.carry()
    assert [one.alert for one in await desk.alerts.load()] == [first.alert]
    assert await database.fetchval("SELECT id FROM deliveries") == message.id


async def test_a_step_of_which_the_answer_was_lost_is_there_once_and_told_once(desk: Desk, database: Database) -> None:
    await desk.take_over()
    desk.frail.loses = 1
    first = fires(severity=CRITICAL)
    await desk.advance(first, card("HF 0.148"))
    assert await desk.sent_aside() == ["HF 0.148"]
    assert await desk.alerts.take_over() == 2
    assert await steps(database) == ["fired"]
    assert await states(database) == ["pending"]
    with pytest.raises(DatabaseAway, match="has to arrive"):
        await desk.book.carry()


async def test_one_that_began_in_a_run_that_never_saw_the_database_joins_the_one_that_was_open(
    desk: Desk, database: Database
) -> None:
    await desk.take_over()
    first = fires(severity=CRITICAL, number=3)
    await desk.advance(first)
    desk.start()
    desk.fence, desk.frail.is_away = 0, True
    again = fires(severity=EMERGENCY, number=1, at=NOON + MINUTE)
    await desk.advance(again, card("HF 0.09", EMERGENCY))
    desk.frail.is_away = False
    await desk.take_over()
    (standing,) = await desk.alerts.load()
    assert (standing.alert.id, standing.alert.number, standing.alert.epoch) == (first.alert.id, 3, 2)
    assert (standing.told[OPS].epoch, standing.told[OPS].severity) == (2, EMERGENCY)
    # Whoever goes on from what it remembers is told who stands for it.
    taken = acknowledged(again.alert, "ada", NOON + 2 * MINUTE)
    stands = await desk.advance(taken)
    assert stands.id == first.alert.id
    assert stands.in_hand is not None
    assert (stands.in_hand.by, stands.in_hand.epoch) == ("ada", 2)
    assert await database.fetchval("SELECT count(*) FROM alerts") == 1


async def test_a_disk_that_takes_nothing_stops_no_alarm(desk: Desk) -> None:
    await desk.take_over()
    desk.frail.is_away = desk.is_full = True
    first = fires(severity=EMERGENCY)
    assert await desk.advance(first, card("HF 0.09", EMERGENCY)) == first.alert
    assert await desk.sent_aside() == ["HF 0.09"]
    desk.frail.is_away = desk.is_full = False
    await desk.take_over()
    assert [one.alert for one in await desk.alerts.load()] == [first.alert]


async def test_steps_that_waited_while_another_worker_took_over_are_kept_beside_and_hold_up_nobody(
    desk: Desk, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.take_over()
    first = fires()
    await desk.advance(first)
    desk.frail.is_away = True
    await desk.advance(rises(first.alert, CRITICAL, NOON + MINUTE))
    await desk.advance(fires("BTC-1/okx", number=2))
    other = AlertTables(database)
    taken = acknowledged(first.alert, "bob", NOON + MINUTE)
    await other.advance(await other.take_over(), [taken])
    desk.frail.is_away = False
    await desk.book.carry()
    assert "another worker has taken the alerts over" in caplog.text
    assert (desk.path / "asked.bad").read_bytes().count(b"\n") == 2
    assert [one.alert for one in await desk.alerts.load()] == [taken.alert]
    with pytest.raises(Overtaken):
        await desk.advance(fires("ETH-1/okx", number=2), card("not told"))
    assert await states(database) == []


async def test_while_only_whoever_sends_waits_the_step_is_stored_at_once(desk: Desk, database: Database) -> None:
    async def waits(
        owed: Sequence[Owed], storing: Callable[[], Awaitable[ValueT]], aside: Callable[[], Awaitable[None]]
    ) -> ValueT | None:
        await aside()
        return None

    alerts = LastingAlerts(desk.frail, desk.backlog, carry=desk.book.carry, owe_by=waits)
    fence = await alerts.take_over()
    first = fires(number=0)
    standing = await alerts.advance(fence, [first], [card("HF 0.148")])
    assert standing[first.alert.id].number == 1
    assert await states(database) == ["pending"]


async def test_what_is_in_the_table_before_it_could_be_set_aside_goes_out_from_there_alone(
    desk: Desk, database: Database
) -> None:
    message = card("HF 0.148")

    async def away() -> bool:
        raise DatabaseAway("away")

    async def kept_and_carried() -> None:
        await Deliveries(database, uuid4()).store([message])
        await desk.book.carry()

    assert await desk.book.owe_by([message], away, kept_and_carried) is None
    desk.book.lost(DatabaseAway("away"))
    assert await desk.sent_aside() == []


async def test_what_comes_at_one_moment_is_stored_in_its_order(desk: Desk, database: Database) -> None:
    await desk.take_over()
    first = fires()
    worse = rises(first.alert, CRITICAL, NOON + MINUTE)
    taken = acknowledged(worse.alert, "ada", NOON + MINUTE)
    await asyncio.gather(*(desk.advance(one) for one in (first, worse, taken)))
    assert await steps(database) == ["fired", "rose", "acknowledged"]
