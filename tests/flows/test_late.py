"""An act whose end nobody heard: what became of it is told as soon as it is known, once, and is on record then."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from bot_integration import Bot, BotController, ClosePosition, Command, CommandResult, Outcome
from bot_integration.commands import unknown
from bot_integration.control import ControlServer, RemoteBot
from chatops.adapters.base import Fault, SendError
from chatops.adapters.memory import MemoryAdapter
from chatops.guard.permissions import Permissions
from chatops.guard.verifying import Whole
from chatops.people import Directory
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from chatops.tasks import running
from tests.bot_integration.control.faulty_line import FaultyLine
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, Clock, Trader, World, near_alone, on_memory, world_of
from tests.flows.crew import BY_TWO, CYD, Crew, asked
from tests.flows.relay import Relay
from tests.flows.ways import TOKEN

pytestmark = near_alone

NEWS = "Done: “close SOL-1”, which nobody knew until now."
CLOSED = "✓ SOL-1 closed: +4.25 USD realized"


class Lossy(Relay):
    """A way on which the answers to commands are lost, while it loses them."""

    loses = True

    async def execute(self, command: Command) -> CommandResult:
        result = await super().execute(command)
        return self._lost(command) if self.loses else result

    def _lost(self, command: Command) -> CommandResult:
        return unknown(command, f"No answer from {self.name}.", command.not_after)


class Deaf(Relay):
    """A way on which a command is lost, and everything that is said of one."""

    async def execute(self, command: Command) -> CommandResult:
        return unknown(command, f"No answer from {self.name}.", command.not_after)


@asynccontextmanager
async def opened(
    database: Database,
    clock: Clock,
    trader: Trader,
    chat: Chat,
    *bots: Bot,
    directory: Directory | None = None,
    permissions: Permissions | None = None,
) -> AsyncIterator[World]:
    """The desk, as the program opens it; at the end its record is whole."""
    bot, *others = bots
    world = world_of(
        database, clock, trader, chat, bot=bot, others=others, directory=directory, permissions=permissions
    )
    chat.connect(world.desk.gateway.receive)
    desk = world.desk
    leftover = await desk.settling.take_stock()
    await desk.preferences.load()
    await desk.desired.load()
    async with (
        desk.outbox.open(),
        running(desk.desired.run(), "desired state"),
        running(desk.late.run(), "late ends"),
        running(desk.settling.settle(leftover), "settling"),
    ):
        yield world
    assert isinstance(await verify_record(database), Whole)


async def close(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.press(BOB, "Confirm")


def titles(world: World) -> list[str]:
    return [shown.message.title for shown in world.chat.shown]


async def quiet(world: World) -> None:
    """Let two minutes go by, in which everything is looked at many times."""
    for _ in range(120):
        await world.pass_by(1)


async def ends_of(world: World) -> Sequence[tuple[str, str, str]]:
    return [(row["state"], row["outcome"], row["answer"]) for row in await world.log()]


@on_memory
async def test_a_far_bot_that_was_cut_off_in_the_act_is_asked_until_it_says_and_the_room_is_told(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    began, goes_on = asyncio.Event(), asyncio.Event()

    async def close_slowly(command: ClosePosition) -> str:
        began.set()
        await goes_on.wait()
        return f"{command.position_id} closed"

    trader.controller.on(ClosePosition)(close_slowly)
    async with (
        ControlServer(trader.controller, listen="127.0.0.1:0", token=TOKEN) as server,
        FaultyLine(server.url) as line,
        RemoteBot("alpha", line.url, TOKEN, now=clock, monotonic=lambda: clock().timestamp(), sleep=clock.wait) as far,
        opened(database, clock, trader, chat, far) as world,
    ):
        await world.in_time(lambda: far.snapshot() is not None)
        await world.chat.say(BOB, "/close SOL-1")
        pressing = asyncio.create_task(world.chat.press(BOB, "Confirm"))
        await began.wait()
        await line.go_down()
        await world.in_time(pressing.done)
        assert titles(world)[0].startswith("⚠ UNKNOWN: ")

        await line.come_up()
        goes_on.set()
        await world.in_time(lambda: len(world.chat.shown) == 2)

        assert titles(world) == ["✓ SOL-1 closed", NEWS]
        assert "Nobody knew that at first; it was learnt later." in world.chat.shown[0].text
        assert world.chat.last.text.endswith("SOL-1 closed")
        assert world.chat.last.labels == ["Positions", "Status"]
        assert await ends_of(world) == [("finished", "done", "✓ SOL-1 closed")]
        (row,) = await world.log()
        assert (await world.steps(row["id"]))[-3:] == ["running", "finished", "finished"]
        await quiet(world)
        assert len(world.chat.shown) == 2


async def test_an_end_that_comes_before_the_answer_that_nobody_knows_it_is_told_after_that(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    async with opened(database, clock, trader, chat, Lossy(trader.controller)) as world:
        await close(world)
        await world.in_time(lambda: titles(world) == [CLOSED, NEWS])
        await quiet(world)
    assert len(world.chat.shown) == 2
    said = await database.fetch(
        "SELECT data ->> 'answer' AS said FROM command_events WHERE step = 'finished' ORDER BY seq"
    )
    assert [row["said"] for row in said] == ["⚠ UNKNOWN: No answer from alpha.", CLOSED]
    assert await ends_of(world) == [("finished", "done", CLOSED)]


@on_memory
async def test_what_a_restart_finds_unknown_is_asked_again_and_told_once_however_many_follow(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = world_of(database, clock, trader, chat, bot=Lossy(trader.controller))
    chat.connect(world.desk.gateway.receive)
    await close(world)
    clock.pass_by(minutes=59)
    async with opened(database, clock, trader, chat, trader.controller) as again:
        await again.in_time(lambda: titles(again) == [CLOSED, NEWS])
        # Shown is not yet noted so: what is cut off in between comes again, marked.
        await again.all_sent()
    async with opened(database, clock, trader, chat, trader.controller) as once_more:
        await quiet(once_more)
    assert titles(world) == [CLOSED, NEWS]
    (row,) = await world.log()
    assert (await world.steps(row["id"]))[-3:] == ["running", "finished", "finished"]


@on_memory
async def test_what_never_reached_the_bot_is_called_failed_after_a_restart(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = world_of(database, clock, trader, chat, bot=Deaf(trader.controller))
    chat.connect(world.desk.gateway.receive)
    await close(world)
    async with opened(database, clock, trader, chat, trader.controller) as again:
        await again.in_time(lambda: len(titles(again)) == 2)
    assert titles(world) == [
        "✗ Failed: It never reached alpha. Nothing was done.",
        "Failed: “close SOL-1”, which nobody knew until now.",
    ]
    assert await ends_of(world) == [("finished", "failed", "✗ Failed: It never reached alpha. Nothing was done.")]


@on_memory
async def test_what_is_older_than_an_hour_stays_unknown(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = world_of(database, clock, trader, chat, bot=Lossy(trader.controller))
    chat.connect(world.desk.gateway.receive)
    await close(world)
    clock.pass_by(minutes=61)
    async with opened(database, clock, trader, chat, trader.controller) as again:
        await quiet(again)
    assert titles(world) == ["⚠ UNKNOWN: No answer from alpha."]


@on_memory
@pytest.mark.parametrize("state", ["pending", "sending"])
async def test_a_stop_after_the_record_and_before_the_platform_leaves_it_to_be_told(
    database: Database, clock: Clock, trader: Trader, chat: MemoryAdapter, state: str
) -> None:
    world = world_of(database, clock, trader, chat, bot=Lossy(trader.controller))
    chat.connect(world.desk.gateway.receive)
    await close(world)
    chat.broken = SendError("no network", Fault.BACKOFF)
    async with opened(database, clock, trader, chat, trader.controller):
        while (await ends_of(world))[0][1] == "unknown":
            clock.pass_by(seconds=0.5)
            await asyncio.sleep(0.002)
    assert titles(world) == ["⚠ UNKNOWN: No answer from alpha."]
    chat.broken = None
    # `sending` is what a program leaves that was killed between the record and the platform.
    await database.execute(
        "UPDATE deliveries SET state = $1, claimed_by = gen_random_uuid() WHERE state <> 'sent'", state
    )

    async with opened(database, clock, trader, chat, trader.controller) as again:
        await again.in_time(lambda: len(titles(again)) == 2)
        await quiet(again)
    (card, news) = world.chat.shown
    assert card.message.title == CLOSED
    assert NEWS in news.text
    assert len(await world.steps((await world.log())[0]["id"])) == 6


@on_memory
async def test_of_several_bots_each_is_told_as_it_is_learnt_on_one_card(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    beta = Trader(BotController("beta", now=clock), clock)
    async with opened(database, clock, trader, chat, Lossy(trader.controller), Lossy(beta.controller)) as world:
        await world.chat.say(ADA, "/close all")
        await world.chat.press(ADA, "Confirm")
        await world.in_time(lambda: len(world.chat.shown) == 3 and "nobody knew at first" in titles(world)[0])
    card = world.chat.shown[0]
    lost, partly, whole = card.earlier[-2].message, card.earlier[-1].message, card.message
    assert lost.title == "Close all: 2 unknown"
    assert partly.title == "“close all” is known in part by now"
    assert whole.title == "Done: “close all”, which nobody knew at first"
    assert "2 positions closed." in card.text
    assert sorted(titles(world)[1:]) == [
        "Done on alpha: “close all”, which nobody knew until now.",
        "Done on beta: “close all”, which nobody knew until now.",
    ]
    assert [(state, outcome) for state, outcome, _ in await ends_of(world)] == [("finished", "done")]


@on_memory
async def test_what_took_two_names_both_when_its_end_is_learnt(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    bot = Lossy(trader.controller)
    async with opened(database, clock, trader, chat, bot, directory=Crew(), permissions=BY_TWO) as world:
        request = await asked(world)
        await world.chat.press(CYD, "Approve", request)
        await world.in_time(lambda: world.chat.last.message.title == NEWS)
        card = next(shown for shown in world.chat.shown if shown.id == request.id)
        assert card.message.title == CLOSED
        assert "Asked by ada, approved by cyd." in card.text


@on_memory
async def test_a_pause_that_is_learnt_to_hold_stays_wanted_and_a_restart_knows_the_same(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    async with opened(database, clock, trader, chat, Lossy(trader.controller)) as world:
        await world.chat.say(ADA, "/pause entry")
        await world.chat.press(ADA, "Confirm")
        await world.in_time(lambda: "Done: “pause entry”" in world.chat.last.message.title)
        (wish,) = world.desk.desired.of("alpha")
        assert wish.outcome is Outcome.DONE
    async with opened(database, clock, trader, chat, trader.controller) as again:
        assert again.desk.desired.of("alpha") == (wish,)


@on_memory
async def test_a_pause_that_was_taken_back_before_its_end_was_learnt_is_wanted_no_more(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    line = Lossy(trader.controller)
    world = world_of(database, clock, trader, chat, bot=line)
    chat.connect(world.desk.gateway.receive)
    await world.chat.say(ADA, "/pause entry")
    await world.chat.press(ADA, "Confirm")
    line.loses = False
    await world.chat.say(ADA, "/resume entry")
    await world.chat.press(ADA, "Confirm")
    async with opened(database, clock, trader, chat, trader.controller) as again:
        await again.in_time(lambda: again.chat.last.message.title.startswith("Done: “pause entry”"))
        assert again.desk.desired.of("alpha") == ()
    async with opened(database, clock, trader, chat, trader.controller) as once_more:
        assert once_more.desk.desired.of("alpha") == ()
    assert trader.scopes == set()
