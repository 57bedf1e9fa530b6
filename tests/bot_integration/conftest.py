"""A bot whose clock a test moves."""

import pytest

from bot_integration.controller import BotController
from tests.bot_integration.facts import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bot(clock: Clock) -> BotController:
    return BotController("alpha", now=clock)
