"""The desk that most tests of reports run on."""

import pytest

from chatops.storage.database import Database
from tests.chatops.reports.nights import Nights, at


@pytest.fixture
async def nights(database: Database) -> Nights:
    """The desk runs since the morning of Friday 27 March 2026, two days before clocks go forward in Berlin."""
    nights = Nights(database)
    nights.clock.moment = at("2026-03-27T09:00")
    await nights.desk.reports.look()
    return nights
