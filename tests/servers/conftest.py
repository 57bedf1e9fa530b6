"""A Telegram server with one person in it, and python-telegram-bot as it installs."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from tests.servers.telegram import Chat, Person, TelegramServer


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[Bot]:
    async with Bot(telegram.token, base_url=telegram.base_url) as bot:
        yield bot


@pytest.fixture
def ada(telegram: TelegramServer) -> Person:
    return telegram.person(111, "Ada", "ada")


@pytest.fixture
def chat(telegram: TelegramServer, ada: Person) -> Chat:
    return telegram.private(ada)
