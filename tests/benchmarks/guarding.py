"""What the guard costs an ask: to know, to allow, to count, to judge, to redact and to put on record (SPEC 4 to 6)."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import uuid4

from bot_integration import BotController
from chatops.adapters.memory import MemoryAdapter
from chatops.asks import Ask, Close, Status
from chatops.guard.audit import Asked, Step, StepName
from chatops.guard.limits import Limits
from chatops.guard.permissions import Permissions
from chatops.guard.presses import StoredPress, judge
from chatops.ids import uuid7
from chatops.ledger import Entry, Recorded, Redemption
from chatops.messages import Message, Paragraph, Posting
from chatops.owed import Owed
from chatops.people import Identity
from chatops.redacted import redacted, redacted_entry
from chatops.redactor import SHORTEST_SHOWN, Redactor
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.ledger import PostgresLedger
from tests.benchmarks.table import table
from tests.flows.conftest import ADA, Clock, Trader, World, people, settle_in

RUNS, WARM_UP = 300, 20
#: So many of what takes microseconds are timed at once.
AT_ONCE = 50
WHO = Identity("memory", ADA)
DESK = Room("memory", "desk")
#: As long as those that platforms give out.
SECRETS = (
    "123456789:AAHcanarycanarycanarycanarycanary12",
    "a-token-of-the-bot-alpha-1234567890",
    "a password of the db",
)


@dataclass(frozen=True)
class Figures:
    """Times in microseconds."""

    whole: list[float]
    guard: list[float]

    @property
    def share(self) -> float:
        """What of the whole answer is the guard: the median over the pairs."""
        return median(guard / whole for guard, whole in zip(self.guard, self.whole, strict=True))


async def guarding() -> str:
    """Measure; gives the tables."""
    async with AsyncExitStack() as stack:
        made = stack.enter_context(TemporaryDirectory(prefix="quarterdeck-bench-"))
        url = await stack.enter_async_context(EmbeddedPostgres(Path(made) / "data"))
        database = await stack.enter_async_context(Database.open(url))
        await database.migrate()
        guard = Guard(database)
        parts = [
            ("identify, permit, limit, judge", guard.pure(Status())),
            ("redact an answer and its record", guard.redaction()),
            ("record a word that reads", median([await guard.record_reading() for _ in range(RUNS)])),
            ("find a token", await guard.find()),
        ]
        wholes = [
            ("/status", "identify to record", await guard.of_status()),
            ("Confirm of /close", "the same, a token, the act between two records", await guard.of_confirm()),
        ]
    rows = [(words, f"{cost:.1f}") for words, cost in parts]
    shares = [
        (words, f"{median(one.whole):.0f}", f"{median(one.guard):.0f}", f"{one.share:.0%}", what)
        for words, what, one in wholes
    ]
    return "\n\n".join(
        (
            table(("of the guard", "µs"), rows),
            table(("a whole answer, on the memory platform", "µs", "guard µs", "share", "of it"), shares),
        )
    )


class Guard:
    """The guard's parts, alone and in a desk."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger = PostgresLedger(database, uuid4())
        self._directory = people()
        self._permissions = Permissions()
        self._redact = Redactor(SECRETS, shortest=SHORTEST_SHOWN)
        self._clock = Clock()

    def pure(self, ask: Ask) -> float:
        """Microseconds to decide whether it may be."""
        # So that it is never too much.
        minutes = count()
        limits = Limits(lambda: self._clock() + timedelta(minutes=next(minutes)))
        person = self._directory.identify(WHO)
        assert person is not None
        stored = self._press(Close(position="SOL-1"))
        now = self._clock()

        def once() -> None:
            known = self._directory.identify(WHO)
            assert known is not None
            self._permissions.check(known, ask, DESK)
            limits.take(known, ask, self._permissions.policy.terms(ask))
            judge(stored, known, DESK, now)

        return _each(once)

    def redaction(self) -> float:
        """Microseconds for what is shown and what is recorded."""
        entry, message = self._reading(), self._message()

        def once() -> None:
            redacted(message, self._redact)
            redacted_entry(entry, self._redact)

        return _each(once)

    async def record_reading(self) -> float:
        """Microseconds to put a word that reads on record, with its answer."""
        entry = redacted_entry(self._reading(), self._redact)
        return await _timed(lambda: self._ledger.record(entry))

    async def record_confirmed(self) -> float:
        """Microseconds for the two records of an act: before it, with its press, and after it."""
        asked = self._asked("close")
        press = replace(self._press(Close(position="SOL-1")), command_id=asked.id)
        question = Entry(
            (
                Step(asked.id, asked.at, StepName.RECEIVED, "ada", asked.facts()),
                Step(asked.id, asked.at, StepName.ASKED_TO_CONFIRM, "ada"),
            ),
            asked=asked,
            minted=(press,),
        )
        await self._ledger.record(question)
        begun = Entry(
            (Step(asked.id, asked.at, StepName.CONFIRMED, "ada"), Step(asked.id, asked.at, StepName.RUNNING, "ada")),
            redeems=Redemption(press.token, asked.id, "ada"),
        )
        ended = Entry((self._finished(asked),), owed=(self._owed(asked),))
        return await _timed(lambda: self._ledger.record(begun)) + await _timed(lambda: self._ledger.record(ended))

    async def find(self) -> float:
        """Microseconds to look up what is behind a button."""
        press = self._press(Close(position="SOL-1"))
        await self._ledger.record(replace(self._reading(), minted=(press,)))
        return median([await _timed(lambda: self._ledger.find(press.token)) for _ in range(RUNS)])

    async def of_status(self) -> Figures:
        """Whole answers, and the guard's part of each beside it."""
        world = self._world()
        whole, guard = [], []
        for run in range(WARM_UP + RUNS):
            world.clock.pass_by(seconds=6)
            took = await _timed(lambda: world.chat.say(ADA, "/status"))
            part = self.pure(Status()) + self.redaction() + await self.record_reading()
            if run >= WARM_UP:
                whole.append(took)
                guard.append(part)
        return Figures(whole, guard)

    async def of_confirm(self) -> Figures:
        """The same of the press that closes a position."""
        world = self._world()
        whole, guard = [], []
        for run in range(WARM_UP + RUNS):
            world.clock.pass_by(seconds=20)
            world.bot.open[:] = ["SOL-1", "ETH-1"]
            world.bot.publish()
            await world.chat.say(ADA, "/close SOL-1")
            took = await _timed(lambda: world.chat.press(ADA, "Confirm"))
            assert "closed" in world.chat.last.text, world.chat.last.text
            part = self.pure(Close(position="SOL-1")) + self.redaction() + await self.record_confirmed()
            part += await _timed(lambda: self._ledger.find("A" * 22))
            if run >= WARM_UP:
                whole.append(took)
                guard.append(part)
        return Figures(whole, guard)

    def _world(self) -> World:
        trader = Trader(BotController("alpha", now=self._clock), self._clock)
        return settle_in(self._database, self._clock, trader, MemoryAdapter(self._clock))

    def _asked(self, word: str) -> Asked:
        return Asked(uuid7(), self._clock(), "memory", "ada", str(WHO), "desk", "alpha", word, {"bot": "alpha"}, None)

    def _finished(self, asked: Asked) -> Step:
        said = {"outcome": "done", "answer": "alpha is well", "latency_ms": 1.234}
        return Step(asked.id, asked.at, StepName.FINISHED, "ada", said)

    def _reading(self) -> Entry:
        asked = self._asked("status")
        received = Step(asked.id, asked.at, StepName.RECEIVED, "ada", asked.facts())
        running = Step(asked.id, asked.at, StepName.RUNNING, "ada")
        return Entry((received, running, self._finished(asked)), asked=asked, owed=(self._owed(asked),))

    def _owed(self, asked: Asked) -> Owed:
        return Owed(uuid7(), DESK, Posting(self._message()), asked.at, command_id=asked.id, card=str(asked.id))

    def _message(self) -> Message:
        return Message("alpha is well", (Paragraph("\n".join(f"Equity {number:>20,}.50" for number in range(12))),))

    def _press(self, ask: Ask) -> StoredPress:
        return StoredPress(uuid4().hex[:22], ask, "ada", DESK, None, self._clock(), None)


def _each(once: Callable[[], None]) -> float:
    began = perf_counter()
    for _ in range(AT_ONCE):
        once()
    return (perf_counter() - began) * 1e6 / AT_ONCE


async def _timed(doing: Callable[[], Awaitable[object]]) -> float:
    began = perf_counter()
    done = await doing()
    took = (perf_counter() - began) * 1e6
    assert done is not Recorded.BEFORE
    return took
