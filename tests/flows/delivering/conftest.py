"""The strict platform with its limits, an outbox over it, and the people who read there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatops.outbox import Outbox
from chatops.storage.database import Database
from tests.flows.delivery_world import Delivery, StepClock
from tests.servers.telegram import Chat, TelegramServer


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
async def server(clock: StepClock) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(now=lambda: clock().timestamp(), rate_limits=True) as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def world(
    server: TelegramServer, database: Database, clock: StepClock, tmp_path: Path
) -> AsyncIterator[Delivery]:
    world = Delivery(server, database, clock, tmp_path / "spool")
    await world.way.request.initialize()
    yield world
    await world.way.request.shutdown()


@pytest.fixture
async def outbox(world: Delivery) -> AsyncIterator[Outbox]:
    async with world.running() as outbox:
        yield outbox


@pytest.fixture
def ada(server: TelegramServer) -> Chat:
    return server.private(server.person(111, "Ada"))


@pytest.fixture
def bob(server: TelegramServer) -> Chat:
    return server.private(server.person(222, "Bob"))
