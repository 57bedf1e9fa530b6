"""The words that act on whole bots, on a bot that really trades a market that falls."""

import asyncio

import pytest

from bot_integration import Outcome
from bot_integration.paper import MadeMarket, PaperBot, PaperSettings
from chatops.storage.database import Database
from tests.flows.conftest import ADA, Clock, Trader, World, world_of
from tests.flows.ways import MemoryChat, Way


class Falling:
    """A paper bot in a crash, walked by hand, whose orders take time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.bot = PaperBot(
            "alpha",
            MadeMarket(seed=7, scenario="crash"),
            now=clock,
            speed=60,
            settings=PaperSettings(order_latency_s=2),
            sleep=clock.wait,
        )
        self.bot.tick(0)

    def tick(self, times: int, seconds: float = 1.0) -> None:
        for _ in range(times):
            self.clock.pass_by(seconds=seconds)
            self.bot.tick(seconds)

    @property
    def held(self) -> list[str]:
        snapshot = self.bot.controller.snapshot()
        assert snapshot is not None
        return [position.id for position in snapshot.positions if position.legs]


@pytest.fixture
def falling(clock: Clock) -> Falling:
    return Falling(clock)


@pytest.fixture
async def desk(database: Database, clock: Clock, trader: Trader, way: Way, falling: Falling) -> World:
    chat = MemoryChat(clock, way)
    world = world_of(database, clock, trader, chat, bot=await way.to(falling.bot.controller))
    chat.connect(world.desk.gateway.receive)
    return world


async def test_in_the_middle_of_a_crash_two_presses_stop_it(desk: World, falling: Falling) -> None:
    falling.tick(90)
    count = len(falling.held)
    assert count > 1
    await desk.chat.say(ADA, "/stop it falls")
    assert desk.chat.last.message.title == f"Stop alpha? {count} positions"
    stopping = asyncio.create_task(desk.chat.press(ADA, "Confirm"))
    await desk.in_time(lambda: f"Stopping alpha: {count} of {2 * count} legs closed…" in desk.chat.last.message.title)
    assert desk.chat.last.text.count("✓ closed") == desk.chat.last.text.count("open\n") == count
    await desk.in_time(stopping.done)
    await stopping
    assert desk.chat.last.message.title.startswith(f"✓ All is paused. {count} of {count} positions closed: ")
    assert "Net" in desk.chat.last.text
    assert (falling.held, (await desk.log())[-1]["outcome"]) == ([], "done")
    falling.tick(30)
    # The pause holds.
    assert falling.held == []
    await desk.chat.say(ADA, "/status")
    assert "emergency stop: it falls" in desk.chat.last.text


async def test_what_a_venue_does_not_take_is_partial_and_still_paused(desk: World, falling: Falling) -> None:
    falling.tick(60)
    falling.bot.orders_fail("okx")
    await desk.chat.say(ADA, "/stop")
    assert "okx rejects orders: its legs would stay open." in desk.chat.last.text
    stopping = asyncio.create_task(desk.chat.press(ADA, "Confirm"))
    await desk.in_time(stopping.done)
    assert desk.chat.last.message.title.startswith("⚠ PARTIAL: All is paused. 0 of ")
    assert "⚠ Still open: " in desk.chat.last.text
    assert "(okx)" in desk.chat.last.text
    assert "exposed on what is left" in desk.chat.last.text


async def test_under_the_kill_switch_no_order_is_placed(desk: World, falling: Falling) -> None:
    await desk.chat.say(ADA, "/kill on")
    await desk.chat.press(ADA, "Confirm")
    held = falling.held
    falling.tick(10)
    assert falling.held == held
    await desk.chat.say(ADA, "/close all")
    assert desk.chat.last.message.title.startswith("Refused: The kill switch is on")
    await desk.chat.press(ADA, "Kill switch off for alpha")
    await desk.chat.press(ADA, "Confirm")
    falling.tick(3)
    assert len(falling.held) > len(held)


async def test_a_parameter_is_bounded_by_what_the_bot_declares(desk: World, falling: Falling) -> None:
    await desk.chat.say(ADA, "/set max_positions 2,000")
    assert desk.chat.last.message.title == (
        "“2,000” will not do: max_positions takes a whole number from 0 to 1,000. It stays 8."
    )
    await desk.chat.say(ADA, "/set capital_usd 5")
    assert desk.chat.last.message.title == "capital_usd cannot change while alpha runs. It stays 100,000 USD."
    await desk.chat.say(ADA, "/set max_positions 1")
    assert desk.chat.last.message.title == "Set max_positions of alpha: 8 → 1?"
    await desk.chat.press(ADA, "Confirm")
    assert desk.chat.last.message.title == "✓ max_positions: 8 → 1"
    falling.tick(10)
    assert len(falling.held) == 1
    ended = (await desk.log())[-1]
    assert (ended["outcome"], ended["arguments"]) == (Outcome.DONE, {"key": "max_positions", "to": 1, "bot": "alpha"})
