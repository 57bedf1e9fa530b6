"""What the herald owes to which room, by a door that keeps a list."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from alerts.severity import Severity
from bot_integration import Bot, BotController, Event, EventsMissed, Position, PositionStage, Snapshot, SnapshotTaken
from chatops.fleet import Fleet
from chatops.herald import Herald, position_card
from chatops.ids import uuid7
from chatops.messages import Message
from chatops.notices.kinds import USUAL, Loudness, NoticeKind
from chatops.notices.memory import Memory, Remembered
from chatops.owed import Kind
from chatops.preferences import Chosen, Preferences
from chatops.room import Room
from chatops.storage.errors import DatabaseAway
from chatops.tasks import running
from tests.chatops.notices.looks import look, sol
from tests.chatops.views.facts import NOW, carry

OPS, DM, QUIET = Room("memory", "ops"), Room("memory", "dm"), Room("memory", "quiet")
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Told:
    message: Message
    room: Room
    severity: Severity
    card: str | None
    in_place: bool
    hangs_on: str | None


@dataclass
class Door:
    """Keeps what is owed. A room in `broken` breaks it."""

    told: list[Told] = field(default_factory=list)
    broken: set[Room] = field(default_factory=set)
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    async def owe(
        self,
        message: Message,
        room: Room,
        *,
        kind: Kind,
        severity: Severity = Severity.INFO,
        card: str | None = None,
        in_place: bool = False,
        hangs_on: str | None = None,
    ) -> UUID:
        if room in self.broken:
            raise ZeroDivisionError("inside")
        assert kind is Kind.NOTICE
        self.told.append(Told(message, room, severity, card, in_place, hangs_on))
        self.bell.set()
        return uuid7()

    async def until(self, count: int) -> list[Told]:
        """Wait until so much was owed, and see that it is no more."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.told) < count:
                self.bell.clear()
                await self.bell.wait()
        assert len(self.told) == count
        return self.told

    async def titles(self, count: int) -> list[str]:
        return [told.message.title for told in await self.until(count)]


class Nothing:
    """No room has chosen anything."""

    async def load(self) -> list[Chosen]:
        return []

    async def where(self, rooms: Collection[Room]) -> Mapping[Room, Room]:
        return {}

    async def keep(self, chosen: Sequence[Chosen], by: str) -> None:
        pass

    async def forget(self, room: Room, key: str) -> None:
        pass

    async def muted(self) -> Collection[Room]:
        return ()

    async def mute(self, room: Room, by: str) -> None:
        pass

    async def unmute(self, room: Room) -> None:
        pass


@dataclass
class Time:
    """A clock, and naps that end when a test says so."""

    moment: datetime = NOW
    nappers: list["asyncio.Future[None]"] = field(default_factory=list)
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        nap: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.nappers.append(nap)
        self.bell.set()
        await nap

    async def until_napping(self, count: int) -> None:
        """Wait until so many wait for time to pass."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.nappers) < count:
                self.bell.clear()
                await self.bell.wait()

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        nappers, self.nappers = self.nappers, []
        for nap in nappers:
            if not nap.done():
                nap.set_result(None)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def alpha() -> BotController:
    return BotController("alpha")


def preferences(rooms: Mapping[Room, Mapping[NoticeKind, Loudness]] | None = None) -> Preferences:
    return Preferences(Nothing(), {OPS: USUAL} if rooms is None else rooms)


@asynccontextmanager
async def heralding(
    door: Door,
    time: Time,
    *bots: Bot,
    rooms: Mapping[Room, Mapping[NoticeKind, Loudness]] | None = None,
    memory: Memory | None = None,
) -> AsyncIterator[Herald]:
    """A herald that listens by the time the block begins."""
    herald = Herald(Fleet(bots), door, preferences(rooms), now=time.now, sleep=time.sleep, memory=memory)
    async with running(herald.run(), "herald"):
        # Every bot's silence is watched: so each is followed.
        await time.until_napping(len(bots))
        yield herald


async def test_what_happens_is_told_in_every_room_that_wants_to_hear_it(
    door: Door, time: Time, alpha: BotController
) -> None:
    hush = {
        OPS: USUAL,
        QUIET: {**USUAL, NoticeKind.OPENED: Loudness.SILENT},
        DM: dict.fromkeys(NoticeKind, Loudness.OFF),
    }
    alpha.publish(look())
    async with heralding(door, time, alpha, rooms=hush):
        alpha.publish(look(sol(), seq=2))
        told = await door.until(2)
    assert [(one.room, one.message.silent) for one in told] == [(OPS, False), (QUIET, True)]
    assert {one.message.title for one in told} == {"SOL-1 opened: 1,000 USD, kamino-drift"}


async def test_a_start_with_open_positions_is_quiet(door: Door, time: Time, alpha: BotController) -> None:
    alpha.publish(look(sol(), carry("ETH-1")))
    async with heralding(door, time, alpha):
        alpha.publish(look(sol(), seq=2))
        assert await door.titles(1) == ["ETH-1 is gone: +31.16 USD when last seen"]


async def test_the_first_that_a_late_bot_says_is_quiet_too(door: Door, time: Time, alpha: BotController) -> None:
    async with heralding(door, time, alpha):
        alpha.publish(look(sol()))
        alpha.publish(look(sol(), carry("ETH-1"), seq=2))
        assert (await door.titles(1))[0].startswith("ETH-1 opened")


async def test_the_life_of_a_position_hangs_on_its_opening(door: Door, time: Time, alpha: BotController) -> None:
    life: list[Position] = [
        sol(PositionStage.OPENING, filled=0),
        sol(PositionStage.OPENING, filled=500),
        sol(),
        sol(PositionStage.REBALANCING),
        sol(),
        sol(PositionStage.CLOSED),
    ]
    alpha.publish(look())
    async with heralding(door, time, alpha):
        alpha.publish(look(life[0], seq=2))
        # An opening that takes its time is told before it is over.
        time.pass_by(1)
        await time.until_napping(1)
        time.pass_by(4)
        await door.until(1)
        for seq, position in enumerate(life[1:], 3):
            alpha.publish(look(position, seq=seq))
        told = await door.until(5)
    card = position_card("alpha", sol())
    assert [one.message.title.split(":", maxsplit=1)[0] for one in told] == [
        "SOL-1 opening",
        "SOL-1 filled 50%",
        "SOL-1 opened",
        "SOL-1 rebalanced",
        "SOL-1 closed",
    ]
    assert [(one.card, one.in_place, one.hangs_on) for one in told] == [
        (card, False, None),
        (None, False, card),
        (card, True, None),
        (None, False, card),
        (None, False, card),
    ]


async def test_a_bot_that_falls_silent_is_told_once_and_its_return_hangs_on_that(
    door: Door, time: Time, alpha: BotController
) -> None:
    alpha.publish(look())
    async with heralding(door, time, alpha):
        time.pass_by(40)
        await door.until(1)
        time.pass_by(40)
        alpha.publish(look(seq=80))
        told = await door.until(2)
    assert [one.message.title for one in told] == [
        "⚠ alpha is away: last heard at 12:00:01 UTC",
        "alpha is back after 1 min 19 s",
    ]
    assert told[0].severity is Severity.WARNING
    assert told[1].hangs_on == told[0].card is not None


async def test_a_word_that_somebody_used_is_told_in_every_other_room(
    door: Door, time: Time, alpha: BotController
) -> None:
    async with heralding(door, time, alpha, rooms={OPS: USUAL, DM: USUAL}) as herald:
        await herald.used("close", "ada", DM, "alpha", "✓ SOL-1 closed")
    assert [(one.room, one.message.title) for one in door.told] == [(OPS, "ada used /close on alpha: ✓ SOL-1 closed")]


async def test_of_several_bots_each_is_named(door: Door, time: Time, alpha: BotController) -> None:
    beta = BotController("beta")
    beta.publish(look(bot="beta"))
    async with heralding(door, time, alpha, beta):
        beta.publish(look(sol(), seq=2, bot="beta"))
        assert await door.titles(1) == ["beta · SOL-1 opened: 1,000 USD, kamino-drift"]


async def test_a_room_that_cannot_be_owed_anything_does_not_cost_the_next_its_notice(
    door: Door, time: Time, alpha: BotController, caplog: pytest.LogCaptureFixture
) -> None:
    door.broken.add(OPS)
    alpha.publish(look())
    async with heralding(door, time, alpha, rooms={OPS: USUAL, DM: USUAL}):
        alpha.publish(look(sol(), seq=2))
        (told,) = await door.until(1)
    assert told.room == DM
    assert "memory:ops not told the notice opened" in caplog.text


@dataclass
class Kept(Memory):
    """Keeps what was told, while it is not away."""

    kept: dict[str, Remembered] = field(default_factory=dict)
    away: bool = False
    writes: int = 0
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    async def recall(self, bot: str) -> Remembered | None:
        if self.away:
            raise DatabaseAway("it is away")
        return self.kept.get(bot)

    async def keep(self, bot: str, seen: Remembered) -> None:
        self.writes += 1
        self.bell.set()
        if self.away:
            raise DatabaseAway("it is away")
        self.kept[bot] = seen

    async def until_written(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.writes < times:
                self.bell.clear()
                await self.bell.wait()


async def test_a_close_while_the_desk_was_down_is_told_at_the_next_start_and_hangs_on_its_opening(
    door: Door, time: Time, alpha: BotController
) -> None:
    memory = Kept()
    alpha.publish(look())
    async with heralding(door, time, alpha, memory=memory):
        alpha.publish(look(sol(), seq=2))
        await door.until(1)
        await memory.until_written(1)
    alpha.publish(look(seq=3))
    time.nappers.clear()
    async with heralding(door, time, alpha, memory=memory):
        opened, closed = await door.until(2)
        await memory.until_written(2)
    assert closed.message.title == "SOL-1 was closed while I was away: its PnL is not known here"
    assert closed.hangs_on == opened.card is not None
    time.nappers.clear()
    async with heralding(door, time, alpha, memory=memory):
        assert len(door.told) == 2


async def test_a_first_start_is_quiet_and_kept(door: Door, time: Time, alpha: BotController) -> None:
    memory = Kept()
    alpha.publish(look(sol()))
    async with heralding(door, time, alpha, memory=memory):
        time.pass_by(5)
        await memory.until_written(1)
    assert door.told == []
    assert [position.id for position in memory.kept["alpha"].positions] == ["SOL-1"]


async def test_a_database_that_is_away_is_in_the_way_of_no_notice_and_gets_it_later(
    door: Door, time: Time, alpha: BotController
) -> None:
    memory = Kept(away=True)
    alpha.publish(look())
    async with heralding(door, time, alpha, memory=memory):
        alpha.publish(look(sol(), seq=2))
        await door.until(1)
        await memory.until_written(1)
        alpha.publish(look(seq=3))
        await door.until(2)
        memory.away = False
        # It looks, and it waits to try again.
        await time.until_napping(2)
        time.pass_by(2)
        await memory.until_written(2)
    assert memory.kept["alpha"].positions == ()


async def test_of_a_burst_the_first_three_make_a_sound(door: Door, time: Time, alpha: BotController) -> None:
    alpha.publish(look())
    held: list[Position] = []
    async with heralding(door, time, alpha):
        for number in range(6):
            held.append(sol().model_copy(update={"id": f"SOL-{number}"}))
            time.moment += timedelta(seconds=1)
            alpha.publish(look(*held, seq=number + 2))
            await door.until(number + 1)
        # Closing is another matter, and so is what comes after a while.
        alpha.publish(look(*held[1:], seq=8))
        await door.until(7)
        time.moment += timedelta(seconds=11)
        alpha.publish(look(*held, seq=9))
        told = await door.until(8)
    assert [one.message.silent for one in told] == [False, False, False, True, True, True, False, False]


class Odd(BotController):
    """A bot that cannot be followed before somebody mends it."""

    broken = True

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        if self.broken:
            raise ZeroDivisionError("inside")
        return super().follow()


async def test_a_bot_that_breaks_is_tried_again_and_does_not_reach_the_others(
    door: Door, time: Time, alpha: BotController, caplog: pytest.LogCaptureFixture
) -> None:
    odd = Odd("odd")
    odd.publish(look(bot="odd"))
    alpha.publish(look())
    async with heralding(door, time, odd, alpha):
        alpha.publish(look(sol(), seq=2))
        await door.until(1)
        assert "following odd for notices broke" in caplog.text
        odd.broken = False
        # Each bot is looked at, and the odd one is followed again besides.
        await time.until_napping(3)
        time.pass_by(5)
        await time.until_napping(2)
        odd.publish(look(sol(), seq=2, bot="odd"))
        assert [told.message.title.split()[0] for told in await door.until(2)] == ["alpha", "odd"]


class Hasty(BotController):
    """A bot of which a follower sees only that it missed something."""

    def __init__(self, name: str, last: Callable[[], Snapshot]) -> None:
        super().__init__(name)
        self._last = last

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        @asynccontextmanager
        async def events() -> AsyncIterator[AsyncIterator[Event]]:
            async def missed() -> AsyncIterator[Event]:
                self.publish(look(sol(), seq=40))
                yield EventsMissed(39)
                # What still waits in the queue is older than what was just looked at.
                yield SnapshotTaken(look(seq=39))
                yield SnapshotTaken(look(sol(), carry("ETH-1"), seq=41))
                await asyncio.Event().wait()

            yield missed()

        return events()


async def test_who_misses_events_compares_with_the_newest_facts(door: Door, time: Time) -> None:
    hasty = Hasty("alpha", look)
    hasty.publish(look())
    async with heralding(door, time, hasty):
        titles = await door.titles(2)
    assert [title.split()[0] for title in titles] == ["SOL-1", "ETH-1"]
