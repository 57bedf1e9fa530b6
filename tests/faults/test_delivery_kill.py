"""`kill -9` of the desk at every point of a delivery: what is owed arrives, and nothing twice without its mark."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from alerts.severity import Severity
from chatops.owed import Kind, Owed
from chatops.storage.database import Connection, Database
from tests.faults.desk import DeskFiles, wait_for_row
from tests.faults.owing import (
    REPEAT,
    as_shown,
    owed,
    row_of,
    shown,
    states,
    store,
    wait_for_state,
    wait_until_all_is_over,
)
from tests.faults.program import eventually
from tests.servers.telegram import (
    Chat,
    DropAfterAccept,
    StallAfterAccept,
    StallBeforeAccept,
    TelegramServer,
)

ANSWER = "alpha is well"
STOPPED = "the program stopped while this went out"
_WAITS_FOR_A_LOCK = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@dataclass(frozen=True)
class Rooms:
    """A chat for each kind of message, and behind each message a notice that has to stay behind it."""

    desk: DeskFiles
    emergency: Chat
    critical: Chat
    report: Chat
    card: Chat
    messages: tuple[Owed, ...]
    behind: tuple[Owed, ...]
    #: Lets go on what was held up.
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def platform(self) -> TelegramServer:
        return self.desk.platform

    @property
    def chats(self) -> tuple[Chat, ...]:
        return self.emergency, self.critical, self.report, self.card

    @property
    def by_owner(self) -> list[list[str]]:
        """What each chat shows now."""
        return [shown(chat) for chat in self.chats]

    @property
    def answers(self) -> list[tuple[bool, bool]]:
        """Of each message to Ada, whether it is the answer, and whether it is marked."""
        return [(ANSWER in text, REPEAT in text) for text in shown(self.desk.chat)]

    async def open_card(self, database: Database) -> None:
        """Have the card shown whose next state will be an edit; after a second it may be edited."""
        await store(database, owed(self.card, "Card of 12:00", Kind.NOTICE, card="c", in_place=True))
        await wait_for_row(database, "SELECT FROM deliveries WHERE sent_at < now() - interval '1 second'")

    async def owe(self, database: Database) -> None:
        """All of it, and Ada asks."""
        await store(database, *self.messages, *self.behind)
        await self.desk.chat.say(self.desk.ada, "/status")

    async def hold_up(self, database: Database, fault: StallBeforeAccept | StallAfterAccept) -> None:
        """Owe all of it, and wait until the first call to each chat is held up."""
        rules = [self.platform.fail(fault, chat=chat) for chat in (*self.chats, self.desk.chat)]
        await self.owe(database)
        await self.platform.wait_for(lambda: all(rule.met for rule in rules))

    async def all_accepted(self) -> None:
        """Wait until all chats show what is on its way."""

        def seen() -> bool:
            return all(shown(chat) for chat in (*self.chats, self.desk.chat)) and bool(self.card.from_bot[0].edits)

        await self.platform.wait_for(seen)


@pytest.fixture
def rooms(desk: DeskFiles) -> Rooms:
    desk.write("paper", more='scenario = "calm"\nspeed = 1')
    emergency, critical, report, card = (desk.platform.group(-number) for number in (201, 202, 203, 204))
    messages = (
        owed(emergency, "EMERGENCY: SOL-1", Kind.ALERT, Severity.EMERGENCY),
        owed(critical, "Critical: SOL-1", Kind.ALERT, Severity.CRITICAL),
        owed(report, "Report of the day", Kind.REPORT),
        owed(card, "Card of 12:01", Kind.NOTICE, card="c", in_place=True),
    )
    behind = tuple(owed(chat, "Notice", Kind.NOTICE) for chat in (emergency, critical, report, card))
    return Rooms(desk, emergency, critical, report, card, messages, behind)


@asynccontextmanager
async def started_again(rooms: Rooms) -> AsyncIterator[Database]:
    """The desk after a kill, when nothing is owed any more. Each notice came behind its message, once."""
    rooms.platform.heal()
    async with rooms.desk.gateway() as gateway, rooms.desk.database() as database:
        await wait_until_all_is_over(database)
        yield database
        assert await states(database, *rooms.behind) == ["sent"] * len(rooms.behind)
        assert "Traceback" not in gateway.said


NOTICE = as_shown("Notice")
EDITED = [as_shown("Card of 12:01"), NOTICE]


async def test_killed_when_the_rows_are_there_each_is_sent_once(rooms: Rooms) -> None:
    async with rooms.desk.gateway() as gateway, rooms.desk.database() as database:
        await rooms.open_card(database)
        await database.execute(
            "INSERT INTO delivery_chats (platform, chat) SELECT 'telegram', unnest($1::text[]) ON CONFLICT DO NOTHING",
            [str(chat.id) for chat in rooms.chats],
        )
        async with database.transaction() as connection:
            # Nobody takes a chat now, and Ada's ask is not put on record.
            await connection.execute("SELECT FROM delivery_chats FOR UPDATE")
            await connection.execute("LOCK TABLE command_log IN ACCESS EXCLUSIVE MODE")
            await rooms.owe(database)
            await wait_for_row(database, f"SELECT {_WAITS_FOR_A_LOCK}")
            await gateway.kill()
        # PostgreSQL records it for the dead.
        await wait_for_row(database, "SELECT FROM deliveries WHERE kind = 'answer'")
    async with started_again(rooms) as database:
        assert await states(database, *rooms.messages) == ["sent"] * 4
        assert rooms.by_owner == [
            [as_shown("EMERGENCY: SOL-1"), NOTICE],
            [as_shown("Critical: SOL-1"), NOTICE],
            [as_shown("Report of the day"), NOTICE],
            EDITED,
        ]
        # An answer is on its way from the moment that it is on record: nobody can say that it was not shown.
        assert rooms.answers == [(True, True)]


async def test_killed_when_they_are_claimed_only_the_urgent_and_the_answer_are_sent_again(rooms: Rooms) -> None:
    async with rooms.desk.gateway() as gateway, rooms.desk.database() as database:
        await rooms.open_card(database)
        await rooms.hold_up(database, StallBeforeAccept(rooms.released))
        assert await states(database, *rooms.messages) == ["sending"] * 4
        await gateway.kill()
    async with started_again(rooms) as database:
        assert await states(database, *rooms.messages) == ["sent", "sent", "ambiguous", "sent"]
        assert (await row_of(database, rooms.messages[2]))["reason"] == STOPPED
        assert rooms.by_owner == [
            [as_shown("EMERGENCY: SOL-1", REPEAT), NOTICE],
            [as_shown("Critical: SOL-1", REPEAT), NOTICE],
            [NOTICE],
            EDITED,
        ]
        assert rooms.answers == [(True, True)]


async def what_may_have_been_shown_is_marked(rooms: Rooms) -> None:
    async with started_again(rooms) as database:
        assert await states(database, *rooms.messages) == ["sent", "sent", "ambiguous", "sent"]
        assert rooms.by_owner == [
            [as_shown("EMERGENCY: SOL-1"), as_shown("EMERGENCY: SOL-1", REPEAT), NOTICE],
            [as_shown("Critical: SOL-1"), as_shown("Critical: SOL-1", REPEAT), NOTICE],
            [as_shown("Report of the day"), NOTICE],
            EDITED,
        ]
        assert len(rooms.card.from_bot[0].edits) == 1
        assert rooms.answers == [(True, False), (True, True)]


async def test_killed_when_the_bytes_are_out_what_goes_again_says_so(rooms: Rooms) -> None:
    async with rooms.desk.gateway() as gateway, rooms.desk.database() as database:
        await rooms.open_card(database)
        await rooms.hold_up(database, StallAfterAccept(rooms.released))
        await rooms.all_accepted()
        await gateway.kill()
    await what_may_have_been_shown_is_marked(rooms)


@asynccontextmanager
async def answered_and_not_noted(rooms: Rooms, database: Database) -> AsyncIterator[Connection]:
    """The desk has heard that Telegram has all of it, and waits to note that, until the block ends."""
    await rooms.open_card(database)
    await rooms.hold_up(database, StallAfterAccept(rooms.released))
    await rooms.all_accepted()
    async with database.transaction() as connection:
        await connection.execute("SELECT FROM deliveries WHERE state = 'sending' FOR UPDATE")
        rooms.released.set()

        async def all_wait() -> bool:
            return bool(await database.fetchval(f"SELECT count(*) = 5 {_WAITS_FOR_A_LOCK}"))

        await eventually(all_wait, "waiting for the rows")
        yield connection


async def test_killed_when_telegram_has_answered_and_before_that_is_noted_it_says_so(rooms: Rooms) -> None:
    async with (
        rooms.desk.gateway() as gateway,
        rooms.desk.database() as database,
        answered_and_not_noted(rooms, database) as connection,
    ):
        await gateway.kill()
        # Else PostgreSQL would note it for the dead.
        await connection.execute(f"SELECT pg_terminate_backend(pid, 5000) {_WAITS_FOR_A_LOCK}")
    await what_may_have_been_shown_is_marked(rooms)


async def test_what_postgresql_notes_for_the_dead_is_not_sent_again(rooms: Rooms) -> None:
    async with rooms.desk.gateway() as gateway, rooms.desk.database() as database:
        async with answered_and_not_noted(rooms, database):
            await gateway.kill()
        await wait_for_state(database, "sent", rooms.messages)
    async with started_again(rooms) as database:
        assert await states(database, *rooms.messages) == ["sent"] * 4
        assert rooms.by_owner == [
            [as_shown("EMERGENCY: SOL-1"), NOTICE],
            [as_shown("Critical: SOL-1"), NOTICE],
            [as_shown("Report of the day"), NOTICE],
            EDITED,
        ]
        assert rooms.answers == [(True, False)]


async def test_killed_while_it_waits_to_repeat_it_repeats_once(rooms: Rooms) -> None:
    async with rooms.desk.gateway() as gateway, rooms.desk.database() as database:
        # It is cut off, and no probe gets through: a repeat has to wait.
        rooms.platform.fail(DropAfterAccept(), method="sendMessage", chat=rooms.critical)
        rooms.platform.fail(DropAfterAccept(), method="getMe", times=None)
        await store(database, rooms.messages[1], rooms.behind[1])
        await wait_for_row(database, "SELECT FROM deliveries WHERE state = 'pending' AND repeat")
        await gateway.kill()
        rooms.platform.heal()
    async with rooms.desk.gateway(), rooms.desk.database() as database:
        await wait_until_all_is_over(database)
        assert shown(rooms.critical) == [as_shown("Critical: SOL-1"), as_shown("Critical: SOL-1", REPEAT), NOTICE]
