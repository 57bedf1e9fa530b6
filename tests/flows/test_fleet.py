"""Twenty bots behind one chat: one that hangs, one that breaks and one that was never heard are facts, not trouble."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import pytest

from bot_integration import Bot, BotController, Command, CommandResult, KillSwitch, Preview, Snapshot
from bot_integration.control import RemoteBot
from chatops.fleet import Fleet
from chatops.metrics import Counts, Metrics
from chatops.probes import bots_probe
from chatops.storage.database import Database
from chatops.storage.delivery_facts import Waiting
from chatops.tasks import running
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, on_memory, world_of
from tests.flows.relay import Relay
from tests.own_time import own_time

pytestmark = [near_alone, on_memory]


class Hanging(Relay):
    """A bot that was heard, and never answers again. What is asked of it is counted."""

    def __init__(self, bot: BotController) -> None:
        super().__init__(bot)
        self.asked: list[str] = []

    async def execute(self, command: Command) -> CommandResult:
        self.asked.append(command.name)
        await asyncio.Event().wait()
        raise AssertionError

    async def preview(self, command: Command) -> Preview | None:
        self.asked.append("preview")
        await asyncio.Event().wait()
        raise AssertionError

    async def recall(self, command: UUID) -> CommandResult | None:
        self.asked.append("recall")
        await asyncio.Event().wait()
        raise AssertionError


class Breaking(Relay):
    """A bot that breaks on being looked at."""

    def snapshot(self) -> Snapshot | None:
        raise ZeroDivisionError("inside")


class Fleetful:
    """Seventeen good bots and three others, and a desk that has them all."""

    def __init__(self, database: Database, clock: Clock, trader: Trader, chat: Chat) -> None:
        self.good = [trader, *(Trader(BotController(f"good{n:02}", now=clock), clock) for n in range(2, 18))]
        self.hanging = Hanging(Trader(BotController("hanging", now=clock), clock).controller)
        others: list[Bot] = [
            self.hanging,
            Breaking(BotController("breaking", now=clock)),
            BotController("unheard", now=clock),
        ]
        good: list[Bot] = [one.controller for one in self.good[1:]]
        self.fleet = Fleet([trader.controller, *good, *others])
        self.world = world_of(database, clock, trader, chat, others=[*good, *others])
        chat.connect(self.world.desk.gateway.receive)


@pytest.fixture
def fleet(database: Database, clock: Clock, trader: Trader, chat: Chat) -> Fleetful:
    return Fleetful(database, clock, trader, chat)


@asynccontextmanager
async def mute() -> AsyncIterator[str]:
    """Somebody who takes every connection, and never says a word on it."""
    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda reader, writer: taken.append(writer), "127.0.0.1")
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in taken:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for writer in taken), return_exceptions=True)
    await server.wait_closed()


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[None]:
    desk = world.desk
    await desk.desired.load()
    async with (
        desk.outbox.open(),
        running(desk.desired.run(), "desired state"),
        running(desk.herald.run(), "notices"),
        running(desk.status.run(), "status"),
    ):
        yield


async def test_status_says_how_each_of_them_is_and_asks_none(fleet: Fleetful) -> None:
    world = fleet.world
    world.clock.pass_by(seconds=8)
    for one in fleet.good:
        one.publish()
    world.clock.pass_by(seconds=10)
    await world.chat.say(VIC, "/status")
    shown = "\n".join(one.text for one in world.chat.shown)
    assert "hanging is STALE: last heard 18 s ago" in shown
    assert "breaking has said nothing yet" in shown
    assert "unheard: nothing heard yet, for 18 s now" in shown
    assert shown.count("monitoring · ok") == 18
    assert fleet.hanging.asked == []


async def test_status_and_bots_are_answered_within_a_second_whatever_three_of_them_do(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(mute())
        far = [await stack.enter_async_context(RemoteBot(f"far{n}", url, now=clock)) for n in range(3)]
        near = [Trader(BotController(f"good{n:02}", now=clock), clock).controller for n in range(2, 18)]
        world = world_of(database, clock, trader, chat, others=[*near, *far])
        chat.connect(world.desk.gateway.receive)
        for words in ("/status", "/bots"):
            async with own_time(), asyncio.timeout(1):
                await world.chat.say(VIC, words)
    shown = "\n".join(one.text for one in world.chat.shown)
    assert shown.count("⚠ far0 has said nothing yet; far1 has said nothing yet; far2 has said nothing yet") == 2
    assert shown.count("State nothing heard yet\nRuns  far\n") == 3
    assert shown.count("State paper · monitoring · ok\nRuns  near, since 10:00:00 UTC\nFacts 0 s old") == 17


async def test_positions_and_what_only_looks_are_of_those_that_answer(fleet: Fleetful) -> None:
    world = fleet.world
    await world.chat.say(VIC, "/positions")
    assert world.chat.last.message.title == "36 open, +153.00 USD"
    assert "breaking has said nothing yet." in world.chat.last.text
    for words in ("/events", "/breakers alpha", "/position good07 SOL-1", "/help", "/config alpha"):
        await world.chat.say(VIC, words)
        assert "broke" not in world.chat.last.message.title
    assert fleet.hanging.asked == []


async def test_one_position_among_many_bots_is_closed_while_another_bot_hangs(fleet: Fleetful) -> None:
    world = fleet.world
    await world.chat.say(BOB, "/close good07 SOL-1")
    # Others hold one of the same name.
    assert "On good07. 0 s old." in world.chat.last.text
    await world.chat.press(BOB, "Confirm")
    assert "SOL-1 closed" in world.chat.last.text
    assert [one.closed for one in fleet.good if one.closed] == [[("SOL-1", 100)]]
    assert fleet.hanging.asked == []


async def test_the_kill_switch_reaches_every_other_bot_at_once(fleet: Fleetful) -> None:
    world = fleet.world
    await world.chat.say(ADA, "/kill on")
    killing = asyncio.create_task(world.chat.press(ADA, "Confirm"))
    await world.until(lambda: all(one.controls.killed for one in fleet.good))
    assert fleet.hanging.asked == ["kill_switch"]
    assert not killing.done()
    killing.cancel()
    await asyncio.gather(killing, return_exceptions=True)


async def test_what_is_wanted_of_one_is_seen_to_though_others_hang_and_break(fleet: Fleetful) -> None:
    world, last = fleet.world, fleet.good[-1]
    async with opened(world):
        await world.chat.say(BOB, "/prefs all usual")
        await world.chat.say(BOB, "/pause good17 entry")
        await world.chat.press(BOB, "Confirm")
        assert last.scopes == {"entry"}
        for _ in range(20):
            await world.pass_by(1)
        last.scopes.clear()
        last.publish()
        await world.in_time(lambda: any("good17: entry not paused any more" in one.text for one in world.chat.shown))
        assert fleet.hanging.asked == []


async def test_probes_and_metrics_look_at_them_all(fleet: Fleetful) -> None:
    world = fleet.world
    probe = await bots_probe(fleet.fleet, world.clock())
    assert probe.ok
    assert "breaking: nothing heard yet; unheard: nothing heard yet" in probe.detail

    async def nothing() -> list[Waiting]:
        return []

    page = await Metrics(nothing, Counts(["memory"]), dict, fleet.fleet, world.clock)()
    assert page.body.count(b"quarterdeck_bot_facts_age_seconds{") == 18


async def test_each_bot_that_a_command_went_to_counts_by_what_it_answered(fleet: Fleetful) -> None:
    world = fleet.world

    @fleet.good[3].controller.on(KillSwitch)
    async def fail(command: KillSwitch) -> str:
        raise ZeroDivisionError("inside")

    await world.chat.say(ADA, "/kill good02 on")
    await world.chat.press(ADA, "Confirm")
    await world.chat.say(ADA, "/kill good04 on")
    await world.chat.press(ADA, "Confirm")
    wanted = [one.controller.name for one in fleet.good if world.desk.desired.of(one.controller.name)]
    assert wanted == ["good02"]


async def test_the_card_of_an_act_names_its_bot_where_there_are_several(fleet: Fleetful) -> None:
    chat = fleet.world.chat
    for words, shown in (
        (("/pause entry", "good02", "Confirm"), "good02: pausing entry…"),
        (("/kill on good02", "Confirm"), "good02: turning the kill switch on…"),
        (("/stop good02", "Confirm"), "Stopping good02…"),
    ):
        said, *pressed = words
        await chat.say(ADA, said)
        for label in pressed:
            await chat.press(ADA, label)
        assert shown in [one.message.title for one in chat.last.earlier]
