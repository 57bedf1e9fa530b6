"""PostgreSQL and Telegram go away under a desk that is a process, and come back: all that is owed arrives, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from alerts.severity import Severity
from bot_integration import ClosePosition, Outcome
from bot_integration.control import RemoteBot
from chatops.app import SPOOL
from chatops.notices.kinds import NoticeKind
from chatops.owed import Kind
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.views.format import when
from tests.chatops.storage.server import kill_server
from tests.faults.conftest import copy
from tests.faults.desk import BOT, DeskFiles, free_port, wait_for_row, wait_until_settled
from tests.faults.owing import (
    LATE,
    as_shown,
    owed,
    shown,
    states,
    store,
    wait_until_all_is_over,
)
from tests.faults.program import PATIENCE_S, eventually, program
from tests.servers.telegram import Chat, StallAfterAccept

ANSWER = "alpha is well"
POSITION = "SOL-1"
CLOSED = f"{POSITION} closed"


@dataclass(frozen=True)
class Place:
    """A desk, and a PostgreSQL beside it that comes and goes as the test wants."""

    desk: DeskFiles
    postgres: EmbeddedPostgres
    postgres_files: Path
    url: str
    port: int

    async def postgres_goes(self) -> None:
        """As the power takes it."""
        await kill_server(self.postgres_files)

    async def postgres_comes(self) -> None:
        await self.postgres.start()

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        async with Database.open(self.url, min_size=1, max_size=2) as database:
            yield database


async def ready(port: int, part: str, words: str, *, is_well: bool) -> None:
    """Wait until /readyz says these words of a part, and that it is well or not."""

    async def look() -> bool:
        async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/readyz") as answer:
            said = await answer.json()
            assert answer.status == (200 if said["ready"] else 503)
            found = said["parts"][part]
            return found["ok"] is is_well and words in found["detail"]

    await eventually(look, f"{part} well: {is_well}")


@pytest.fixture
async def place(new_desk: DeskFiles, made: Path) -> AsyncIterator[Place]:
    files = new_desk.folder / "beside"
    copy(made, files)
    postgres, port = EmbeddedPostgres(files), free_port()
    url = await postgres.start()
    new_desk.data_dir.mkdir()
    yield Place(new_desk, postgres, files, url, port)
    await postgres.stop()


@pytest.fixture
def calm(place: Place) -> Place:
    """With a paper bot of its own."""
    place.desk.write("paper", more=f'scenario = "calm"\nspeed = 1\n[database]\nurl = "{place.url}"', port=place.port)
    return place


async def test_postgresql_killed_in_the_middle_of_sends_loses_and_doubles_nothing(calm: Place) -> None:
    desk, platform = calm.desk, calm.desk.platform
    chats = [platform.group(-number) for number in (401, 402, 403)]
    critical, report, notice = chats
    messages = (
        owed(critical, "Critical: SOL-1", Kind.ALERT, Severity.CRITICAL),
        owed(report, "Report of the day", Kind.REPORT),
        owed(notice, "Notice", Kind.NOTICE),
    )
    behind = [owed(chat, "Behind", Kind.NOTICE) for chat in chats]
    later = [owed(chat, "Later", Kind.NOTICE) for chat in chats]
    released = asyncio.Event()
    async with desk.gateway() as gateway:
        async with calm.database() as database:
            for chat in chats:
                platform.fail(StallAfterAccept(released), chat=chat)
            await store(database, *messages, *behind)
            await platform.wait_for(lambda: all(shown(chat) for chat in chats))
            await calm.postgres_goes()
        released.set()
        await gateway.says("is noted aside", times=3)
        await ready(calm.port, "database", "PostgreSQL does not answer", is_well=False)
        await desk.chat.say(desk.ada, "/status")
        await calm.postgres_comes()
        await ready(calm.port, "database", "answers", is_well=True)
        await desk.hears(ANSWER)
        async with calm.database() as database:
            await store(database, *later)
            await wait_until_settled(database)
            assert await states(database, *messages, *behind, *later) == ["sent"] * 9
        gateway.terminate()
        assert await gateway.ends() == 0, gateway.said
        assert "Traceback" not in gateway.said
    assert [shown(chat) for chat in chats] == [
        [as_shown("Critical: SOL-1"), as_shown("Behind"), as_shown("Later")],
        [as_shown("Report of the day"), as_shown("Behind"), as_shown("Later")],
        [as_shown("Notice"), as_shown("Behind"), as_shown("Later")],
    ]
    assert len(desk.chat.from_bot) == 1


async def test_after_a_restart_of_postgresql_no_second_desk_comes_in(calm: Place) -> None:
    second = DeskFiles(calm.desk.folder / "second", calm.desk.platform, calm.desk.ada, calm.desk.chat)
    second.folder.mkdir()
    second.data_dir.mkdir()
    second.write("paper", more=f'[database]\nurl = "{calm.url}"')
    async with calm.desk.gateway() as first:
        await calm.postgres_goes()
        await calm.postgres_comes()
        await first.says("the database is claimed again")
        async with program("run", "-c", str(second.settings)) as other:
            assert await other.ends() == 1
            assert "Another desk uses this database" in other.said
            assert "Traceback" not in other.said


async def test_a_desk_whose_database_another_took_meanwhile_stops_and_says_so(calm: Place) -> None:
    async with calm.desk.gateway() as first:
        await calm.postgres_goes()
        await first.says("the claim on the database went with its connection")
        # Another has it before ours is back: for us that is nobody's desk, but a lock.
        await calm.postgres_comes()
        async with calm.database() as database, database.acquire() as connection:
            while not await connection.fetchval("SELECT pg_try_advisory_lock(x'6465636b'::bigint)"):
                await connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE application_name = 'quarterdeck claim'"
                )
            assert await first.ends() == 1
            assert "Another desk took this database" in first.said
            assert "Traceback" not in first.said


#: It hears of what is closed alone.
ROOM = f"""
[[rooms]]
name = "told"
platform = "telegram"
id = "-404"
receives = ["notices"]
notices = {{ {", ".join(f'{kind} = "off"' for kind in NoticeKind if kind is not NoticeKind.CLOSED)} }}
"""


@asynccontextmanager
async def with_a_bot(place: Place) -> AsyncIterator[RemoteBot]:
    """A bot in a process of its own, which goes on trading whatever becomes of the desk."""
    socket = place.desk.folder / "bot.sock"
    place.desk.write(f"unix://{socket}", more=f'[database]\nurl = "{place.url}"{ROOM}', port=place.port)
    paper = program("paper", "--listen", f"unix:{socket}", "--name", BOT, "--speed", "1", "--scenario", "calm")
    async with paper as running, AsyncExitStack() as stack:
        await running.says("trades on paper")
        yield await stack.enter_async_context(RemoteBot(BOT, f"unix://{socket}"))


async def answered_and_noted(place: Place) -> None:
    """Ada asks; afterwards nothing is on its way."""
    await place.desk.hears_after("/status", ANSWER)
    async with place.database() as database:
        await wait_until_settled(database)


async def until_noted_on_disk(desk: DeskFiles, count: int) -> None:
    """Wait until the desk has noted that so many have arrived."""
    spool = desk.data_dir / SPOOL

    async def look() -> bool:
        return (await asyncio.to_thread(spool.read_bytes)).count(b'"sent"') == count

    await eventually(look, "noting on disk")


def titles(chat: Chat) -> list[str]:
    """The first words of all that the bot shows there, without figures."""
    return [text.partition("\n")[0].partition(":")[0] for text in shown(chat)]


def told_once(chat: Chat) -> bool:
    """Whether the close was told, and at most that it was closed "while I was away" again.

    What was told is kept in the database: killed while that was away, the desk knows of it no more.
    """
    first, *later = titles(chat)
    # Of a bot in another process a slow machine may hear only that it is gone.
    is_told = first == CLOSED or first.startswith("SOL-1 is gone")
    return is_told and set(later) <= {"SOL-1 was closed while I was away"}


async def close(bot: RemoteBot, position: str) -> None:
    command = ClosePosition(
        id=uuid4(), by="test", not_after=datetime.now(UTC) + timedelta(seconds=30), position_id=position
    )
    assert (await bot.execute(command)).outcome is Outcome.DONE


async def test_what_went_out_without_postgresql_does_not_go_again_after_a_kill(place: Place) -> None:
    desk, told = place.desk, place.desk.platform.group(-404)
    async with with_a_bot(place) as bot:
        async with desk.gateway() as gateway:
            await answered_and_noted(place)
            await place.postgres_goes()
            await close(bot, POSITION)
            await told.next_message(POSITION, timeout_s=PATIENCE_S)
            await until_noted_on_disk(desk, 1)
            await gateway.kill()
        # Of one that lives nobody can say how far it comes with this.
        await desk.chat.say(desk.ada, "/status")
        await place.postgres_comes()
        async with desk.gateway() as gateway, place.database() as database:
            await desk.hears(ANSWER)
            await wait_until_settled(database)
            await gateway.says("carried 1 messages into the database")
            assert await database.fetch("SELECT state, reason FROM deliveries WHERE state <> 'sent'") == []
    assert told_once(told)
    # What she asked meanwhile is answered too, once.
    assert titles(desk.chat) == [ANSWER, ANSWER]


async def test_killed_while_a_notice_goes_out_without_postgresql_it_is_not_sent_again(place: Place) -> None:
    desk, told = place.desk, place.desk.platform.group(-404)
    async with with_a_bot(place) as bot:
        async with desk.gateway() as gateway:
            await answered_and_noted(place)
            stalled = desk.platform.fail(StallAfterAccept(asyncio.Event()), chat=told)
            await place.postgres_goes()
            await close(bot, POSITION)
            await told.next_message(POSITION, timeout_s=PATIENCE_S)
            assert stalled.met == 1
            await gateway.kill()
        await place.postgres_comes()
        async with desk.gateway(), place.database() as database:
            await desk.hears_after("/status", ANSWER)
            await wait_until_settled(database)
            rows = await database.fetch("SELECT state, reason FROM deliveries WHERE kind = 'notice' ORDER BY seq")
            assert tuple(rows[0]) == ("ambiguous", "the program stopped while this went out")
    assert told_once(told)
    assert titles(desk.chat) == [ANSWER, ANSWER]


#: So often something was tried, and nothing is on its way.
TRIED = "SELECT FROM deliveries HAVING sum(attempts) >= {} AND count(*) FILTER (WHERE state = 'sending') = 0"


async def test_telegram_away_while_the_desk_is_killed_twice_all_goes_out_in_order_and_marked_late(
    desk: DeskFiles,
) -> None:
    port, platform, chat = free_port(), desk.platform, desk.platform.group(-405)
    desk.write("paper", more='scenario = "calm"\nspeed = 1', port=port)

    def ago(minutes: int) -> timedelta:
        return timedelta(minutes=minutes)

    first = [
        owed(chat, "Critical 1", Kind.ALERT, Severity.CRITICAL, age=ago(59)),
        owed(chat, "Report of the day", Kind.REPORT, age=ago(55)),
        owed(chat, "Drift", Kind.ALERT, Severity.WARNING, card="drift", age=ago(50)),
    ]
    second = [
        owed(chat, "Critical 2", Kind.ALERT, Severity.CRITICAL, age=ago(40)),
        owed(chat, "EMERGENCY", Kind.ALERT, Severity.EMERGENCY, age=ago(30)),
        owed(chat, "Drift is over", Kind.ALERT, Severity.WARNING, card="drift", ends=True, age=ago(20)),
    ]
    async with desk.gateway() as gateway, desk.database() as database:
        await gateway.says("telegram: connected")
        await platform.stop_listening()
        await store(database, *first)
        await wait_for_row(database, TRIED.format(1))
        await gateway.kill()
    async with desk.gateway() as gateway, desk.database() as database:
        await store(database, *second)
        await wait_for_row(database, TRIED.format(2))
        await gateway.kill()
    async with desk.gateway() as gateway, desk.database() as database:
        await gateway.says("telegram: nobody is heard")
        await ready(port, "telegram", "s: Telegram cannot be reached", is_well=False)
        third = owed(chat, "Critical 3", Kind.ALERT, Severity.CRITICAL)
        await store(database, third)
        await platform.start_listening()
        await wait_until_all_is_over(database)
        await gateway.says("telegram: reached again after")
        await ready(port, "telegram", "connected for ", is_well=True)
        assert await states(database, *first, *second, third) == [
            *("sent", "sent", "folded"),
            *("sent", "sent", "folded"),
            "sent",
        ]
    fired, over = (when(one.created_at, datetime.now(UTC)) for one in (first[2], second[2]))
    assert shown(chat) == [
        as_shown("EMERGENCY", LATE),
        as_shown("Critical 1", LATE),
        as_shown("Critical 2", LATE),
        as_shown("Critical 3"),
        as_shown("Drift is over", f"{LATE}\n\nFired {fired}, over {over}."),
        as_shown("Report of the day", LATE),
    ]
    assert desk.chat.from_bot == []
