"""One platform's sender, on a platform that does what it is told to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from alerts.severity import Severity
from chatops.adapters.base import Fault, Pace
from chatops.delivery.book import Book
from chatops.delivery.courier import Courier
from chatops.delivery.gate import Gate
from chatops.ids import uuid7
from chatops.messages import Message, Posting
from chatops.owed import Kind, Owed, State
from chatops.room import Room
from chatops.storage.database import Connection, Database
from chatops.storage.deliveries import Claimed, Deliveries
from chatops.storage.spool import Spool
from tests.chatops.delivery.wire import Outcome, Steps, Wire
from tests.flows.delivery_world import Delivery, StepClock, owe_all, recorded, room, texts
from tests.servers.telegram import TelegramServer, TooManyRequests

#: The platform has it, and says nothing.
LOST = Outcome(Fault.AMBIGUOUS, accepts=True)


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
async def server(clock: StepClock) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(now=lambda: clock().timestamp()) as server:
        yield server


@pytest.fixture
async def world(
    server: TelegramServer, database: Database, clock: StepClock, tmp_path: Path
) -> AsyncIterator[Delivery]:
    world = Delivery(server, database, clock, tmp_path / "spool")
    await world.way.request.initialize()
    yield world
    await world.way.request.shutdown()


@pytest.fixture
def wire(world: Delivery) -> Wire:
    """A platform without limits beside the real one."""
    wire = Wire(world.watch, Steps(), pace=Pace())
    world.others.append(wire)
    return wire


class Breaking(Database):
    """The real one, on which what nobody foresaw happens while a test says so."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._pool, database.url)
        self._database = database
        self.breaks = False
        self.asked = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        self.asked += 1
        if self.breaks:
            raise RuntimeError("nobody foresaw this")
        async with self._database.acquire() as connection:
            yield connection


async def test_where_messages_stall_and_probes_are_answered_they_are_tried_one_by_one(
    world: Delivery, wire: Wire
) -> None:
    """A bug: at each opening sixteen at once lost their certainty."""
    chats = [f"c{n}" for n in range(40)]
    for chat in chats:
        wire.outcomes[chat].append(LOST)
    async with world.running() as outbox:
        await owe_all(outbox, Room("wire", "first"), ["it got through"])
        await world.quiet()
        for chat in chats:
            await owe_all(outbox, Room("wire", chat), ["it"])
        await world.quiet()
        before = (await world.states()).count("ambiguous")
        claimed = sum(row["attempts"] for row in await world.rows())
        # After 1, 2, 4 and 8 seconds.
        await world.pass_by(15)
        assert (await world.states()).count("ambiguous") - before == 4
        # Nor is any other taken in hand meanwhile.
        assert sum(row["attempts"] for row in await world.rows()) - claimed == 4
        tried = len(wire.tries)
        wire.outcomes.clear()
        await world.pass_by(16)
        assert len(wire.tries) - tried == 40 - before - 4
        assert (await world.states()).count("sent") == 1 + 40 - before - 4


async def test_the_first_that_gets_through_opens_the_way_for_all(world: Delivery, wire: Wire) -> None:
    wire.broken = Fault.BACKOFF
    async with world.running() as outbox:
        for n in range(40):
            await owe_all(outbox, Room("wire", f"c{n}"), ["it"])
        await world.pass_by(1)
        wire.broken = None
        await world.until(lambda: wire.tries)
        # None waits for another probe, or for a moment.
        assert len(wire.shown) == 40
        assert await world.states() == ["sent"] * 40


async def test_what_cannot_be_folded_goes_by_itself(world: Delivery, wire: Wire) -> None:
    """A bug: an error while folding ended a message that nobody had tried to send."""

    class Forgetful(Deliveries):
        async def waiting(self, first: Owed, most: int = 500) -> list[Claimed]:
            raise RuntimeError("nobody foresaw this")

    world.storing = Forgetful
    wire.outcomes["ops"].append(Outcome(Fault.RETRY_AFTER, wait_s=5))
    async with world.running() as outbox:
        await owe_all(outbox, Room("wire", "ops"), [f"m{n}" for n in range(20)], Severity.WARNING)
        await world.pass_by(10)
    assert list(wire.shown.values()) == [f"m{n}" for n in range(20)]
    assert await world.states() == ["sent"] * 20


async def test_a_send_that_runs_out_of_time_is_not_taken_for_one_that_never_began(
    world: Delivery, clock: StepClock, tmp_path: Path
) -> None:
    """A bug: any `TimeoutError` was read as "it waits its turn"."""

    class Slow(Wire):
        async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
            raise TimeoutError

    wire = Slow(world.watch, Steps())
    book = Book(Deliveries(world.database, uuid7()), Spool(tmp_path / "other"), now=clock, sleep=clock.wait)
    gate = Gate(wire.probe, now=clock, sleep=clock.wait, jitter=lambda: 0.0)
    courier = Courier(
        wire,
        book,
        gate,
        now=clock,
        monotonic=lambda: clock().timestamp(),
        sleep=clock.wait,
        ended=lambda owed, state, message_id: None,
    )
    with pytest.raises(TimeoutError):
        await courier.deliver_now(Owed(uuid7(), Room("wire", "ada"), Posting(Message("it")), clock()))


async def test_a_chat_whose_waiting_answer_was_ended_elsewhere_is_answered_at_once_again(
    world: Delivery, server: TelegramServer
) -> None:
    """A bug: until the next start every answer there went the long way."""
    ada = server.private(server.person(111, "Ada"))
    async with world.running() as outbox:
        server.fail(TooManyRequests(30), chat=ada)
        held = await recorded(world, outbox, room(ada), "held")
        await outbox.show(held)
        await ended(world, held.owed[0].id)
        await world.pass_by(125)
        assert await outbox.show(await recorded(world, outbox, room(ada), "at once")) is not None
    assert texts(ada) == ["at once"]


async def ended(world: Delivery, delivery: UUID) -> None:
    """As another program ends what it cannot read."""
    await world.database.execute("UPDATE deliveries SET state = $2 WHERE id = $1", delivery, State.DEAD)


async def test_nobody_stands_behind_an_answer_that_could_not_be_owed(
    world: Delivery, wire: Wire, database: Database
) -> None:
    """A bug: it was put in line before it was stored, and stayed there."""
    breaking = Breaking(database)
    world.database = breaking  # type: ignore[assignment] # The watched one is not needed: nothing waits for it.
    where = Room("wire", "ada")
    async with world.running() as outbox:
        breaking.breaks = True
        with pytest.raises(RuntimeError):
            await outbox.tell(Message("lost"), where, command_id=uuid7())
        breaking.breaks = False
        assert await outbox.show(await recorded(world, outbox, where, "at once")) == "1"


async def test_what_nobody_foresaw_does_not_end_the_looking_after(world: Delivery, database: Database) -> None:
    """A bug: after one such error nothing was recovered until the next start."""
    breaking = Breaking(database)
    world.database = breaking  # type: ignore[assignment] # The watched one is not needed: nothing waits for it.
    async with world.running():
        await world.quiet()
        breaking.breaks = True
        await world.pass_by(60)
        breaking.breaks, asked = False, breaking.asked
        await world.pass_by(60)
        assert breaking.asked > asked


async def test_an_answer_that_moves_keeps_its_place_in_line(world: Delivery, wire: Wire) -> None:
    """A bug: the line stayed under the old id, and what was answered at the new one went past it."""
    wire.moved["old"] = "new"
    async with world.running() as outbox:
        await outbox.show(await recorded(world, outbox, Room("wire", "old"), "first"))
        await outbox.show(await recorded(world, outbox, Room("wire", "new"), "second"))
        await world.pass_by(10)
        assert list(wire.shown.values()) == ["first", "second"]
        assert await outbox.show(await recorded(world, outbox, Room("wire", "new"), "third")) == "3"


async def test_a_critical_owed_while_nobody_knows_whether_messages_get_through_waits_for_one_that_does(
    world: Delivery, wire: Wire
) -> None:
    wire.broken = Fault.BACKOFF
    async with world.running() as outbox:
        await owe_all(outbox, Room("wire", "one"), ["one"])
        await world.quiet()
        wire.broken = None
        await owe_all(outbox, Room("wire", "two"), ["two"], Severity.EMERGENCY)
        await outbox.owe(Message("three"), Room("wire", "three"), kind=Kind.REPORT)
        await world.pass_by(2)
    # The most urgent finds out.
    assert next(iter(wire.shown.values())) == "two"
    assert sorted(wire.shown.values()) == ["one", "three", "two"]
