"""`kill -9` of the desk a hundred times at random, while rooms are owed messages without end: none is lost, none is
sent twice unless it says so, each room has them in order.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Self

from alerts.severity import Severity
from chatops.adapters.telegram.render import render
from chatops.owed import Kind, Lane, Owed, State
from chatops.payload import posting_of
from chatops.storage.database import Database
from tests.examples import examples
from tests.faults.desk import DeskFiles, wait_until_settled
from tests.faults.owing import owed, store, without_mark
from tests.faults.program import Program, program
from tests.servers.telegram import Chat, DropAfterAccept

KILLS = examples(200)
LONG_S = 300.0
#: The desk's own alerts, of what these stories do to it, would stand among what the streams owe.
NO_ALERTS = "".join(f"[alerts.rules.{rule}]\non = false\n" for rule in ("delivery_old", "stale_data", "watch_late"))
#: How much a stream owes.
MOST = 400
#: What is owed, and how often of a hundred; the rest are states of a card.
WHAT = (
    (Kind.ALERT, Severity.EMERGENCY, 15),
    (Kind.ALERT, Severity.CRITICAL, 25),
    (Kind.ALERT, Severity.WARNING, 20),
    (Kind.NOTICE, Severity.INFO, 15),
    (Kind.REPORT, Severity.INFO, 10),
)
#: So many of a hundred go again until they arrive: the first two.
URGENT = 40


class Stream:
    """Owes `MOST` messages to four rooms, each with words of its own; Ada asks something now and then.

    One of them is told nothing urgent: what is not goes out there however much of the other waits elsewhere.
    """

    def __init__(self, desk: DeskFiles, database: Database, chance: Random, *, between_s: float) -> None:
        self._desk = desk
        self._between_s = between_s
        self._database = database
        self._chance = chance
        self.groups = [desk.platform.group(-number) for number in (301, 302, 303, 304)]
        #: How many words of Ada's.
        self.asked = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._owe_away())
        return self

    async def __aexit__(self, *why: object) -> None:
        await self.stops()

    async def goes_on(self, seconds: float) -> None:
        """Let it, for so long."""
        await asyncio.wait([self._task], timeout=seconds)
        if self._task.done():
            self._task.result()

    async def stops(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _owe_away(self) -> None:
        # On a slow machine the kills take longer: no more is owed than the limits of three groups let out soon after.
        for number in range(1, MOST + 1):
            await store(self._database, self._next(number))
            if number % 4 == 0:
                self.asked += 1
                await self._desk.chat.say(self._desk.ada, f"/zq{number}")
            if number % 25 == 0:
                self._desk.platform.fail(DropAfterAccept(), chat=self._chance.choice(self.groups))
            await asyncio.sleep(self._between_s)
        await asyncio.Event().wait()

    def _next(self, number: int) -> Owed:
        chat = self._chance.choice(self.groups)
        left = self._chance.randrange(URGENT if chat is self.groups[-1] else 0, 100)
        for kind, severity, share in WHAT:
            if left < share:
                return owed(chat, f"{severity} {kind} {number}", kind, severity)
            left -= share
        return owed(chat, f"State {number}", Kind.NOTICE, card="card", in_place=True)


class Desks:
    """Desks that are killed as soon as they run."""

    def __init__(self, forks: Program) -> None:
        self._forks = forks
        self._count = 0
        self._running: int | None = None

    async def begin(self) -> int:
        self._count += 1
        self._forks.type("\n")
        await self._forks.says("begun ", times=self._count)
        self._running = int(self._forks.said.rpartition("begun ")[2].split()[0])
        return self._running

    async def kill(self, pid: int) -> None:
        self.let_none_live()
        await self._forks.says(f"ended {pid}\n")

    def let_none_live(self) -> None:
        """Kill the one that runs: left alone it would hold the output open, for which its starter waits."""
        if self._running is not None:
            os.kill(self._running, signal.SIGKILL)
            self._running = None


@asynccontextmanager
async def desks(settings: Path) -> AsyncIterator[Desks]:
    root = Path(__file__).parents[2]
    async with program(str(settings), module=("-m", "tests.faults.forks"), cwd=root) as forks:
        some = Desks(forks)
        try:
            yield some
        finally:
            some.let_none_live()
        forks.close_input()
        assert "Traceback" not in forks.said, forks.said


@dataclass(frozen=True)
class Row:
    """A delivery, and the text that it has without a mark."""

    room: str
    text: str
    kind: Kind
    severity: Severity
    lane: Lane
    state: State
    repeat: bool
    in_place: bool
    attempts: int
    reason: str | None


@dataclass(frozen=True)
class Showing:
    """A text that was in a chat, as a message or by an edit."""

    room: str
    text: str
    is_repeat: bool
    is_edit: bool


async def all_rows(database: Database) -> list[Row]:
    """In the order in which they were owed; what stands for others has the place of the first of them, and is newer."""
    return [
        Row(
            row["room"],
            render(posting_of({**row["payload"], "attachment": None})).text,
            Kind(row["kind"]),
            Severity(row["severity"]),
            Lane(row["lane"]),
            State(row["state"]),
            row["repeat"],
            row["in_place"],
            row["attempts"],
            row["reason"],
        )
        for row in await database.fetch("SELECT * FROM deliveries ORDER BY seq, id")
    ]


def showings(chat: Chat) -> Iterator[Showing]:
    """Whatever it showed, the oldest message first."""
    for message in chat.from_bot:
        for number, form in enumerate((*message.edits, message)):
            text, is_repeat = without_mark(form.text)
            yield Showing(str(chat.id), text, is_repeat, is_edit=number > 0)


def what_became_of(rows: list[Row], chats: list[Chat]) -> None:
    """All are over, with a reason where they did not arrive; none is shown twice unmarked, each lane in its order."""
    seen = [one for chat in chats for one in showings(chat)]
    # Of states of one card that waited together the newest stands for all: it reads like the one that it folded.
    folded = {(row.room, row.text): row for row in rows if row.state is State.FOLDED}
    known = Counter((row.room, row.text) for row in rows if row.state is not State.FOLDED)
    assert [one for one in seen if (one.room, one.text) not in known.keys() | folded.keys()] == []
    assert [one for one, count in known.items() if count > 1] == []
    # Each arrives once, and what comes again says so.
    plainly = Counter((one.room, one.text) for one in seen if not one.is_repeat)
    assert [text for text, count in plainly.items() if count > 1] == []
    by_text = folded | {(row.room, row.text): row for row in rows if row.state is not State.FOLDED}
    assert [one for one in seen if one.is_repeat and not by_text[one.room, one.text].repeat] == []
    # What is called sent was shown, and what was not says why not.
    everything = {(one.room, one.text) for one in seen}
    assert {row.state for row in rows} <= {State.SENT, State.FOLDED, State.AMBIGUOUS}
    assert [row for row in rows if row.state is State.SENT and (row.room, row.text) not in everything] == []
    assert [row for row in rows if row.state is not State.SENT and not row.reason] == []
    # The urgent and answers go again until they arrive.
    assert [row for row in rows if row.state is State.AMBIGUOUS and (row.lane <= Lane.ANSWER)] == []
    for room in {row.room for row in rows}:
        # Answers come as they are ready.
        for lane in set(Lane) - {Lane.ANSWER}:
            owed_so = [row.text for row in rows if (row.room, row.lane, row.in_place) == (room, lane, False)]
            shown_so = list(dict.fromkeys(one.text for one in seen if one.room == room and one.text in set(owed_so)))
            assert shown_so == [text for text in owed_so if text in set(shown_so)]


async def was_worth_it(database: Database) -> bool:
    """Whether some were cut off where nobody knows if they were shown, of those that go again and the others."""
    return bool(await database.fetchval("SELECT bool_or(repeat) AND bool_or(state = 'ambiguous') FROM deliveries"))


def sent(desk: DeskFiles) -> int:
    """How often it has come to Telegram with a message."""
    return len(desk.platform.calls_of("sendMessage"))


def has_sent_more(desk: DeskFiles, before: int) -> bool:
    return sent(desk) > before


async def test_killed_two_hundred_times_at_random_all_arrives_and_nothing_twice_unmarked(
    new_desk: DeskFiles, database: Database, database_url: str
) -> None:
    chance = Random(20261121)
    new_desk.data_dir.mkdir()
    new_desk.write("paper", more=f'scenario = "calm"\nspeed = 1\n[database]\nurl = "{database_url}"\n{NO_ALERTS}')
    async with desks(new_desk.settings) as some, Stream(new_desk, database, chance, between_s=0.07) as stream:
        for _ in range(KILLS):
            pid = await some.begin()
            await stream.goes_on(chance.uniform(0.0, 0.4))
            await some.kill(pid)
        # On a slow machine most are killed before they send anything: then some more, once they do.
        async with asyncio.timeout(LONG_S):
            while not await was_worth_it(database):
                before = sent(new_desk)
                pid = await some.begin()
                await new_desk.platform.wait_for(partial(has_sent_more, new_desk, before), timeout_s=LONG_S)
                await some.kill(pid)
        await stream.stops()
        new_desk.platform.heal()
        pid = await some.begin()
        await new_desk.platform.wait_for(lambda: not new_desk.platform.updates.pending, timeout_s=LONG_S)
        await wait_until_settled(database, within_s=LONG_S)
        await some.kill(pid)
    rows = await all_rows(database)
    assert len([row for row in rows if row.kind is Kind.ANSWER]) == stream.asked
    what_became_of(rows, [*stream.groups, new_desk.chat])
    assert any(row.repeat for row in rows)
    assert any(row.state is State.AMBIGUOUS for row in rows)


async def test_a_whole_desk_killed_ten_times_at_random_loses_nothing_either(desk: DeskFiles) -> None:
    chance = Random(20261122)
    desk.write("paper", more=f'scenario = "calm"\nspeed = 1\n{NO_ALERTS}')
    async with AsyncExitStack() as stack:
        async with desk.gateway() as gateway:
            # Its PostgreSQL lives on, whoever has it.
            database = await stack.enter_async_context(desk.database())
            stream = await stack.enter_async_context(Stream(desk, database, chance, between_s=0.35))
            await stream.goes_on(chance.uniform(0.2, 0.8))
            await gateway.kill()
        for _ in range(9):
            async with program("run", "-c", str(desk.settings)) as gateway:
                await gateway.says(chance.choice(("", "the desk main is open", "telegram: connected")))
                await stream.goes_on(chance.uniform(0.0, 0.6))
                await gateway.kill()
        await stream.stops()
        desk.platform.heal()
        async with desk.gateway():
            await desk.platform.wait_for(lambda: not desk.platform.updates.pending, timeout_s=LONG_S)
            await wait_until_settled(database, within_s=LONG_S)
        rows = await all_rows(database)
        assert len([row for row in rows if row.kind is Kind.ANSWER]) == stream.asked
        what_became_of(rows, [*stream.groups, desk.chat])
