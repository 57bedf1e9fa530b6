"""An old desk that wakes up from a stop while another one watches: what is told is told once, by one of them."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from tests.faults.conftest import copy
from tests.faults.desk import DeskFiles, wait_for_row
from tests.faults.falling import EMERGENCY, Falling, falling
from tests.faults.owing import wait_until_all_is_over

#: As a network does that is cut between a machine and its database.
_CUT_OFF = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = ANY ($1)"
_OF_DESKS = (
    "SELECT array_agg(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
_TOLD = "SELECT FROM alert_told WHERE epoch = {} AND NOT EXISTS (SELECT FROM deliveries WHERE state <> 'sent')"


@pytest.fixture
async def database(new_desk: DeskFiles, made: Path) -> AsyncIterator[Database]:
    """A PostgreSQL that belongs to no desk."""
    copy(made, new_desk.folder / "beside")
    postgres = EmbeddedPostgres(new_desk.folder / "beside")
    url = await postgres.start()
    async with Database.open(url, min_size=1, max_size=1) as database:
        yield database
    await postgres.stop()


@pytest.fixture
async def bot(new_desk: DeskFiles, database: Database) -> AsyncIterator[Falling]:
    new_desk.data_dir.mkdir()
    more = f'[database]\nurl = "{database.url}"'
    async with falling(new_desk, {"ops": new_desk.platform.group(-201)}, "P1", more=more) as bot:
        yield bot


async def test_an_old_desk_that_is_woken_from_a_stop_tells_nothing_more(bot: Falling, database: Database) -> None:
    (ops,) = bot.chats
    second = DeskFiles(bot.desk.folder / "second", bot.desk.platform, bot.desk.ada, bot.desk.chat)
    second.data_dir.mkdir(parents=True)
    second.settings.write_text(bot.desk.settings.read_text())
    async with bot.desk.gateway() as old:
        bot.fall("P1")
        await wait_for_row(database, _TOLD.format(1))
        old.signal(signal.SIGSTOP)
        # What it had is cut off; another desk comes in its place.
        await database.execute(_CUT_OFF, await database.fetchval(_OF_DESKS))
        async with second.gateway() as new:
            bot.fall("P1", to=EMERGENCY)
            await wait_for_row(database, _TOLD.format(2))
            old.signal(signal.SIGCONT)
            assert await old.ends() != 0
            await wait_until_all_is_over(database)
            assert "another desk took the database" in old.said
            assert "Traceback" not in new.said
    rows = await database.fetch("SELECT severity FROM deliveries WHERE kind = 'alert' AND NOT in_place ORDER BY seq")
    assert [row["severity"] for row in rows] == ["critical", "emergency"]
    assert [repeated for _, repeated in bot.told(ops)] == [False, False]
