"""A Telegram and a Slack with one person in each, and the platforms' own libraries as they install."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from telegram import Bot

from tests.servers.common.seen import PATIENCE_S
from tests.servers.slack import Channel, SlackServer
from tests.servers.slack import Person as Member
from tests.servers.telegram import Chat, Person, TelegramServer
from tests.servers.telegram.bare import bare_bot


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[Bot]:
    async with bare_bot(telegram) as bot:
        yield bot


@pytest.fixture
def ada(telegram: TelegramServer) -> Person:
    return telegram.person(111, "Ada", "ada")


@pytest.fixture
def chat(telegram: TelegramServer, ada: Person) -> Chat:
    return telegram.private(ada)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    # How soon an app acknowledges is the story of few: those have a server of their own.
    async with SlackServer(ack_s=PATIENCE_S) as server:
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
