"""What people asked to hold a bot back with holds over its restarts and ours, until a person takes it back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from bot_integration import BotController, Command, CommandResult, Pause, Refused, Resume
from bot_integration.commands import unknown
from bot_integration.control import ControlServer, RemoteBot
from chatops.guard.verifying import Whole
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from chatops.tasks import running
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, on_memory, world_of
from tests.flows.platform_chat import PATIENCE_S
from tests.flows.relay import Relay

pytestmark = near_alone


class Place(Relay):
    """Where alpha runs: a trader that can be started anew, by a way that can be cut."""

    def __init__(self, trader: Trader) -> None:
        super().__init__(trader.controller)
        self.trader = trader
        self.executed: list[Command] = []
        self.is_cut = False
        #: Whether what is sent stays on its way, and whether something has.
        self.loses = False
        self.lost = asyncio.Event()
        #: What happens before a command arrives.
        self.first: Callable[[], object] = lambda: None

    def restart(self, *scopes: str) -> Trader:
        """A new run of it, which has these pauses by itself."""
        controller = BotController("alpha", now=self.trader.now)
        self.trader = Trader(controller, self.trader.now, scopes=set(scopes))
        self.bot = controller
        return self.trader

    async def execute(self, command: Command) -> CommandResult:
        if self.is_cut:
            return unknown(command, "alpha does not answer.", self.trader.now())
        if self.loses:
            self.lost.set()
            await asyncio.Event().wait()
        self.executed.append(command)
        self.first()
        return await super().execute(command)

    @property
    def told(self) -> list[tuple[str, str]]:
        """What was asked of it, and by whom."""
        return [(command.name, command.by) for command in self.executed]


@pytest.fixture
def place(trader: Trader) -> Place:
    return Place(trader)


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[World]:
    """The desk, as the program opens it."""
    desk = world.desk
    leftover = await desk.settling.take_stock()
    await desk.preferences.load()
    await desk.desired.load()
    async with (
        desk.outbox.open(),
        running(desk.desired.run(), "desired state"),
        running(desk.herald.run(), "notices"),
        running(desk.settling.settle(leftover), "settling"),
    ):
        yield world


def desk_of(database: Database, clock: Clock, chat: Chat, place: Place, backlog: Backlog | None = None) -> World:
    world = world_of(database, clock, place.trader, chat, bot=place, backlog=backlog)
    chat.connect(world.desk.gateway.receive)
    return world


@pytest.fixture
async def desk(database: Database, clock: Clock, chat: Chat, place: Place) -> AsyncIterator[World]:
    """A desk that keeps alpha as people asked, in a room where notices are on."""
    async with opened(desk_of(database, clock, chat, place)) as world:
        await world.chat.say(BOB, "/prefs all usual")
        await follows(world)
        yield world
        assert isinstance(await verify_record(database), Whole)


async def follows(world: World) -> None:
    """Wait until what is told of alpha is kept: a restart from now on is news."""
    async with asyncio.timeout(PATIENCE_S):
        while not await world.database.fetchval("SELECT value FROM desk WHERE key = 'told:alpha'"):
            await world.pass_by(0.5)


async def does(world: World, person: str, words: str) -> None:
    await world.chat.say(person, words)
    # The answer may have to wait for the limits of the platform.
    await world.in_time(lambda: any(one.token("Confirm") is not None for one in world.chat.shown))
    await world.chat.press(person, "Confirm")


async def hears(world: World, words: str) -> str:
    """Let time go by until some message says this; gives it."""
    await world.in_time(lambda: any(words in one.text for one in world.chat.shown))
    return next(one.text for one in world.chat.shown if words in one.text)


def heard(world: World, words: str) -> int:
    return sum(words in one.text for one in world.chat.shown)


async def status(world: World) -> str:
    """What ada reads who asks. What nobody asked for may come behind it."""
    before = {one.id for one in world.chat.shown}
    await world.chat.say(ADA, "/status")
    (answer,) = (one for one in world.chat.shown if one.id not in before and "Equity" in one.text)
    return answer.text


def told_so_often(world: World, count: int) -> bool:
    return heard(world, "alpha restarted; entry paused again") == count


async def quiet(world: World) -> None:
    """Let a minute go by, in which everything is looked at many times."""
    for _ in range(60):
        await world.pass_by(1)


async def test_a_bot_that_restarts_without_its_pause_is_paused_again_and_that_is_told_once(
    desk: World, place: Place
) -> None:
    await does(desk, ADA, "/pause entry too wild")
    desk.clock.pass_by(minutes=5)
    fresh = place.restart()
    told = await hears(desk, "alpha restarted; entry paused again as ada asked 12:0")
    assert fresh.scopes == {"entry"}
    assert "2 positions held" in told
    await quiet(desk)
    assert (heard(desk, "restarted"), heard(desk, "again as")) == (1, 1)
    pauses = [one for one in place.executed if isinstance(one, Pause)]
    assert [(one.by, one.scope) for one in pauses] == [("ada", "entry")] * 2
    assert "ada asked 12:0" in pauses[1].reason
    assert pauses[1].reason.endswith("too wild")
    row = (await desk.log())[-1]
    assert (row["id"], row["principal"], row["word"], row["bot"]) == (pauses[1].id, "quarterdeck", "pause", "alpha")
    assert (row["state"], row["outcome"]) == ("finished", "done")
    assert await desk.steps(row["id"]) == ["received", "running", "finished"]


@on_memory
async def test_it_is_dated_by_the_ask_and_not_by_its_confirmation_and_status_says_it_once(
    desk: World, place: Place
) -> None:
    desk.clock.moment = desk.clock.moment.replace(hour=14, minute=2, second=40)
    await desk.chat.say(ADA, "/pause entry too wild")
    desk.clock.pass_by(seconds=30)
    await desk.chat.press(ADA, "Confirm")
    before = await status(desk)
    place.restart()
    await hears(desk, "entry paused again as ada asked 14:02 UTC")
    after = await status(desk)
    asked = await desk.database.fetchval("SELECT at FROM command_log WHERE word = 'pause' ORDER BY at LIMIT 1")
    assert f"{asked:%H:%M}" == "14:02"
    for text in (before, after):
        assert text.count("as ada asked") == text.count("too wild") == 1
        assert "Pause of entry: as ada asked 14:02 UTC: too wild" in text


async def test_a_kill_switch_and_an_emergency_stop_hold_over_a_restart(desk: World, place: Place) -> None:
    await does(desk, ADA, "/stop")
    await does(desk, ADA, "/kill on")
    fresh = place.restart()
    await hears(desk, "paused again as ada asked")
    await desk.in_time(lambda: fresh.controls.killed and fresh.scopes == {"all"})
    assert heard(desk, "kill switch on again as ada asked") == 1
    assert fresh.controls.stopped == []


@on_memory
@pytest.mark.parametrize("words", ["/resume entry", "/resume all"])
async def test_what_a_person_took_back_is_not_asserted(desk: World, place: Place, words: str) -> None:
    place.trader.scopes.add("all")
    await does(desk, ADA, "/pause entry")
    await does(desk, ADA, words)
    fresh = place.restart()
    await hears(desk, "alpha was restarted")
    await quiet(desk)
    assert fresh.scopes == set()


@on_memory
async def test_what_the_bot_refused_is_not_wanted(desk: World, place: Place) -> None:
    @place.trader.controller.on(Pause)
    async def refuse(command: Pause) -> str:
        raise Refused("Not now.")

    await does(desk, ADA, "/pause entry")
    fresh = place.restart()
    await hears(desk, "alpha was restarted")
    await quiet(desk)
    assert fresh.scopes == set()


@on_memory
async def test_a_bot_that_comes_back_paused_is_left_alone(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    place.restart("entry")
    await hears(desk, "alpha was restarted")
    await quiet(desk)
    assert len(place.executed) == 1
    assert heard(desk, "any more") == 0


@on_memory
async def test_a_bot_that_pauses_by_itself_is_no_matter_of_ours(desk: World, place: Place) -> None:
    place.trader.scopes.add("exit")
    place.trader.publish()
    await quiet(desk)
    place.trader.scopes.clear()
    place.trader.publish()
    await quiet(desk)
    assert (heard(desk, "exit"), place.executed) == (0, [])


async def test_what_is_gone_in_the_same_run_is_told_once_and_left_to_people(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    await quiet(desk)
    place.trader.scopes.clear()
    place.trader.publish()
    gone = "⚠ alpha: entry not paused any more, as ada asked 12:0"
    await hears(desk, gone)
    drift = next(one for one in desk.chat.shown if gone in one.text)
    assert drift.labels == ["Pause entry again", "Leave it", "Status"]
    await quiet(desk)
    assert (heard(desk, "any more"), place.trader.scopes) == (1, set())
    place.trader.publish()
    await desk.chat.say(VIC, "/status")
    status = await hears(desk, "⚠ alpha is NOT held back as asked")
    assert "⚠ Asked to pause entry by ada 12:0" in status
    await desk.chat.say(VIC, "/positions")
    await hears(desk, "⚠ alpha: entry not paused as ada asked 12:0")
    await desk.chat.press(BOB, "Pause entry again", drift)
    await desk.chat.press(BOB, "Confirm")
    assert place.trader.scopes == {"entry"}
    await desk.chat.say(VIC, "/status")
    await hears(desk, "Pause of entry: as bob asked 12:0")


@on_memory
async def test_what_is_left_so_is_wanted_no_more(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    await quiet(desk)
    place.trader.scopes.clear()
    place.trader.publish()
    await hears(desk, "any more, as ada asked")
    await desk.chat.press(BOB, "Leave it")
    await desk.chat.press(BOB, "Confirm")
    await hears(desk, "alpha: Pause of entry taken back by bob")
    fresh = place.restart()
    await hears(desk, "alpha was restarted")
    await quiet(desk)
    assert fresh.scopes == set()


@on_memory
async def test_what_another_gateway_resumes_is_wanted_no_more(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    await quiet(desk)
    elsewhere = Resume(id=uuid4(), by="zoe", not_after=desk.clock().replace(hour=23), scope="entry")
    await place.trader.controller.execute(elsewhere)
    await hears(desk, "alpha: Pause of entry taken back by zoe through another gateway")
    fresh = place.restart()
    await hears(desk, "alpha was restarted")
    await quiet(desk)
    assert (fresh.scopes, heard(desk, "any more")) == (set(), 0)
    row = (await desk.log())[-1]
    assert (row["word"], row["principal"], row["outcome"]) == ("resume", "quarterdeck", "done")


@on_memory
async def test_a_refusal_is_told_loudly_and_not_repeated_in_that_run(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    fresh = place.restart()

    @fresh.controller.on(Pause)
    async def refuse(command: Pause) -> str:
        raise Refused("The book is being read.")

    told = await hears(desk, "⚠ alpha: entry NOT paused, though ada asked")
    assert "The book is being read." in told
    await quiet(desk)
    assert (heard(desk, "entry NOT paused"), len(place.executed)) == (1, 2)
    again = place.restart()
    await desk.in_time(lambda: again.scopes == {"entry"})


@on_memory
async def test_a_bot_that_does_not_answer_is_asked_again_by_the_same_command(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    place.is_cut = True
    fresh = place.restart()
    told = await hears(desk, "⚠ alpha: entry NOT paused, though ada asked")
    assert "I try again, and tell when it is done." in told
    await quiet(desk)
    assert heard(desk, "entry NOT paused") == 1
    place.is_cut = False
    await hears(desk, "alpha: entry paused again as ada asked")
    assert fresh.scopes == {"entry"}
    pauses = [row for row in await desk.log() if row["word"] == "pause"]
    assert [(row["principal"], row["outcome"]) for row in pauses] == [("ada", "done"), ("quarterdeck", "done")]


@on_memory
async def test_a_bot_that_restarts_again_and_again_is_paused_each_time(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    for count in range(1, 4):
        place.restart()
        await desk.in_time(lambda: place.trader.scopes == {"entry"})
        await desk.in_time(partial(told_so_often, desk, count))
    assert len(place.executed) == 4
    assert len({command.id for command in place.executed}) == 4


@on_memory
async def test_a_bot_that_hangs_while_it_is_paused_again_and_restarts_is_asked_anew(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    hanging = place.restart()
    began = asyncio.Event()

    @hanging.controller.on(Pause)
    async def hang(command: Pause) -> str:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    await desk.in_time(began.is_set)
    fresh = place.restart()
    await desk.in_time(lambda: fresh.scopes == {"entry"})
    await desk.in_time(lambda: heard(desk, "alpha restarted; entry paused again") == 1)
    rows = [row for row in await desk.log() if row["principal"] == "quarterdeck"]
    assert rows[0]["outcome"] == "unknown"
    for task in tuple(hanging.controller._running):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@on_memory
async def test_a_restart_in_the_middle_of_the_ask_leaves_it_paused(desk: World, place: Place) -> None:
    restarted: list[Trader] = []

    def restart() -> None:
        place.first = lambda: None
        restarted.append(place.restart())

    place.first = restart
    await does(desk, ADA, "/pause entry")
    await desk.in_time(lambda: restarted[0].scopes == {"entry"})
    place.restart()
    await desk.in_time(lambda: place.trader.scopes == {"entry"})


@on_memory
async def test_what_is_resumed_while_it_is_asserted_is_said_to_hold_all_the_same(desk: World, place: Place) -> None:
    await does(desk, ADA, "/pause entry")
    fresh = place.restart()
    began, may_go_on = asyncio.Event(), asyncio.Event()

    @fresh.controller.on(Pause)
    async def slowly(command: Pause) -> str:
        began.set()
        await may_go_on.wait()
        return await fresh._pause(command)

    await desk.in_time(began.is_set)
    await does(desk, ADA, "/resume entry")
    may_go_on.set()
    told = await hears(desk, "It was taken back while this was on its way.")
    assert told.startswith("⚠ alpha: entry paused again")
    shown = next(one for one in desk.chat.shown if one.text == told)
    assert shown.labels == ["Resume entry", "Status"]


@on_memory
async def test_a_far_bot_that_restarts_is_paused_again(
    database: Database, clock: Clock, chat: Chat, trader: Trader, tmp_path: Path
) -> None:
    listen = f"unix:{tmp_path / 'a.sock'}"
    async with AsyncExitStack() as first:
        server = await first.enter_async_context(ControlServer(trader.controller, listen=listen))
        far = RemoteBot("alpha", server.url, now=clock)
        world = world_of(database, clock, trader, chat, bot=far)
        chat.connect(world.desk.gateway.receive)
        async with far, opened(world):
            await world.until(lambda: far.snapshot() is not None)
            await world.chat.say(BOB, "/prefs all usual")
            await follows(world)
            await does(world, ADA, "/pause entry")
            await first.aclose()
            fresh = Trader(BotController("alpha", now=clock), clock)
            async with ControlServer(fresh.controller, listen=listen):
                await hears(world, "alpha restarted; entry paused again as ada asked")
                assert fresh.scopes == {"entry"}
