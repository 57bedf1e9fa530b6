"""Desks that know what bots made."""

import pytest

from chatops.storage.database import Database
from tests.earnings import Earnings, earned
from tests.flows.accounts import Carry, Desks
from tests.flows.chats import Chat
from tests.flows.conftest import Clock, Trader


@pytest.fixture
def desks(database: Database, clock: Clock, trader: Trader, chat: Chat) -> Desks:
    return Desks(database, clock, trader, chat)


@pytest.fixture
def alpha(clock: Clock) -> Earnings:
    """Forty days of it."""
    made = earned("alpha", clock())
    made.look(clock())
    return made


@pytest.fixture
def beta(clock: Clock) -> Carry:
    return Carry(clock)
