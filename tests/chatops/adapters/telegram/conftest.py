from collections.abc import AsyncIterator

import pytest_asyncio

from chatops.storage.database import Database
from tests.chatops.adapters.telegram.echo import Echo, listening
from tests.servers.telegram import TelegramServer


@pytest_asyncio.fixture
async def server() -> AsyncIterator[TelegramServer]:
    """The platform; at the end of a test nothing was sent that never should be."""
    async with TelegramServer() as server:
        yield server
        assert server.violations == []


@pytest_asyncio.fixture
async def echo(server: TelegramServer, database: Database) -> AsyncIterator[Echo]:
    """An adapter that listens, with somebody behind it who repeats what is said."""
    async with listening(server, database) as echo:
        yield echo
