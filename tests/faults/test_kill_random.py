"""`kill -9` of the gateway at random moments, while somebody asks and confirms without end and its bot lives on."""

import asyncio
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Self

from bot_integration import Outcome, Snapshot, SnapshotTaken
from bot_integration.control import RemoteBot
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from tests.faults.desk import log_of, wait_until_settled
from tests.faults.place import Place, after_a_kill
from tests.faults.program import eventually, program
from tests.servers.telegram import NotSeen

#: An ask of which the bot knows nothing is called lost once it may not start any more, after 30 s.
LONG_S = 120.0
#: So long she waits for an answer, before she asks again: a gateway may have been killed, and another one starts.
ANSWERED_S = 3.0
#: What a bot that began to close something can have come to.
ACTS = (Outcome.DONE, Outcome.PARTIAL, Outcome.FAILED)
UNANSWERED = """
SELECT l.* FROM command_log AS l WHERE principal IS NOT NULL
    AND NOT EXISTS (SELECT FROM deliveries AS d WHERE d.command_id = l.id AND d.state = 'sent')
"""


class Busy:
    """Ada, who asks and confirms without end, and waits for answers: however slow the machine, she asks as much."""

    def __init__(self, place: Place) -> None:
        self._desk = place.desk
        #: How many words and presses so far.
        self.said = 0
        self._rounds = asyncio.Semaphore(0)
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._ask_away())
        return self

    async def __aexit__(self, *why: object) -> None:
        await self.stops()

    def begins(self) -> None:
        """Let her ask and confirm once more."""
        self._rounds.release()

    async def goes_on(self, steps: int) -> None:
        """Let her say or press so much more, where she is not kept waiting for it."""
        until = self.said + steps
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWERED_S), self._news:
                await self._news.wait_for(lambda: self.said >= until or self._task.done())
        assert not self._task.done()

    async def stops(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _ask_away(self) -> None:
        chat, ada = self._desk.chat, self._desk.ada
        while True:
            await self._rounds.acquire()
            for words in ("/status", "/close SOL-1 2%"):
                await chat.say(ada, words)
                await self._has_said()
            with suppress(NotSeen):
                question = await chat.next_message("Close 2% of SOL-1?", timeout_s=ANSWERED_S)
                await chat.press(ada, question, "Confirm")
                await self._has_said()
                await chat.shows("✓", on=question, timeout_s=ANSWERED_S)

    async def _has_said(self) -> None:
        self.said += 1
        async with self._news:
            self._news.notify_all()


class Tally:
    """How often a bot began to close something, from beginning to end."""

    def __init__(self, bot: RemoteBot) -> None:
        self._bot = bot
        self._begun: set[tuple[datetime, str]] = set()
        self._heard = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._count())
        return self

    async def __aexit__(self, *why: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    @property
    def closings(self) -> int:
        return len(self._begun)

    async def has_some(self) -> bool:
        return self.closings > 0

    async def hears(self, newest: Snapshot) -> None:
        """Wait until all that happened before these facts was counted."""

        async def look() -> bool:
            return self._heard >= newest.seq

        await eventually(look, "hearing the newest facts")

    async def _count(self) -> None:
        async with self._bot.follow() as events:
            async for event in events:
                if isinstance(event, SnapshotTaken):
                    self._heard = event.snapshot.seq
                    self._begun |= {
                        (one.at, one.message)
                        for one in event.snapshot.timeline
                        if one.message.startswith("Closing ") and one.message.endswith("asked by ada")
                    }


def possible(ran: Outcome | None) -> tuple[str | None, ...]:
    """What the log may say of a close that came to this on the bot; None where it never ran there."""
    return (None, "refused", "failed") if ran is None else (str(ran),)


async def test_killed_twenty_times_at_random_nothing_is_done_twice_and_everybody_is_answered(place: Place) -> None:
    chance = Random(20260504)
    await place.trade_slowly(0.1)
    async with Busy(place) as ada, Tally(place.bot) as tally:
        for _ in range(20):
            ada.begins()
            async with program("run", "-c", str(place.desk.settings)) as gateway:
                await gateway.says(chance.choice(("", "the desk main is open", "telegram: connected")))
                await ada.goes_on(chance.randrange(4))
                # Any moment of what she began.
                await asyncio.sleep(chance.uniform(0.0, 0.2))
                await gateway.kill()
        # On a slow machine none may have come so far that the bot closed anything: then some more, once it does.
        async with asyncio.timeout(LONG_S):
            while not tally.closings:
                ada.begins()
                async with program("run", "-c", str(place.desk.settings)) as gateway:
                    await gateway.says("telegram: connected")
                    await ada.goes_on(4)
                    with suppress(AssertionError):
                        await eventually(tally.has_some, "closing something", within_s=ANSWERED_S)
                    await gateway.kill()
        await ada.stops()
        async with after_a_kill(place, gateway) as database:
            await wait_until_settled(database, within_s=LONG_S)
            await tally.hears(await place.newest())
            # What was answered is confirmed by the next poll, a moment later.
            await place.desk.platform.wait_for(lambda: not place.desk.platform.updates.pending, timeout_s=LONG_S)
    async with EmbeddedPostgres(place.desk.data_dir) as url, Database.open(url) as database:
        closes = [row for row in await log_of(database) if row["word"] == "close"]
        ran = {row["id"]: await place.ran(row["id"]) for row in closes}
        # What the bot did is what the log says, and what the log calls done the bot did.
        assert [row for row in closes if row["outcome"] not in possible(ran[row["id"]])] == []
        assert tally.closings == sum(outcome in ACTS for outcome in ran.values())
        assert tally.closings > 0
        # Every word and press arrived once, and every ask has an answer that the platform took.
        assert await database.fetchval("SELECT count(*) FROM inbox") == ada.said
        assert await database.fetch(UNANSWERED) == []
