"""Anybody may write and press anything, in any order, as time goes by: what acts was confirmed by who asked for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot_integration import BotController, ClosePosition, Command, Pause, Resume
from chatops.adapters.memory import MemoryAdapter, Shown
from chatops.guard.verifying import Whole
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from tests.clearing import clear
from tests.examples import examples
from tests.flows.conftest import ADA, BOB, EVE, VIC, Clock, Trader, World, settle_in

NAMES = {ADA: "ada", BOB: "bob", VIC: "vic"}
#: Who may do what the bot is told, by the command and its scope.
MAY_CLOSE = {"ada", "bob"}
MAY_HOLD_ALL = {"ada"}
MINUTE = timedelta(seconds=60)

PEOPLE = st.sampled_from([ADA, BOB, VIC, EVE])
TEXTS = st.one_of(
    st.sampled_from(
        [
            "/close SOL-1",
            "/close eth",
            "/close alpha SOL 50%",
            "/close DOGE",
            "/close",
            "/pause entry lunch",
            "/pause all",
            "/pause bybit",
            "/pause",
            "/resume entry",
            "/resume all",
            "/status",
            "/positions",
            "/position ETH-1",
            "/events",
            "/help close",
            "/cancel",
            "confirm",
        ]
    ),
    st.text(st.characters(exclude_categories=()), max_size=30),
    st.text(st.characters(exclude_categories=()), max_size=10).map("/pause entry {}".format),
)
ELSEWHERE = Room("memory", "another")


@dataclass(frozen=True)
class Asked:
    """A question that was shown: who asked, and when."""

    by: str
    at: datetime


class Crowd(RuleBasedStateMachine):
    """The model knows of each button on a question who asked it and when, and nothing else of the program."""

    database: ClassVar[Database]
    runner: ClassVar[asyncio.Runner]
    acted: ClassVar[list[UUID]]

    def __init__(self) -> None:
        super().__init__()
        self._clock = Clock()
        self._trader = Trader(BotController("alpha", now=self._clock), self._clock)
        self._chat = MemoryAdapter(self._clock)
        self._done: list[Command] = []
        #: By the token of its Confirm.
        self._questions: dict[str, Asked] = {}
        self._siblings: dict[str, str] = {}
        self._settled: set[str] = set()
        self._tokens: list[tuple[str, Shown]] = []
        self._count_what_is_done()
        self._do(clear(self.database))
        self._world: World = settle_in(self.database, self._clock, self._trader, self._chat)

    def _count_what_is_done(self) -> None:
        for kind in (ClosePosition, Pause, Resume):
            handle = self._trader.controller._handlers[kind]

            async def counted(command: Command, handle: Callable[[Any], Awaitable[Any]] = handle) -> Any:
                self._done.append(command)
                return await handle(command)

            self._trader.controller.on(kind)(counted)

    # What people do.

    @rule(person=PEOPLE, text=TEXTS, waited_s=st.sampled_from([0, 0, 0, 59, 61]))
    def say(self, person: str, text: str, waited_s: int) -> None:
        before, done = self._seen(), len(self._done)
        at = self._clock() - timedelta(seconds=waited_s)
        self._do(self._chat.say(person, text, at=at))
        assert len(self._done) == done, "a word alone acts"
        self._is_answered(person, before)
        self._learn(person)

    @rule(text=TEXTS)
    def a_stranger_says(self, text: str) -> None:
        before = self._seen()
        self._do(self._chat.say(EVE, text))
        assert self._seen() == before, "a stranger was answered"

    @rule(
        person=st.sampled_from([ADA, BOB]),
        text=st.sampled_from(["/close SOL-1", "/close ETH", "/pause entry", "/pause all", "/pause bybit"]),
    )
    def ask_for_an_act(self, person: str, text: str) -> None:
        self.say(person, text, 0)

    @precondition(lambda self: self._tokens)
    @rule(
        person=PEOPLE,
        which=st.integers(0, 10**6),
        newest=st.booleans(),
        room=st.sampled_from([None, None, None, ELSEWHERE]),
        waited=st.booleans(),
    )
    def press(self, person: str, which: int, newest: bool, room: Room | None, waited: bool) -> None:
        token, shown = self._tokens[-1 - which % min(len(self._tokens), 4 if newest else 10**6)]
        self._press([person], token, shown, room, None if waited else self._clock())

    @precondition(lambda self: self._questions)
    @rule(label=st.sampled_from(["Confirm", "Confirm", "Cancel"]), room=st.sampled_from([None] * 4 + [ELSEWHERE]))
    def answer_the_newest_question(self, label: str, room: Room | None) -> None:
        confirm, question = list(self._questions.items())[-1]
        shown = next(shown for known, shown in self._tokens if known == confirm)
        token = shown.token(label)
        assert token is not None
        person = next(id_ for id_, name in NAMES.items() if name == question.by)
        self._press([person], token, shown, room, self._clock())

    @precondition(lambda self: self._questions)
    @rule(people=st.lists(PEOPLE, min_size=1, max_size=4), which=st.integers(0, 10**6))
    def press_at_one_instant(self, people: list[str], which: int) -> None:
        token = list(self._questions)[-1 - which % len(self._questions)]
        shown = next(shown for known, shown in self._tokens if known == token)
        self._press([*people, people[0]], token, shown, None, self._clock())

    @rule(person=PEOPLE, token=st.text(st.characters(exclude_categories=()), max_size=70) | st.just("A" * 22))
    def forge(self, person: str, token: str) -> None:
        before, done = self._seen(), len(self._done)
        self._do(self._chat.press_token(person, token, at=self._clock()))
        assert len(self._done) == done, "a forged token acts"
        self._is_answered(person, before)

    @rule(seconds=st.sampled_from([1, 14, 30, 59, 60, 61, 3_600]))
    def time_passes(self, seconds: int) -> None:
        self._clock.pass_by(seconds=seconds)

    @rule(held=st.lists(st.sampled_from(["SOL-1", "ETH-1", "BTC-7"]), unique=True))
    def the_bot_trades(self, held: list[str]) -> None:
        self._trader.open = held
        self._trader.publish()

    @rule()
    def the_program_is_restarted(self) -> None:
        self._world = settle_in(self.database, self._clock, self._trader, self._chat)
        settling = self._world.desk.settling

        async def settle() -> None:
            await settling.settle(await settling.take_stock())

        self._do(settle())
        self._settled |= self._questions.keys()

    # What must hold.

    @invariant()
    def nothing_broke(self) -> None:
        assert not [shown.text for shown in self._chat.shown if "broke" in shown.text]

    def teardown(self) -> None:
        self._do(self._check_the_record())
        self.acted.extend(command.id for command in self._done)

    async def _check_the_record(self) -> None:
        assert isinstance(await verify_record(self.database), Whole)
        for command in self._done:
            steps = await self.database.fetch(
                "SELECT step, by, at FROM command_events WHERE command_id = $1 ORDER BY seq", command.id
            )
            assert [row["step"] for row in steps] == [
                "received",
                "asked to confirm",
                "confirmed",
                "running",
                "finished",
            ]
            assert {row["by"] for row in steps} == {command.by}
            assert steps[2]["at"] - steps[1]["at"] <= MINUTE
        settled = await self.database.fetch(
            """
            SELECT command_id FROM command_events WHERE step IN ('confirmed', 'cancelled', 'expired')
            GROUP BY command_id HAVING count(*) > 1
            """
        )
        assert settled == [], "an ask was settled twice"
        left = await self.database.fetch("SELECT id FROM command_log WHERE state IN ('running', 'received')")
        assert left == []

    # How it is told.

    def _do(self, doing: Coroutine[Any, Any, None]) -> None:
        self.runner.run(doing)

    def _press(self, people: list[str], token: str, shown: Shown, room: Room | None, at: datetime | None) -> None:
        before, done = self._seen(), len(self._done)

        async def all_at_once() -> None:
            await asyncio.gather(
                *(
                    self._chat.press_token(person, token, message_id=shown.id, room=room or shown.room, at=at)
                    for person in people
                )
            )

        self._do(all_at_once())
        new = self._done[done:]
        question = self._questions.get(token)
        if question is None or not self._may_settle(question, token, people, room):
            assert new == [], f"{people} made the bot do {new}"
        else:
            assert len(new) <= 1
            assert [command.by for command in new] in ([], [question.by])
            assert all(command.by in self._who_may(command) for command in new)
        self._mark_settled(token, people, room)
        for person in people:
            self._is_answered(person, before)
        self._learn(people[0])

    def _may_settle(self, question: Asked, token: str, people: list[str], room: Room | None) -> bool:
        is_theirs = question.by in [NAMES.get(person) for person in people]
        return is_theirs and room is None and token not in self._settled and self._clock() - question.at <= MINUTE

    def _mark_settled(self, token: str, people: list[str], room: Room | None) -> None:
        confirm = self._siblings.get(token)
        by = self._questions[confirm].by if confirm else None
        if confirm and room is None and by in [NAMES.get(person) for person in people]:
            self._settled.add(confirm)

    @staticmethod
    def _who_may(command: Command) -> set[str]:
        scope = getattr(command, "scope", "entry")
        return MAY_CLOSE if scope in ("entry", "exit") else MAY_HOLD_ALL

    def _seen(self) -> tuple[list[Shown], int]:
        return list(self._chat.shown), sum(len(shown.earlier) for shown in self._chat.shown)

    def _is_answered(self, person: str, before: tuple[list[Shown], int]) -> None:
        # Who was told once that it is too much gets silence for a while.
        is_over = any(shown.text.startswith("Too many") for shown in self._chat.shown)
        assert person not in NAMES or is_over or self._seen() != before, "somebody was not answered"

    def _learn(self, person: str) -> None:
        known = {token for token, _ in self._tokens}
        for shown in self._chat.shown:
            fresh = [key for row in shown.posting.keys for key in row if key.token not in known]
            self._tokens += [(key.token, shown) for key in fresh]
            tokens = {key.label: key.token for key in fresh}
            if "Confirm" in tokens:
                confirm = tokens["Confirm"]
                self._questions[confirm] = Asked(NAMES[person], self._clock())
                self._siblings |= {confirm: confirm, tokens["Cancel"]: confirm}


def test_whatever_people_do_only_what_was_confirmed_is_done(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    # One loop and one pool for all examples; hypothesis itself is not asynchronous.
    with asyncio.Runner() as runner, Opened(database_url, runner) as opened:

        class Here(Crowd):
            acted: ClassVar[list[UUID]] = []

        Here.database, Here.runner = opened, runner

        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=examples(150),
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(set(Here.acted)) == len(Here.acted)
    # Many of the examples do act, or all this would show nothing.
    assert len(Here.acted) > 10


class Opened:
    """A database, opened and closed on a runner's loop."""

    def __init__(self, url: str, runner: asyncio.Runner) -> None:
        self._opening = Database.open(url)
        self._runner = runner

    def __enter__(self) -> Database:
        return self._runner.run(self._enter())

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._leave())

    async def _enter(self) -> Database:
        return await self._opening.__aenter__()

    async def _leave(self) -> None:
        await self._opening.__aexit__(None, None, None)
