"""What was last told of a bot, kept in PostgreSQL."""

import pytest

from chatops.notices.memory import Remembered
from chatops.storage.database import Database
from chatops.storage.last_told import PostgresLastTold
from tests.chatops.notices.looks import look, sol
from tests.chatops.views.facts import carry


async def test_it_outlives_a_restart_bot_by_bot(database: Database) -> None:
    first, second = Remembered.of(look(sol())), Remembered.of(look(sol(), carry("ETH-1"), seq=2))
    memory = PostgresLastTold(database)
    await memory.keep("alpha", first)
    await memory.keep("alpha", second)
    await memory.keep("beta", first)
    again = PostgresLastTold(database)
    assert await again.recall("alpha") == second
    assert await again.recall("beta") == first
    assert await again.recall("gamma") is None


@pytest.mark.parametrize("strange", [3, {"positions": 1}, ["told"]])
async def test_what_another_version_kept_counts_as_nothing(
    database: Database, strange: object, caplog: pytest.LogCaptureFixture
) -> None:
    await database.execute("INSERT INTO desk (key, value) VALUES ('told:alpha', $1)", strange)
    assert await PostgresLastTold(database).recall("alpha") is None
    assert "what was last told of alpha cannot be read" in caplog.text
