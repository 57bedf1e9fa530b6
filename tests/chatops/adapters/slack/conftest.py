"""The strict server for one test."""

from collections.abc import AsyncIterator

import pytest

from tests.servers.slack import SlackServer
from tests.servers.slack.patience import ACK_S


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """The platform; at the end of a test nothing was sent that never should be."""
    async with SlackServer(ack_s=ACK_S) as server:
        yield server
        assert server.violations == []
