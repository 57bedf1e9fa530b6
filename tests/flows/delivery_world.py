"""The outbox between a real database and the strict platform, under a clock that moves only when nothing else does.

The platform is Telegram's, whose limits are the narrower ones; the same outbox on Slack is in `tests/faults`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any
from uuid import UUID

from alerts.severity import Severity
from chatops.adapters.base import Ability, Adapter, Pace
from chatops.adapters.telegram.adapter import PACE
from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.outbound import Outbound
from chatops.adapters.telegram.render import parts
from chatops.drafts import Draft
from chatops.ids import uuid7
from chatops.messages import Message, Paragraph, Posting
from chatops.outbox import Outbox
from chatops.owed import Kind, State
from chatops.people import Identity
from chatops.room import Room
from chatops.storage.database import Connection, Database, Record
from chatops.storage.deliveries import Deliveries
from chatops.storage.delivery_rows import row_of
from chatops.storage.spool import Spool
from tests.flows.conftest import Clock
from tests.flows.patient_request import PatientRequest
from tests.servers.telegram import Chat, TelegramServer

PATIENCE_S = 30.0
#: Turns of the loop in which nothing may happen before all is called quiet.
QUIET_TURNS = 12


class StepClock(Clock):
    """A clock of which one can ask when the next alarm is set for."""

    async def wait(self, seconds: float) -> None:
        # Moments are whole microseconds: rounded down, a wait could end before what it is for.
        await super().wait(ceil(seconds * 1e6) / 1e6)

    @property
    def next_alarm(self) -> datetime | None:
        return min((at for at, alarm in self._alarms if not alarm.done()), default=None)

    def forget(self) -> None:
        """Whoever waited has gone."""
        self._alarms.clear()

    def pass_to(self, moment: datetime) -> None:
        self.pass_by(seconds=0)
        if moment > self.moment:
            self.moment = moment
            self.pass_by(seconds=0)


class Watch:
    """How much is on its way to the database, the disk and the platform, which answer in their own time."""

    def __init__(self) -> None:
        self._under_way = 0
        self._begun = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        self._under_way += 1
        self._begun += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def quiet(self) -> None:
        """Wait until whoever still runs waits for the clock, or for news."""
        async with asyncio.timeout(PATIENCE_S):
            turns, begun = 0, self._begun
            while turns < QUIET_TURNS:
                if self._under_way or begun != self._begun:
                    turns, begun = 0, self._begun
                    await asyncio.sleep(0.0005)
                else:
                    turns += 1
                    await asyncio.sleep(0)


class WatchedDatabase(Database):
    """The same database, whose answers are waited for."""

    def __init__(self, database: Database, watch: Watch) -> None:
        super().__init__(database._pool, database.url)
        self._database = database
        self._watch = watch

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        with self._watch.one():
            async with self._database.acquire() as connection:
                yield connection


class WatchedSpool(Spool):
    """The same file, whose writes are waited for."""

    def __init__(self, path: Path, watch: Watch) -> None:
        super().__init__(path)
        self._watch = watch

    async def _append(self, fact: Any) -> None:
        with self._watch.one():
            await super()._append(fact)

    async def read(self) -> Any:
        with self._watch.one():
            return await super().read()

    async def clear(self, refused: Collection[UUID] = ()) -> None:
        with self._watch.one():
            await super().clear(refused)


class WayOut:
    """The real way out to Telegram, and only that."""

    platform = "telegram"

    def __init__(self, server: TelegramServer, watch: Watch, pace: Pace = PACE) -> None:
        self.request = PatientRequest(server)
        self.api = BotApi(self.request, server.base_url, server.token)
        self.pace = pace
        self._outbound = Outbound(self.api)
        self._watch = watch

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset()

    def is_group(self, chat: str) -> bool:
        return chat.startswith("-")

    def direct(self, identity: Identity) -> Room:
        return Room(self.platform, identity.id)

    def is_private(self, chat: str) -> bool:
        return not self.is_group(chat)

    def invitation(self, code: str) -> str | None:
        return None

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        return parts(posting)

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        with self._watch.one():
            return await self._outbound.send(room, posting, reply_to=reply_to, plain=plain)

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        with self._watch.one():
            return await self._outbound.edit(room, message_id, posting, plain=plain)

    async def probe(self) -> None:
        with self._watch.one():
            await self._outbound.probe()

    async def pin(self, room: Room, message_id: str) -> None:
        await self._outbound.pin(room, message_id)

    async def unpin(self, room: Room, message_id: str) -> None:
        await self._outbound.unpin(room, message_id)

    async def delete(self, room: Room, message_id: str) -> None:
        await self._outbound.delete(room, message_id)


class Delivery:
    """All that a story of delivery needs."""

    def __init__(self, server: TelegramServer, database: Database, clock: StepClock, spool: Path) -> None:
        self.server = server
        self.clock = clock
        self.watch = Watch()
        self.database = WatchedDatabase(database, self.watch)
        self.spool = spool
        self.way = WayOut(server, self.watch)
        #: Of the run that was built last.
        self.sender = uuid7()
        #: Other platforms, and the rooms that are told when one is away.
        self.others: list[Adapter] = []
        self.rooms: list[Room] = []
        #: What stores them; a story may give one of which a step is broken.
        self.storing: type[Deliveries] = Deliveries
        self.jitter: Callable[[], float] = lambda: 0.0
        #: What came of how many, and the chats that got another id, as those are told who count and follow.
        self.counted: Counter[State] = Counter()
        self.moves: list[tuple[str, str, str]] = []

    def build(self) -> Outbox:
        """Another run of the program's outbox, on the same database and disk."""
        self.sender = uuid7()
        return Outbox(
            [self.way, *self.others],
            self.storing(self.database, self.sender),
            WatchedSpool(self.spool, self.watch),
            now=self.clock,
            confirm_within=timedelta(seconds=60),
            rooms=self.rooms,
            monotonic=lambda: self.clock().timestamp(),
            sleep=self.clock.wait,
            jitter=self.jitter,
            counted=lambda _, state: self.counted.update([state]),
            moved=lambda *move: self.moves.append(move),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Outbox]:
        """An outbox that sends, after it has taken stock of what an earlier one left."""
        outbox = self.build()
        await outbox.take_stock()
        async with outbox.open():
            yield outbox

    # How time goes by.

    async def quiet(self) -> None:
        """Let all that can happen now happen."""
        await self.watch.quiet()

    async def until(self, so: Callable[[], object], *, within_s: float = 600.0) -> None:
        """Let time go by, from alarm to alarm, until it is so."""
        end = self.clock() + timedelta(seconds=within_s)
        await self.quiet()
        while not so():
            alarm = self.clock.next_alarm
            assert alarm is not None, f"it will never come to it\n{self.server.picture()}"
            assert alarm <= end, f"it did not come to it\n{self.server.picture()}"
            self.clock.pass_to(alarm)
            await self.quiet()

    async def pass_by(self, seconds: float) -> None:
        """Let so much time go by, and whatever comes due in it happen at its moment."""
        end = self.clock() + timedelta(seconds=seconds)
        await self.quiet()
        while (alarm := self.clock.next_alarm) is not None and alarm <= end:
            self.clock.pass_to(alarm)
            await self.quiet()
        self.clock.pass_to(end)
        await self.quiet()

    # What became of it.

    def shown(self) -> dict[int, list[str]]:
        """Everything that any chat shows, on one line each; chats that show nothing left out."""
        all_of_them = {chat.id: texts(chat) for chat in self.server.chats}
        return {chat: shown for chat, shown in all_of_them.items() if shown}

    async def rows(self) -> list[Record]:
        """Everything that was ever owed, in its order."""
        return await self.database.fetch("SELECT * FROM deliveries ORDER BY seq, id")

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def row(self, delivery: UUID) -> Record:
        row = await self.database.fetchrow("SELECT * FROM deliveries WHERE id = $1", delivery)
        assert row is not None
        return row


def room(chat: Chat, topic: int | None = None) -> Room:
    return Room("telegram", str(chat.id), "" if topic is None else str(topic))


async def recorded(
    world: Delivery, outbox: Outbox, where: Room, said: str | Message, replaces: str | None = None
) -> Draft:
    """An answer that is on record, and about to be shown."""
    message = says(said) if isinstance(said, str) else said
    draft = outbox.draft(message, where, asker=None, command_id=uuid7(), replaces=replaces)
    rows = [{**row_of(one), "claimed_by": str(world.sender)} for one in draft.owed]
    await world.database.fetchval("SELECT record(NULL, NULL, '[]', NULL, $1, NULL, NULL)", rows)
    return draft


def says(title: str, *more: str) -> Message:
    return Message(title, tuple(Paragraph(one) for one in more))


def texts(chat: Chat) -> list[str]:
    """What the program shows there, each message on one line."""
    return [" / ".join(line for line in one.text.splitlines() if line) for one in chat.from_bot]


async def owe_all(outbox: Outbox, where: Room, titles: Sequence[str], severity: Severity = Severity.INFO) -> list[UUID]:
    """Alerts, owed one after the other."""
    return [await outbox.owe(says(title), where, kind=Kind.ALERT, severity=severity) for title in titles]
