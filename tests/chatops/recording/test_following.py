"""Bots that are followed while the database comes, goes, and is somebody else's."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from bot_integration import BotController
from chatops.fleet import Fleet
from chatops.history.rows import Why
from chatops.money.facts import ZERO
from chatops.recording.course import LONGEST_BACK_S, STEP_BACK_S, Course
from chatops.recording.following import Following
from chatops.tasks import running
from tests.bot_integration.facts import Clock, facts, position
from tests.chatops.history.memory_store import MemoryStore, books

PATIENCE_S = 30.0


class Time:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class World:
    """A bot near us, and what is stored of it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.bot = BotController("alpha", now=self.clock)
        self.store = MemoryStore()
        self.time = Time()
        self.following = self.another()

    def another(self, many: int = 500) -> Following:
        """One that follows the same bot into the same store, and waits until it is told to store."""
        return Following(Fleet([self.bot]), self.store, self.clock, monotonic=self.time, sleep=_for_ever, many=many)

    def earn(self, realized: int, fees: int = 0) -> None:
        """The bot says that its position has made so much by now."""
        self.clock.move(1)
        pnl = {"realized": realized, "fees": fees}
        given = facts(positions=[position(pnl=pnl)], portfolio={"equity": 1000 + realized - fees})
        assert not self.bot.publish(given)

    @property
    def realized(self) -> Decimal:
        return sum((one.realized for one in books(self.store.batches).bookings), ZERO)

    async def begun(self) -> None:
        """It is followed, and the first of it is stored."""
        await self.until(lambda: bool(self.store.batches))
        await turns()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Store until it is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0)
                await self.following.store()


async def turns() -> None:
    """Let all others have their turn."""
    for _ in range(50):
        await asyncio.sleep(0)


async def _for_ever(seconds: float) -> None:
    await asyncio.Event().wait()


async def test_all_that_a_bot_says_is_stored() -> None:
    world = World()
    world.earn(0)
    async with running(world.following.run(), "history"):
        await world.begun()
        for number in range(1, 51):
            world.earn(number)
        await world.until(lambda: world.realized == 50)
    assert len(books(world.store.batches).bookings) == 50


async def test_what_came_last_is_stored_when_it_is_told_to_stop() -> None:
    world = World()
    world.earn(1)
    async with running(world.following.run(), "history"):
        await world.begun()
        world.earn(7)
        await turns()
    assert world.realized == 7


async def test_what_goes_by_in_a_burst_shows_in_what_comes_next() -> None:
    world = World()
    world.earn(0)
    async with running(world.following.run(), "history"):
        await world.begun()
        # More at once than the bus keeps for anybody.
        for number in range(1, 501):
            world.earn(number)
        await world.until(lambda: world.realized == 500)
    assert len(books(world.store.batches).bookings) < 150


async def test_while_the_database_is_away_it_is_all_kept_and_stored_after() -> None:
    world = World()
    world.earn(0)
    async with running(world.following.run(), "history"):
        await world.begun()
        world.store.is_away = True
        for number in range(1, 21):
            world.earn(number)
            await asyncio.sleep(0)
            await world.following.store()
        assert world.realized == 0
        world.store.is_away = False
        await world.until(lambda: world.realized == 20)
    assert len(books(world.store.batches).bookings) == 20


async def test_a_batch_whose_answer_was_lost_is_stored_once() -> None:
    world = World()
    world.earn(0)
    async with running(world.following.run(), "history"):
        await world.begun()
        world.store.loses_answers = 1
        world.earn(1)
        await world.until(lambda: world.realized == 1)
        world.earn(2)
        await world.until(lambda: world.realized == 2)
    assert [one.realized for one in books(world.store.batches).bookings] == [1, 1]


async def test_of_two_that_record_one_bot_one_steps_back_and_nothing_is_stored_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    world.earn(0)
    other = world.another()
    async with running(world.following.run(), "history"), running(other.run(), "history too"):
        await world.begun()
        world.earn(5)
        await world.until(lambda: world.realized == 5)
        world.earn(6)
        await turns()
        await other.store()
        assert "history of alpha was not taken; going on in 5 s" in caplog.text
        await other.store()
        assert world.realized == 5
        await world.until(lambda: world.realized == 6)
        # It goes on from what is stored, and finds nothing that is not there.
        world.time.now = STEP_BACK_S
        await other.store()
        await other.store()
    assert world.realized == 6
    assert len(books(world.store.batches).bookings) == 2


async def test_an_alert_keeps_how_its_bot_stood() -> None:
    world = World()
    world.earn(0)
    async with running(world.following.run(), "history"):
        await world.begun()
        world.following.alerted("alpha")
        world.following.alerted("nobody")
        world.earn(1)
        await world.until(lambda: world.realized == 1)
    kept = [one for batch in world.store.batches for one in batch.kept if one.why is Why.ALERT]
    assert [one.snapshot.seq for one in kept] == [0]


async def test_much_that_waits_does_not_wait_for_its_time() -> None:
    world = World()
    world.following = world.another(many=5)
    world.earn(0)
    async with running(world.following.run(), "history"):
        await world.begun()
        for number in range(1, 6):
            world.earn(number)
        await turns()
        assert world.realized == 5


async def test_a_bot_that_falls_silent_is_not_seen_before_it_comes_back() -> None:
    world = World()
    world.earn(0)
    async with running(world.following.run(), "history"):
        await world.begun()
        world.time.now = 120.0
        await world.following.store()
        (gap,) = books(world.store.batches).gaps
        assert (gap.end - gap.start).total_seconds() == 120
        world.earn(1)
        await world.until(lambda: world.realized == 1)
    assert len(books(world.store.batches).gaps) == 1


async def test_a_bot_that_is_away_when_we_come_back_was_not_seen_since_it_was_heard_last() -> None:
    world = World()
    world.earn(0)
    async with running(world.following.run(), "history"):
        await world.begun()
    seen = world.clock()
    world.clock.move(3600)
    # A desk that was stopped for an hour, and a bot that says nothing.
    world.bot = BotController("alpha", now=world.clock)
    world.following = world.another()
    async with running(world.following.run(), "history"):
        await world.until(lambda: bool(books(world.store.batches).gaps))
    assert [(one.start, one.end) for one in books(world.store.batches).gaps] == [(seen, world.clock())]


def test_what_another_stored_up_to_the_same_snapshot_is_not_taken_for_ours() -> None:
    world = World()
    world.earn(1)
    course = Course("alpha")
    course.go_on(None, world.bot.snapshot(), world.clock(), 0)
    assert course.prepare()
    assert course.unsure is not None
    head = course.unsure.head
    assert course.is_stored(replace(head, known=json.loads(json.dumps(head.known))))
    # They heard other snapshots before it: what they know waits, or was put in, is not what we know.
    assert not course.is_stored(replace(head, known={**head.known, "deposits": "7"}))


def test_who_is_refused_again_and_again_waits_longer_and_longer() -> None:
    course = Course("alpha")
    waits = [course.step_back(0) for _ in range(8)]
    assert waits == [5, 10, 20, 40, 80, 160, LONGEST_BACK_S, LONGEST_BACK_S]
