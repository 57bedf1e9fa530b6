"""The words that act on whole bots, on a bot in another process: told and shown as of one that is near."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot_integration.control import ControlServer, RemoteBot
from chatops.adapters.memory import MemoryAdapter
from chatops.storage.database import Database
from tests.flows.conftest import ADA, Clock, Trader, World, world_of
from tests.flows.controls import SECRET


@pytest.fixture
async def far(clock: Clock, trader: Trader, tmp_path: Path) -> AsyncIterator[RemoteBot]:
    async with (
        ControlServer(trader.controller, listen=f"unix:{tmp_path / 'a.sock'}") as server,
        RemoteBot("alpha", server.url, now=clock) as far,
    ):
        yield far


@pytest.fixture
async def desk(database: Database, clock: Clock, trader: Trader, far: RemoteBot) -> World:
    chat = MemoryAdapter(clock)
    world = world_of(database, clock, trader, chat, bot=far)
    chat.connect(world.desk.gateway.receive)
    await world.until(lambda: far.snapshot() is not None)
    return world


async def test_a_far_bot_is_stopped_leg_by_leg(desk: World) -> None:
    goes_on = asyncio.Semaphore(0)
    desk.bot.controls.leg_waits = goes_on.acquire
    await desk.chat.say(ADA, "/stop")
    assert desk.chat.last.message.title == "Stop alpha? 2 positions"
    stopping = asyncio.create_task(desk.chat.press(ADA, "Confirm"))
    await desk.until(lambda: desk.bot.scopes == {"all"})
    goes_on.release()
    await desk.in_time(lambda: "1 of 2 legs closed" in desk.chat.last.message.title)
    goes_on.release()
    await stopping
    assert desk.chat.last.message.title == "✓ 2 positions closed."
    assert "Net      +8.10" in desk.chat.last.text
    assert (await desk.log())[-1]["outcome"] == "done"


async def test_a_far_bot_is_set_within_its_bounds_and_keeps_its_secrets(desk: World) -> None:
    await desk.chat.say(ADA, "/set max_positions 500")
    assert "takes a whole number from 0 to 100" in desk.chat.last.message.title
    await desk.chat.say(ADA, "/set max_positions 5")
    await desk.chat.press(ADA, "Confirm")
    assert desk.bot.controls.values == {"max_positions": 5}
    assert desk.chat.last.message.title == "✓ max_positions: 8 → 5"
    await desk.chat.say(ADA, "/config mode")
    assert "set, not shown" in desk.chat.last.text
    assert SECRET not in desk.chat.last.text


async def test_what_a_far_bot_refuses_is_an_answer(desk: World, far: RemoteBot) -> None:
    await desk.chat.say(ADA, "/kill on")
    await desk.chat.press(ADA, "Confirm")
    assert desk.bot.controls.killed
    desk.bot.controls.tripped["daily_loss"] = (desk.clock(), "lost")
    desk.bot.publish()
    await desk.until(lambda: "active_breakers=('daily_loss',)" in repr(far.snapshot()))
    await desk.chat.say(ADA, "/resume all")
    await desk.chat.press(ADA, "Confirm")
    assert desk.chat.last.message.title == "Refused: The breaker daily_loss is active."
    assert desk.chat.last.labels == ["Kill switch off for alpha", "Reset daily_loss", "Status"]
