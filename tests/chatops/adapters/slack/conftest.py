"""The strict server for one test."""

from collections.abc import AsyncIterator

import pytest

from tests.servers.slack import SlackServer


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """The platform; at the end of a test nothing was sent that never should be."""
    async with SlackServer() as server:
        yield server
        assert server.violations == []
