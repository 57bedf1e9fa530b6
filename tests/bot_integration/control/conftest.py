"""A bot that has published, and a bad line to its control API."""

from collections.abc import AsyncIterator

import pytest

from bot_integration.control import ControlServer
from tests.bot_integration.control.alpha import Alpha, facts
from tests.bot_integration.control.faulty_line import FaultyLine


@pytest.fixture
def alpha() -> Alpha:
    alpha = Alpha()
    assert alpha.publish(facts()) == ()
    return alpha


@pytest.fixture
async def faulty(alpha: Alpha) -> AsyncIterator[FaultyLine]:
    async with ControlServer(alpha, listen="127.0.0.1:0") as server, FaultyLine(server.url) as faulty:
        yield faulty
