"""Whatever fails, and whenever the program stops: each ask is acted on at most once, and its steps are on record."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from chatops.guard.verifying import Whole
from chatops.ledger import Aside, Entry, Recorded
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.lasting_ledger import LastingLedger
from chatops.storage.record import verify_record
from tests.chatops.storage.asking import FrailDatabase, Question, Sequence, came
from tests.clearing import clear
from tests.examples import examples
from tests.flows.test_random import Opened
from tests.folders import new_folder

WHICH = st.integers(0, 7)
Taken = tuple[str, datetime]


@dataclass
class Followed:
    """An ask, and what its ledger said of each step."""

    question: Question
    #: Steps of which the ledger said that they are on record, each with its moment.
    recorded: list[Taken] = field(default_factory=list)
    #: Those of which it said nothing, since it was stopped or failed meanwhile: they may be there, or not.
    maybe: list[Taken] = field(default_factory=list)
    #: How often it was let go on.
    acts: int = 0


class Asking(RuleBasedStateMachine):
    """People who ask and press, a database that fails, and a program that is killed."""

    database: ClassVar[Database]
    runner: ClassVar[asyncio.Runner]
    seen: ClassVar[dict[str, int]]

    def __init__(self) -> None:
        super().__init__()
        self._path = new_folder() / "backlog"
        self._asks = Sequence()
        self._followed: list[Followed] = []
        self._updates = 0
        self._do(clear(self.database))
        self._frail = FrailDatabase(self.database)
        self._begin()

    # What people do.

    @initialize()
    def two_have_asked(self) -> None:
        for _ in range(2):
            self.somebody_asks(may_wait=True)

    @rule(may_wait=st.booleans())
    def somebody_asks(self, may_wait: bool) -> None:
        self._updates += 1
        question = self._asks.question(came(self._updates), Aside.ON_DISK if may_wait else Aside.REFUSED)
        followed = Followed(question)
        self._followed.append(followed)
        self._record(followed, question.entry)

    @rule(which=WHICH, times=st.integers(1, 3), may_wait=st.booleans())
    def it_is_confirmed(self, which: int, times: int, may_wait: bool) -> None:
        for followed in self._chosen(which):
            aside = Aside.ON_DISK if may_wait else Aside.REFUSED
            entries = [self._asks.confirmed(followed.question, aside) for _ in range(times)]
            followed.acts += self._do(self._all(followed, entries)).count(True)

    @rule(which=WHICH)
    def it_is_cancelled(self, which: int) -> None:
        for followed in self._chosen(which):
            self._record(followed, self._asks.cancelled(followed.question))

    @rule(which=WHICH)
    def what_runs_ends(self, which: int) -> None:
        for followed in self._chosen(which):
            if followed.recorded and followed.recorded[-1][0] == "running":
                self._record(followed, self._asks.finished(followed.question))

    # What fails.

    @rule()
    def the_database_goes_away(self) -> None:
        self._frail.is_away = True

    @rule()
    def the_database_is_back(self) -> None:
        self._frail.is_away = False
        self._carry()

    @rule(count=st.integers(1, 3))
    def it_answers_and_nobody_hears_it(self, count: int) -> None:
        self._frail.loses = count

    @rule(which=WHICH, turns=st.integers(0, 60), torn=st.binary(max_size=9))
    def the_program_is_killed(self, which: int, turns: int, torn: bytes) -> None:
        for followed in self._chosen(which)[:1]:
            entry = self._asks.confirmed(followed.question)
            if self._do(self._killed(followed, entry, turns)):
                followed.acts += 1
        with self._path.open("ab") as file:
            # Without the end of a line, as a kill tears it.
            file.write(torn.replace(b"\n", b""))
        self._begin()
        if not self._frail.is_away:
            self._carry()

    # What must hold.

    def teardown(self) -> None:
        self._frail.is_away, self._frail.loses = False, 0
        self._do(self._ledger.carry())
        assert isinstance(self._do(verify_record(self.database)), Whole)
        for followed in self._followed:
            assert followed.acts <= 1
            rows = self._do(self._rows(followed))
            kept = [step for step in rows if step in followed.recorded]
            assert kept == followed.recorded, f"{rows} for {followed}"
            assert set(rows) <= {*followed.recorded, *followed.maybe}
            assert len(set(rows)) == len(rows)
            self.seen["asks"] += 1
            self.seen["acts"] += followed.acts
        assert self._path.read_bytes() == b"" if self._path.exists() else True

    # How it is done.

    def _do(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(doing)

    def _begin(self) -> None:
        self._backlog = Backlog(self._path)
        self._ledger = LastingLedger(self._frail, uuid4(), self._backlog)
        self._backlog.when_lost(lambda: None)

    def _carry(self) -> None:
        async def carry() -> None:
            # Whoever looks after the database looks again.
            for _ in range(5):
                try:
                    await self._ledger.carry()
                except DatabaseAway:
                    continue
                return

        self._do(carry())

    def _chosen(self, which: int) -> list[Followed]:
        return [self._followed[which % len(self._followed)]] if self._followed else []

    def _record(self, followed: Followed, entry: Entry) -> None:
        self._do(self._one(followed, entry))

    async def _all(self, followed: Followed, entries: list[Entry]) -> list[bool]:
        return await asyncio.gather(*(self._one(followed, entry) for entry in entries))

    async def _one(self, followed: Followed, entry: Entry) -> bool:
        """Whether it was taken."""
        taken = [(str(step.step), step.at) for step in entry.steps]
        try:
            recorded = await self._ledger.record(entry)
        except DatabaseAway:
            followed.maybe.extend(taken)
            return False
        self.seen[recorded] = self.seen.get(recorded, 0) + 1
        if recorded is Recorded.BEFORE:
            return False
        followed.recorded.extend(taken)
        return True

    async def _killed(self, followed: Followed, entry: Entry, turns: int) -> bool:
        task = asyncio.ensure_future(self._one(followed, entry))
        for _ in range(turns):
            await asyncio.sleep(0)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        followed.maybe.extend((str(step.step), step.at) for step in entry.steps)
        return False

    async def _rows(self, followed: Followed) -> list[Taken]:
        query = "SELECT step, at FROM command_events WHERE command_id = $1 ORDER BY seq"
        return [(row["step"], row["at"]) for row in await self.database.fetch(query, followed.question.id)]


def test_whatever_fails_an_ask_is_acted_on_once_and_its_steps_are_on_record(database_url: str) -> None:
    # One loop and one pool for all examples; hypothesis itself is not asynchronous.
    with asyncio.Runner() as runner, Opened(database_url, runner) as opened:

        class Here(Asking):
            seen: ClassVar[dict[str, int]] = {"asks": 0, "acts": 0}

        Here.database, Here.runner = opened, runner
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=examples(75),
                stateful_step_count=30,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                # Each step waits for a real database: to shrink a failure would take minutes.
                phases=[Phase.generate],
            ),
        )
    # Many of the examples do come to each of these, or all this would show nothing.
    assert min(Here.seen[what] for what in ("asks", "acts", "whole", "aside", "before")) > 20, Here.seen
