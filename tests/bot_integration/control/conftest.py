"""A bot that has published, its control API and its control socket, and who speaks to them."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot_integration.control import ControlServer
from bot_integration.control.socket import ControlSocket
from tests.bot_integration.control.alpha import Alpha, facts, now
from tests.bot_integration.control.faulty_line import FaultyLine
from tests.bot_integration.control.http_caller import TOKEN
from tests.bot_integration.control.socket_caller import Caller


@pytest.fixture
def alpha() -> Alpha:
    alpha = Alpha()
    assert alpha.publish(facts()) == ()
    return alpha


@pytest.fixture
async def faulty(alpha: Alpha) -> AsyncIterator[FaultyLine]:
    async with ControlServer(alpha, listen="127.0.0.1:0") as server, FaultyLine(server.url) as faulty:
        yield faulty


@pytest.fixture
async def http(alpha: Alpha) -> AsyncIterator[ClientSession]:
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        ClientSession(server.url, headers={"Authorization": f"Bearer {TOKEN}"}) as session,
    ):
        yield session


@pytest.fixture
async def socket(alpha: Alpha) -> AsyncIterator[ControlSocket]:
    async with ControlSocket(alpha, "127.0.0.1:0", now=now) as socket:
        yield socket


@pytest.fixture
async def caller(socket: ControlSocket) -> AsyncIterator[Caller]:
    async with Caller.to(socket.url) as caller:
        await caller.greeted()
        yield caller
