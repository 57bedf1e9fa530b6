import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.wakeup import DELIVERIES, PEOPLE, Wakeup
from tests.chatops.storage.owing import owe

_BACKENDS = "FROM pg_stat_activity WHERE application_name = 'quarterdeck wakeup' AND datname = current_database()"


class Sleeper:
    """Wakes when the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.turns: asyncio.Queue[None] = asyncio.Queue()

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self.turns.get()


@asynccontextmanager
async def running(wakeup: Wakeup, woken: Callable[[], None], **more: Callable[[], None]) -> AsyncIterator[None]:
    task = asyncio.create_task(wakeup.run({DELIVERIES: woken, PEOPLE: lambda: None} | more))
    try:
        async with asyncio.timeout(60):
            yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_whoever_listens_hears_of_what_is_owed(database: Database, database_url: str) -> None:
    news: asyncio.Queue[None] = asyncio.Queue()
    async with running(Wakeup(database_url), lambda: news.put_nowait(None)):
        # Connected: what was told before nobody heard.
        await news.get()
        await Deliveries(database, uuid4()).store([owe("one")])
        await news.get()
    while await database.fetchval(f"SELECT count(*) {_BACKENDS}"):  # noqa: ASYNC110 - a backend sets no event
        await asyncio.sleep(0)


async def test_who_is_known_is_news_of_its_own(database: Database, database_url: str) -> None:
    owed: asyncio.Queue[None] = asyncio.Queue()
    people: asyncio.Queue[None] = asyncio.Queue()
    async with running(Wakeup(database_url), lambda: owed.put_nowait(None), people=lambda: people.put_nowait(None)):
        await owed.get()
        await people.get()
        await database.execute("INSERT INTO people (name, role, created_by) VALUES ('dan', 'viewer', 'ada')")
        await people.get()
        await database.execute("DELETE FROM people")
        await people.get()
        assert owed.empty()


async def test_a_lost_connection_is_made_again_and_tells_so(database: Database, database_url: str) -> None:
    news: asyncio.Queue[None] = asyncio.Queue()
    sleeper = Sleeper()
    async with running(Wakeup(database_url, sleep=sleeper.sleep), lambda: news.put_nowait(None)):
        await news.get()
        await database.execute(f"SELECT pg_terminate_backend(pid) {_BACKENDS}")
        sleeper.turns.put_nowait(None)
        await news.get()
        await Deliveries(database, uuid4()).store([owe("one")])
        await news.get()
    assert sleeper.asked == [0.2]


async def test_a_server_that_is_away_is_tried_for_ever_in_capped_waits() -> None:
    sleeper = Sleeper()
    tried: asyncio.Queue[None] = asyncio.Queue()

    async def sleep(seconds: float) -> None:
        tried.put_nowait(None)
        await sleeper.sleep(seconds)

    url = "postgresql://nobody@127.0.0.1:1/nothing"
    async with running(Wakeup(url, sleep=sleep), lambda: None):
        for _ in range(9):
            await tried.get()
            sleeper.turns.put_nowait(None)
    assert sleeper.asked[:9] == [0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0, 5.0, 5.0]


async def test_a_server_that_has_fallen_silent_is_noticed(database: Database, database_url: str) -> None:
    """Its machine has gone: nothing says that the connection is lost."""
    news: asyncio.Queue[None] = asyncio.Queue()
    sleeper = Sleeper()
    # One that is only slow is silent for less.
    wakeup = Wakeup(database_url, sleep=sleeper.sleep, keepalive_s=1.0, answer_within_s=3.0)
    async with running(wakeup, lambda: news.put_nowait(None)):
        await news.get()
        backend = await database.fetchval(f"SELECT pid {_BACKENDS}")
        os.kill(backend, signal.SIGSTOP)
        try:
            sleeper.turns.put_nowait(None)
            # Connected anew.
            await news.get()
        finally:
            os.kill(backend, signal.SIGCONT)
    assert sleeper.asked == [0.2]
