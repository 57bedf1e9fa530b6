"""The desk stopped in the middle, and opened again on the same database: nothing is lost, nothing is claimed."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import cast
from uuid import UUID

import pytest

from bot_integration import (
    Bot,
    BotController,
    ClosePosition,
    Command,
    CommandResult,
    Unreachable,
)
from chatops.adapters.base import Fault, SendError
from chatops.adapters.memory import MemoryAdapter
from chatops.asking.settling import ASK_AGAIN_S, Settling
from chatops.fleet import Fleet
from chatops.guard.verifying import Whole
from chatops.messages import Posting
from chatops.parts import Desk
from chatops.patience import Patience
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from tests.flows.conftest import BOB, VIC, Clock, Trader, World, settle_in, world_of
from tests.flows.relay import Relay
from tests.flows.ways import MemoryChat, Way
from tests.plug import Plug


class ThinLine(Relay):
    """The end of a line that can lose what is sent, or be cut."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        self.is_cut = False
        self.loses = False
        self.lost = asyncio.Event()

    async def execute(self, command: Command) -> CommandResult:
        if self.loses:
            self.lost.set()
            await asyncio.Event().wait()
        return await super().execute(command)

    async def recall(self, command: UUID) -> CommandResult | None:
        if self.is_cut:
            raise Unreachable("alpha does not answer.")
        return await super().recall(command)


class Naps:
    """A `sleep` that moves the clock, and lets something happen after so many of them."""

    def __init__(self, clock: Clock) -> None:
        self.taken: list[float] = []
        self.after: dict[int, Callable[[], object]] = {}
        self._clock = clock

    async def sleep(self, seconds: float) -> None:
        assert len(self.taken) < 1_000
        self.taken.append(seconds)
        self._clock.pass_by(seconds=seconds)
        self.after.get(len(self.taken), lambda: None)()
        await asyncio.sleep(0)


@pytest.fixture
def line(trader: Trader) -> ThinLine:
    return ThinLine(trader.held)


@pytest.fixture
def chat(clock: Clock, way: Way) -> MemoryAdapter:
    return MemoryChat(clock, way)


@pytest.fixture
def world(database: Database, clock: Clock, trader: Trader, chat: MemoryAdapter, line: ThinLine) -> World:
    world = world_of(database, clock, trader, chat, bot=line)
    chat.connect(world.desk.gateway.receive)
    return world


async def stop_while(doing: asyncio.Event, world: World) -> UUID:
    """Somebody confirms, and the program stops while that is under way; gives the ask's id."""
    await world.chat.say(BOB, "/close SOL-1")
    pressing = asyncio.create_task(world.chat.press(BOB, "Confirm"))
    await doing.wait()
    pressing.cancel()
    await asyncio.gather(pressing, return_exceptions=True)
    (row,) = await world.log()
    assert row["state"] == "running"
    id_ = row["id"]
    assert isinstance(id_, UUID)
    return id_


def settling_of(
    desk: Desk, line: ThinLine, clock: Clock, sleep: Callable[[float], Coroutine[None, None, None]]
) -> Settling:
    """The settling of this desk, with a sleep of the test's own."""
    return Settling(
        left=desk.ledger,
        ledger=desk.ledger,
        fleet=Fleet([line]),
        outbox=desk.outbox,
        approving=desk.approving,
        patience=Patience(),
        now=clock,
        sleep=sleep,
    )


async def settle(world: World, line: ThinLine, naps: Naps) -> Desk:
    """Open the desk again, and let it settle what was left; gives that desk."""
    again = world_of(world.database, world.clock, world.bot, world.chat, bot=line)
    world.chat.connect(again.desk.gateway.receive)
    settling = settling_of(again.desk, line, world.clock, naps.sleep)
    await settling.settle(await settling.take_stock())
    assert isinstance(await verify_record(world.database), Whole)
    return again.desk


class Slow:
    """A bot that closes only when it is let."""

    def __init__(self, trader: Trader) -> None:
        self.began = asyncio.Event()
        self.may_go_on = asyncio.Event()
        trader.controller.on(ClosePosition)(self.close)

    async def close(self, command: ClosePosition) -> str:
        self.began.set()
        await self.may_go_on.wait()
        return f"{command.position_id} closed"


async def test_what_the_bot_finished_meanwhile_is_told(world: World, line: ThinLine) -> None:
    slow = Slow(world.bot)
    id_ = await stop_while(slow.began, world)
    slow.may_go_on.set()
    await world.bot.controller.aclose()

    await settle(world, line, Naps(world.clock))

    assert world.chat.last.message.title == "Done: “close SOL-1”, which ran while I was restarted."
    assert "SOL-1 closed" in world.chat.last.text
    (row,) = await world.log()
    assert (row["state"], row["outcome"]) == ("finished", "done")
    assert await world.steps(id_) == ["received", "asked to confirm", "confirmed", "running", "finished"]
    await world.chat.press(VIC, "Positions")
    assert world.chat.last.message.title == "2 open, +8.50 USD"


async def test_what_still_runs_is_waited_for(world: World, line: ThinLine) -> None:
    slow, naps = Slow(world.bot), Naps(world.clock)
    await stop_while(slow.began, world)
    naps.after[3] = slow.may_go_on.set
    await settle(world, line, naps)
    assert naps.taken[:3] == [ASK_AGAIN_S] * 3
    assert world.chat.last.message.title.startswith("Done:")


async def test_what_never_reached_the_bot_is_called_failed_only_after_its_deadline(
    world: World, line: ThinLine
) -> None:
    line.loses, naps = True, Naps(world.clock)
    await stop_while(line.lost, world)
    began = world.clock()
    await settle(world, line, naps)
    assert (world.clock() - began).total_seconds() > 30
    assert world.chat.last.message.title.startswith("Failed: “close SOL-1”")
    assert "It never reached alpha. Nothing was done." in world.chat.last.text
    assert world.bot.closed == []
    (row,) = await world.log()
    assert (row["state"], row["outcome"]) == ("finished", "failed")


async def test_a_bot_that_was_restarted_too_leaves_it_unknown(world: World, line: ThinLine) -> None:
    slow = Slow(world.bot)
    await stop_while(slow.began, world)
    line.bot = Trader(BotController("alpha", now=world.clock), world.clock).controller
    await settle(world, line, Naps(world.clock))
    slow.may_go_on.set()
    assert world.chat.last.message.title.startswith("Unknown:")
    assert "restarted too" in world.chat.last.text
    assert (await world.log())[0]["outcome"] == "unknown"


async def test_nothing_is_called_never_done_before_the_bot_was_heard(world: World, line: ThinLine) -> None:
    slow, naps = Slow(world.bot), Naps(world.clock)
    await stop_while(slow.began, world)
    line.bot = another = BotController("alpha", now=world.clock)
    naps.after[20] = lambda: Trader(another, world.clock)
    await settle(world, line, naps)
    slow.may_go_on.set()
    assert len(naps.taken) == 20
    assert world.chat.last.message.title.startswith("Unknown:")


async def test_a_bot_that_is_away_is_waited_for(world: World, line: ThinLine) -> None:
    slow, naps = Slow(world.bot), Naps(world.clock)
    await stop_while(slow.began, world)
    slow.may_go_on.set()
    await world.bot.controller.aclose()
    line.is_cut = True
    naps.after[100] = lambda: setattr(line, "is_cut", False)
    await settle(world, line, naps)
    assert naps.taken == [ASK_AGAIN_S] * 100
    assert world.chat.last.message.title.startswith("Done:")


async def test_a_bot_that_is_no_longer_set_up_leaves_it_unknown(world: World, line: ThinLine) -> None:
    slow = Slow(world.bot)
    await stop_while(slow.began, world)
    await settle(world, ThinLine(BotController("beta", now=world.clock)), Naps(world.clock))
    slow.may_go_on.set()
    assert world.chat.last.message.title.startswith("Unknown:")
    assert "no bot alpha here any more" in world.chat.last.text


async def test_one_that_cannot_be_settled_keeps_nobody_else_waiting(
    world: World, line: ThinLine, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Slow(world.bot)
    first = await stop_while(slow.began, world)
    again = world_of(world.database, world.clock, world.bot, world.chat, bot=line)
    settling = again.desk.settling
    leftover = await settling.take_stock()
    broken = type(leftover)((leftover.running[0], type(leftover.running[0])(leftover.running[0].asked, ())), ())
    slow.may_go_on.set()
    await world.bot.controller.aclose()
    await settling.settle(broken)
    assert f"{first} could not be settled" in caplog.text
    assert world.chat.last.message.title.startswith("Done:")


async def test_a_void_question_that_cannot_be_told_leaves_the_rest_to_be_settled(
    world: World, line: ThinLine, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Slow(world.bot)
    await stop_while(slow.began, world)
    await world.chat.say(BOB, "/pause entry")
    again = world_of(world.database, world.clock, world.bot, world.chat, bot=line)
    leftover = await again.desk.settling.take_stock()
    (void,) = leftover.void
    # What comes of this one cannot be noted.
    nameless = replace(void, owed=(replace(void.owed[0], id=cast("UUID", "nobody")),))
    slow.may_go_on.set()
    await world.bot.controller.aclose()
    await again.desk.settling.settle(replace(leftover, void=(nameless,)))
    assert "the void question of" in caplog.text
    assert world.chat.last.message.title.startswith("Done:")


async def test_a_question_does_not_outlive_a_restart(world: World, line: ThinLine) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.last
    await settle(world, line, Naps(world.clock))
    (card,) = world.chat.shown
    assert card.message.title == "I was restarted before “close SOL-1” was confirmed. Nothing was done."
    token = question.token("Confirm")
    assert token is not None
    await world.chat.press_token(BOB, token, at=world.clock())
    assert world.bot.closed == []
    assert "Nothing was done" in world.chat.last.text
    await world.chat.press(BOB, "Close SOL-1", card)
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 100)]


@pytest.mark.parametrize("state", ["pending", "sending"])
async def test_an_end_that_was_not_shown_is_shown_again_and_marked(
    world: World, chat: MemoryAdapter, line: ThinLine, state: str
) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.say(VIC, "/status")
    chat.broken = SendError("no network", Fault.BACKOFF)
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 100)]
    chat.broken = None
    # `sending` is what a program leaves that was killed between the record and the platform.
    await world.database.execute("UPDATE deliveries SET state = $1 WHERE state = 'pending'", state)

    async with (await settle(world, line, Naps(world.clock))).outbox.open():
        await world.until(lambda: world.chat.shown[0].message.title.startswith("✓ SOL-1 closed"))
        await world.all_sent()
    assert world.chat.shown[0].labels == ["Positions"]
    assert world.bot.closed == [("SOL-1", 100)]
    states = await world.database.fetch("SELECT state FROM deliveries")
    assert [row["state"] for row in states] == ["sent"] * 3
    shown = list(world.chat.shown)
    async with (await settle(world, line, Naps(world.clock))).outbox.open():
        await asyncio.sleep(0.05)
    assert world.chat.shown == shown


# The database away.


async def test_an_answer_that_cannot_be_marked_as_shown_is_answer_enough(
    database: Database, clock: Clock, trader: Trader, plug: Plug
) -> None:
    class Pulling(MemoryAdapter):
        async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
            shown = await super().edit(room, message_id, posting, plain=plain)
            if posting.message.title.startswith("✓"):
                await plug.pull()
            return shown

    world = settle_in(database, clock, trader, Pulling(clock))
    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.press(BOB, "Confirm")
    (card,) = world.chat.shown
    assert card.message.title.startswith("✓ SOL-1 closed")


async def test_what_is_settled_while_the_database_is_away_is_told_and_on_record_when_it_is_back(
    world: World, line: ThinLine, plug: Plug
) -> None:
    slow, naps = Slow(world.bot), Naps(world.clock)
    id_ = await stop_while(slow.began, world)
    slow.may_go_on.set()
    await world.bot.controller.aclose()
    again = world_of(world.database, world.clock, world.bot, world.chat, bot=line)
    settling = settling_of(again.desk, line, world.clock, naps.sleep)
    leftover = await settling.take_stock()
    await plug.pull()
    await settling.settle(leftover)
    assert naps.taken == []
    assert world.chat.last.message.title.startswith("Done:")
    await plug.put_back()
    await again.desk.ledger.carry()
    assert (await world.steps(id_))[-1] == "finished"
    assert isinstance(await verify_record(world.database), Whole)
