"""A Telegram and a Slack with one person in each, and the platforms' own libraries as they install."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from telegram import Bot

from tests.servers.slack import Channel, SlackServer
from tests.servers.slack import Person as Member
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


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


@pytest.fixture
def web(slack: SlackServer) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url)


@pytest.fixture
def ops(slack: SlackServer) -> Channel:
    return slack.channel("ops")


@pytest.fixture
def grace(slack: SlackServer) -> Member:
    return slack.person("Grace")
