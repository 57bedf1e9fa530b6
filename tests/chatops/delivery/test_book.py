"""What is owed while the database, or the disk, is not there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from alerts.severity import Severity
from chatops.delivery.aside import Allowed
from chatops.delivery.book import LOOK_EVERY_S, Book
from chatops.delivery.endings import Ends, Sent, Waits
from chatops.owed import Owed, State
from chatops.storage.database import Connection, Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.errors import DatabaseAway
from chatops.storage.spool import Spool
from tests.chatops.storage.owing import owe, stored
from tests.flows.delivery_world import StepClock

ALL = Allowed(16)


class Line(Database):
    """The way to a real database, which can be cut, before a statement or before its answer."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._pool, database.url)
        self._real = database
        self.is_cut = False
        self.loses_answers = False
        self.asked = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        self.asked += 1
        if self.is_cut:
            raise DatabaseAway("cut")
        async with self._real.acquire() as connection:
            yield connection
        if self.loses_answers:
            raise DatabaseAway("the answer was lost")


class Story:
    """A book, and what it is about."""

    def __init__(self, database: Database, spool: Path) -> None:
        self.database = database
        self.line = Line(database)
        self.clock = StepClock()
        self.deliveries = Deliveries(self.line, uuid4())
        self.spool = spool
        self.book = Book(self.deliveries, Spool(spool), now=self.clock, sleep=self.clock.wait)

    def dies(self) -> None:
        """And another one begins on the same disk and database."""
        self.__init__(self.database, self.spool)  # type: ignore[misc]

    async def claim(self) -> list[str]:
        return titles([one.owed for one in (await self.book.claim("telegram", ALL)).claimed])

    async def send(self) -> list[str]:
        """Claim what may go out, and send it."""
        claimed = (await self.book.claim("telegram", ALL)).claimed
        for one in claimed:
            await self.book.note(one.owed, Sent("700"))
        return titles([one.owed for one in claimed])

    async def state(self, delivery: UUID) -> str:
        return str((await stored(self.database, delivery))["state"])


def titles(owed: list[Owed]) -> list[str]:
    return [one.posting.message.title for one in owed]


@pytest.fixture
async def story(database: Database, tmp_path: Path) -> Story:
    story = Story(database, tmp_path / "spool")
    await story.book.carry()
    return story


async def test_what_is_owed_while_the_database_is_away_goes_out_and_is_carried_into_it(story: Story) -> None:
    sent, waits = owe("sent", chat="-1"), owe("waits", chat="-2")
    story.line.is_cut = True
    await story.book.owe([sent, waits])
    first, second = (await story.book.claim("telegram", ALL)).claimed
    await story.book.note(first.owed, Sent("700"))
    await story.book.note(second.owed, Waits("paused", 30))
    assert await story.claim() == []
    story.line.is_cut = False
    await story.book.carry()
    assert (await story.state(sent.id), await story.state(waits.id)) == ("sent", "pending")
    assert await story.send() == ["waits"]
    assert story.spool.read_bytes() == b""


async def test_nobody_but_one_asks_a_database_that_failed(story: Story) -> None:
    story.line.is_cut = True
    await story.book.owe([owe("the first finds out")])
    asked = story.line.asked
    for number in range(5):
        await story.book.owe([owe(f"{number}", chat=f"-{number}", severity=Severity.EMERGENCY)])
    assert len(await story.send()) == 6
    assert story.line.asked == asked


async def test_it_is_looked_for_by_itself_and_told_of(story: Story) -> None:
    story.line.is_cut = True
    await story.book.owe([owe("owed")])
    back = asyncio.Event()
    looking = asyncio.create_task(story.book.run(back.set))
    async with asyncio.timeout(30):
        # The disk takes its time before there is anything to wait for.
        while story.clock.next_alarm is None:  # noqa: ASYNC110 - a clock sets no event
            await asyncio.sleep(0.001)
    story.line.is_cut = False
    assert not back.is_set()
    story.clock.pass_by(seconds=LOOK_EVERY_S)
    async with asyncio.timeout(30):
        await back.wait()
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert await story.send() == ["owed"]


async def test_what_is_on_its_way_from_the_disk_arrives_before_the_table_is_asked_again(story: Story) -> None:
    alarm = owe("HF 0.14", severity=Severity.CRITICAL)
    story.line.is_cut = True
    await story.book.owe([alarm, owe("later", chat="-2")])
    (claimed, _) = (await story.book.claim("telegram", ALL)).claimed
    story.line.is_cut = False
    with pytest.raises(DatabaseAway, match="has to arrive first"):
        await story.book.carry()
    # And nothing more is begun meanwhile.
    await story.book.owe([owe("even later", chat="-3")])
    assert await story.claim() == []
    await story.book.note(claimed.owed, Sent("700"))


async def test_stored_without_an_answer_it_is_sent_once(story: Story) -> None:
    alarm = owe("HF 0.14", severity=Severity.CRITICAL)
    story.line.loses_answers = True
    await story.book.owe([alarm])
    assert await story.state(alarm.id) == "pending"
    assert await story.send() == ["HF 0.14"]
    story.line.loses_answers = False
    await story.book.carry()
    assert await story.state(alarm.id) == "sent"
    assert await story.claim() == []


async def test_claimed_without_an_answer_it_waits_again_unmarked(story: Story) -> None:
    await story.book.owe([owe("HF 0.14")])
    story.line.loses_answers = True
    assert await story.claim() == []
    story.line.loses_answers = False
    await story.book.carry()
    (claimed,) = (await story.book.claim("telegram", ALL)).claimed
    assert (claimed.owed.posting.message.title, claimed.repeat, claimed.attempts) == ("HF 0.14", False, 1)


async def test_folded_without_an_answer_none_of_it_is_tried_before_that_is_known(story: Story) -> None:
    first, second = owe("first", severity=Severity.CRITICAL), owe("second", severity=Severity.CRITICAL)
    await story.book.owe([first, second])
    (claimed,) = (await story.book.claim("telegram", ALL)).claimed
    story.line.loses_answers = True
    both = owe("both", severity=Severity.CRITICAL)
    with pytest.raises(DatabaseAway):
        await story.book.fold(both, [first.id, second.id])
    await story.book.note(claimed.owed, Waits("not folded yet"))
    assert await story.claim() == []
    story.line.loses_answers = False
    await story.book.carry()
    assert await story.send() == ["both"]
    assert await story.claim() == []


async def test_claimed_from_the_table_and_paused_it_goes_again_from_memory(story: Story) -> None:
    alarm = owe("HF 0.14", severity=Severity.CRITICAL)
    await story.book.owe([alarm])
    (claimed,) = (await story.book.claim("telegram", ALL)).claimed
    story.line.is_cut = True
    await story.book.note(claimed.owed, Waits("paused", 3))
    assert await story.claim() == []
    story.clock.pass_by(seconds=3)
    assert await story.send() == ["HF 0.14"]
    story.line.is_cut = False
    await story.book.carry()
    assert await story.state(alarm.id) == "sent"


async def test_killed_while_it_went_out_from_the_disk_it_is_marked(story: Story) -> None:
    alarm, notice = owe("HF 0.14", severity=Severity.CRITICAL), owe("SOL-1 opened", chat="-2")
    story.line.is_cut = True
    await story.book.owe([alarm, notice])
    assert await story.claim() == ["HF 0.14", "SOL-1 opened"]
    story.dies()
    await story.book.carry()
    (again,) = (await story.book.claim("telegram", ALL)).claimed
    assert (again.owed.id, again.repeat) == (alarm.id, True)
    assert await story.state(notice.id) == "ambiguous"


async def test_a_possible_repeat_that_is_paused_is_one_still(story: Story) -> None:
    alarm = owe("HF 0.14", severity=Severity.CRITICAL)
    story.line.is_cut = True
    await story.book.owe([alarm])
    for ending in (Waits("no answer", repeat=True), Waits("paused")):
        (claimed,) = (await story.book.claim("telegram", ALL)).claimed
        await story.book.note(claimed.owed, ending)
    story.line.is_cut = False
    await story.book.carry()
    (claimed,) = (await story.book.claim("telegram", ALL)).claimed
    assert claimed.repeat


async def test_the_state_of_a_card_waits_for_the_database(story: Story) -> None:
    story.line.is_cut = True
    await story.book.owe([owe("status", card="status", in_place=True), owe("SOL-1 opened")])
    assert await story.send() == ["SOL-1 opened"]
    story.line.is_cut = False
    await story.book.carry()
    assert await story.send() == ["status"]


async def test_a_full_disk_stops_no_alarm_and_not_the_database(database: Database, tmp_path: Path) -> None:
    # A folder takes no lines.
    story = Story(database, tmp_path)
    await story.book.carry()
    alarms = [owe(f"alarm {number}", chat=f"-{number}", severity=Severity.CRITICAL) for number in range(3)]
    story.line.is_cut = True
    for alarm in alarms:
        await story.book.owe([alarm])
    first, second, third = (await story.book.claim("telegram", ALL)).claimed
    await story.book.note(first.owed, Sent("700"))
    await story.book.note(second.owed, Waits("paused"))
    await story.book.note(third.owed, Ends(State.DEAD, "kicked"))
    story.line.is_cut = False
    await story.book.carry()
    assert await story.send() == ["alarm 1"]
    assert [await story.state(alarm.id) for alarm in alarms] == ["sent", "sent", "dead"]


async def test_what_was_sent_from_the_table_and_cannot_be_noted_anywhere_is_noted_later(
    database: Database, tmp_path: Path
) -> None:
    story = Story(database, tmp_path)
    await story.book.carry()
    notice = owe("SOL-1 opened")
    await story.book.owe([notice])
    (claimed,) = (await story.book.claim("telegram", ALL)).claimed
    story.line.is_cut = True
    await story.book.note(claimed.owed, Sent("700"))
    story.line.is_cut = False
    await story.book.carry()
    story.clock.pass_by(minutes=10)
    assert await story.claim() == []
    assert await story.state(notice.id) == "sent"
