"""Whatever breaks, whenever the program stops: what was owed is shown once, in order, or the row says why not."""

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from alerts.severity import Severity
from chatops.adapters.base import Fault, Part
from chatops.drafts import Draft
from chatops.ids import uuid7
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.owed import Kind, Lane
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.delivery_rows import row_of
from chatops.storage.errors import DatabaseAway
from tests.chatops.delivery.wire import FrailDatabase, FrailSpool, Outcome, Steps, Try, Wire
from tests.clearing import clear
from tests.examples import examples
from tests.flows.delivery_world import StepClock, Watch
from tests.flows.test_random import Opened
from tests.folders import new_folder

CHATS = ("1", "-2", "-3")
REPEAT = "Possible repeat"
NAME = re.compile(r"\bm\d+\b")

SEVERITIES = st.sampled_from(list(Severity))
OUTCOMES = st.sampled_from(
    [
        Outcome(Fault.RETRY_AFTER, wait_s=7),
        Outcome(Fault.RETRY_AFTER, wait_s=90),
        Outcome(Fault.BACKOFF),
        Outcome(Fault.AMBIGUOUS),
        Outcome(Fault.AMBIGUOUS, accepts=True),
        Outcome(Fault.AMBIGUOUS, accepts=True),
        Outcome(Fault.DEGRADE, without=Part.FORMATTING),
        Outcome(Fault.DEGRADE, without=Part.TOPIC),
        Outcome(Fault.DEGRADE, without=Part.CARD),
        Outcome(Fault.DEAD_RECIPIENT),
        Outcome(Fault.REFUSED),
    ]
)


@dataclass
class Due:
    """A message that was owed, and what else was so at that moment."""

    name: str
    chat: str
    lane: Lane
    is_alone: bool
    #: Whether something was wrong with the database, or the program stopped, while it was being stored.
    in_trouble: bool
    #: How many calls the platform had had.
    tries: int
    #: How much trouble there had been.
    troubles: int
    is_known: bool = field(default=False)


class Trouble(RuleBasedStateMachine):
    """A program that owes messages, and everything that can go wrong with it."""

    database: ClassVar[Database]
    runner: ClassVar[asyncio.Runner]
    seen: ClassVar[dict[str, int]]

    def __init__(self) -> None:
        super().__init__()
        self._clock = StepClock()
        self._watch = Watch()
        self._spool = new_folder() / "spool"
        self._due: dict[str, Due] = {}
        self._troubles = 0
        self._is_open = False
        self._do(clear(self.database))
        self._do(self._start())

    # What is owed.

    @rule(
        chat=st.sampled_from(CHATS),
        severity=SEVERITIES,
        kind=st.sampled_from([Kind.ALERT, Kind.ALERT, Kind.NOTICE, Kind.REPORT]),
        count=st.sampled_from([1, 1, 2, 4, 13]),
    )
    def owe(self, chat: str, severity: Severity, kind: Kind, count: int) -> None:
        for _ in range(count):
            self._owe(chat, severity, kind)
        self._settle()

    @rule(chat=st.sampled_from(CHATS), card=st.sampled_from("ab"), severity=SEVERITIES, in_place=st.booleans())
    def owe_a_card(self, chat: str, card: str, severity: Severity, in_place: bool) -> None:
        self._owe(chat, severity, Kind.ALERT, card=card, in_place=in_place)
        self._settle()

    @rule(chat=st.sampled_from(CHATS), count=st.sampled_from([1, 1, 2, 5]))
    def answer(self, chat: str, count: int) -> None:
        self._do(self._answer_all(chat, count))
        self._settle()

    # What goes wrong.

    @rule(chat=st.sampled_from(CHATS), outcome=OUTCOMES, again=st.booleans(), severity=SEVERITIES)
    def the_platform_will_not(self, chat: str, outcome: Outcome, again: bool, severity: Severity) -> None:
        self._wire.outcomes[chat].extend([outcome] * (1 + again))
        self._owe(chat, severity, Kind.ALERT)
        self._settle()

    @rule(fault=st.sampled_from([Fault.BACKOFF, Fault.BACKOFF, Fault.DEAD_CREDENTIAL]))
    def the_platform_goes_away(self, fault: Fault) -> None:
        self._wire.broken = fault

    @rule()
    def the_platform_is_back(self) -> None:
        self._wire.broken = None

    @rule()
    def a_group_moves(self) -> None:
        self._wire.moved["-3"] = "-30"

    @rule()
    def the_database_goes_away(self) -> None:
        self._frail.is_away = True
        self._troubles += 1

    @rule()
    def the_database_is_back(self) -> None:
        self._frail.is_away = False
        self._outbox.wake()
        self._settle()

    @rule(count=st.integers(1, 3))
    def the_database_answers_and_nobody_hears_it(self, count: int) -> None:
        self._frail.loses = count
        self._troubles += 1

    @rule(seconds=st.sampled_from([0.3, 1, 5, 30, 70, 200]))
    def time_passes(self, seconds: float) -> None:
        self._do(self._pass_by(seconds))

    @rule(
        steps=st.integers(1, 25),
        chat=st.sampled_from(CHATS),
        severity=SEVERITIES,
        count=st.integers(0, 3),
        seconds=st.sampled_from([0.0, 2.0, 30.0]),
    )
    def the_program_is_killed(self, steps: int, chat: str, severity: Severity, count: int, seconds: float) -> None:
        self._troubles += 1
        self._steps.stop_in = steps
        self._do(self._killed(self._doing(chat, severity, count, seconds)))
        self._do(self._start())
        self._settle()

    # What must hold.

    @invariant()
    def ok(self) -> None:
        self.nothing_is_shown_twice_unless_it_says_so()
        self.the_order_of_a_room_holds()
        self.an_emergency_waits_behind_nothing()

    def nothing_is_shown_twice_unless_it_says_so(self) -> None:
        told: set[str] = set()
        for one in self._wire.tries:
            if one.accepted and not one.is_edit:
                names = set(NAME.findall(one.text))
                assert not names & told or REPEAT in one.text, f"{names & told} twice: {one.text!r}"
                told |= names

    def the_order_of_a_room_holds(self) -> None:
        for chat in CHATS:
            for lane in Lane:
                told = self._first_tellings(chat, lane)
                for before, after in pairwise(told):
                    # An answer is recorded past the book: what was owed while the database failed comes behind it.
                    in_trouble = before.in_trouble or (lane is Lane.ANSWER and after.in_trouble)
                    assert int(before.name[1:]) < int(after.name[1:]) or in_trouble, (
                        f"{before.name} came before {after.name} in {chat}: {[one.name for one in told]}"
                    )

    def an_emergency_waits_behind_nothing(self) -> None:
        for due in self._due.values():
            if due.lane is not Lane.EMERGENCY or not due.is_known or due.in_trouble or due.troubles != self._troubles:
                continue
            if any(due.name in one.text for one in self._wire.tries[: due.tries]):
                # It was out before whoever owed it went on.
                continue
            later = [one for one in self._wire.tries[due.tries :] if one.chat == due.chat]
            lanes = [self._lane_of(one) for one in later]
            handed = next((n for n, one in enumerate(later) if due.name in one.text), None)
            before = [lane for lane in lanes[:handed] if lane not in (Lane.EMERGENCY, Lane.ANSWER)]
            assert len(before) <= 1, f"{due.name} in {due.chat} waited behind {before}"

    def teardown(self) -> None:
        try:
            self._heal()
            for _ in range(12):
                self._do(self._pass_by(120))
            self._do(self._check_the_rows())
            self.nothing_is_shown_twice_unless_it_says_so()
            self.the_order_of_a_room_holds()
        finally:
            self._steps.stop_in = 1
            self._do(self._killed(asyncio.sleep(0)))

    async def _check_the_rows(self) -> None:
        rows = {row["id"]: row for row in await self.database.fetch("SELECT * FROM deliveries")}
        for row in rows.values():
            state = row["state"]
            self.seen[state] = self.seen.get(state, 0) + 1
            assert state in ("sent", "folded", "ambiguous", "dead"), f"{state}: {sorted(row.items())}"
            assert state == "sent" or row["reason"], dict(row)
            if state == "folded":
                assert row["folded_into"] in rows, dict(row)
        known = " ".join(str(row["payload"]["title"]) for row in rows.values())
        lost = [due.name for due in self._due.values() if due.is_known and due.name not in known]
        assert lost == [], "owed, and not in the table"

    # How it is done.

    def _do(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(doing)

    def _settle(self) -> None:
        self._do(self._watch.quiet())

    def _heal(self) -> None:
        self._frail.is_away, self._frail.loses, self._wire.broken = False, 0, None
        self._wire.outcomes.clear()

    async def _start(self) -> None:
        self._others = asyncio.all_tasks()
        self._steps = Steps()
        old = getattr(self, "_wire", None)
        self._wire = Wire(self._watch, self._steps)
        if old is not None:
            self._wire.tries, self._wire.moved, self._wire.shown = old.tries, old.moved, old.shown
            self._wire.outcomes, self._wire.broken = old.outcomes, old.broken
            self._wire.is_followed = old.is_followed
        self._frail = FrailDatabase(self.database, self._watch, self._steps)
        self._sender = uuid7()
        self._outbox = Outbox(
            [self._wire],
            Deliveries(self._frail, self._sender),
            FrailSpool(self._spool, self._watch, self._steps),
            now=self._clock,
            confirm_within=timedelta(seconds=60),
            monotonic=lambda: self._clock().timestamp(),
            sleep=self._clock.wait,
            jitter=lambda: 0.5,
        )
        await self._outbox.take_stock()
        self._running = asyncio.create_task(self._run())
        await asyncio.sleep(0)

    async def _run(self) -> None:
        async with self._outbox.open():
            await asyncio.Event().wait()

    async def _doing(self, chat: str, severity: Severity, count: int, seconds: float) -> None:
        for _ in range(count):
            await self._owe_one(chat, severity, Kind.ALERT)
        await self._pass_by(seconds)

    async def _killed(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do it until the program stops, at the step that was ordered or after all."""
        task = asyncio.ensure_future(doing)
        stopped = asyncio.ensure_future(self._steps.stopped.wait())
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
        ours = [one for one in asyncio.all_tasks() - self._others if one is not asyncio.current_task()]
        for one in ours:
            # The pool of connections outlives the program here.
            if "Pool" not in repr(one.get_coro()):
                one.cancel()
        await asyncio.gather(*ours, return_exceptions=True)
        self._clock.forget()

    def _owe(self, chat: str, severity: Severity, kind: Kind, **more: Any) -> None:
        self._do(self._owe_one(chat, severity, kind, **more))

    async def _owe_one(self, chat: str, severity: Severity, kind: Kind, **more: Any) -> None:
        due = self._note_due(chat, severity, kind, is_alone=not more)
        await self._outbox.owe(Message(due.name), Room("wire", chat), kind=kind, severity=severity, **more)
        due.is_known, due.tries = True, len(self._wire.tries)

    async def _answer_all(self, chat: str, count: int) -> None:
        recorded = [await self._record(chat) for _ in range(count)]
        await asyncio.gather(*(self._outbox.show(draft) for draft in recorded if draft is not None))

    async def _record(self, chat: str) -> Draft | None:
        """An answer that is to be shown; None where it could not be recorded, and is owed."""
        due = self._note_due(chat, Severity.INFO, Kind.ANSWER, is_alone=True)
        command_id: UUID = uuid7()
        draft = self._outbox.draft(Message(due.name), Room("wire", chat), asker=None, command_id=command_id)
        rows = [{**row_of(one), "claimed_by": str(self._sender)} for one in draft.owed]
        due.is_known = True
        try:
            await self._frail.fetchval("SELECT record(NULL, NULL, '[]', NULL, $1, NULL, NULL)", rows)
        except DatabaseAway:
            # It may be recorded or not; what is said instead is another message.
            due.in_trouble, due.is_known = True, False
            instead = self._note_due(chat, Severity.INFO, Kind.ANSWER, is_alone=True)
            instead.in_trouble = instead.is_known = True
            await self._outbox.tell(Message(instead.name), Room("wire", chat), command_id=command_id)
            return None
        return draft

    def _note_due(self, chat: str, severity: Severity, kind: Kind, *, is_alone: bool) -> Due:
        name = f"m{len(self._due)}"
        lane = {Severity.EMERGENCY: Lane.EMERGENCY, Severity.CRITICAL: Lane.CRITICAL}.get(severity)
        if lane is None:
            lane = Lane.ANSWER if kind is Kind.ANSWER else Lane.WARNING if severity is Severity.WARNING else Lane.INFO
        in_trouble = self._frail.is_away or self._frail.loses > 0 or self._steps.stop_in is not None
        # And until somebody has looked whether the database is back: what is in its table cannot be reached so long.
        in_trouble = in_trouble or not self._outbox._book.is_here
        # What is stored at the very moment at which its chat moves is sent there after a knock at the old door.
        # Nobody asks there any more: an answer goes by the room that it was asked in.
        is_followed = self._wire.is_followed and kind is not Kind.ANSWER
        in_trouble = in_trouble or (chat in self._wire.moved and not is_followed)
        due = Due(name, chat, lane, is_alone, in_trouble, len(self._wire.tries), self._troubles)
        self._due[name] = due
        return due

    async def _pass_by(self, seconds: float) -> None:
        end = self._clock() + timedelta(seconds=seconds)
        await self._watch.quiet()
        while (alarm := self._clock.next_alarm) is not None and alarm <= end:
            self._clock.pass_to(alarm)
            await self._watch.quiet()
        self._clock.pass_to(end)
        await self._watch.quiet()

    def _lane_of(self, one: Try) -> Lane:
        return min(self._due[name].lane for name in NAME.findall(one.text))

    def _first_tellings(self, chat: str, lane: Lane) -> list[Due]:
        told: dict[str, Due] = {}
        for one in self._wire.tries:
            # What says that it may be a repeat was on its way when its end was lost: it waited until that was given up.
            if one.accepted and not one.is_edit and one.chat == chat and REPEAT not in one.text:
                for name in NAME.findall(one.text):
                    due = self._due[name]
                    if due.lane is lane and due.is_alone and due.is_known:
                        told.setdefault(name, due)
        return list(told.values())


def check(database_url: str, caplog: pytest.LogCaptureFixture, tries: int, steps: int) -> dict[str, int]:
    # One loop and one pool for all examples; hypothesis itself is not asynchronous.
    with asyncio.Runner() as runner, Opened(database_url, runner) as opened:

        class Here(Trouble):
            seen: ClassVar[dict[str, int]] = {}

        Here.database, Here.runner = opened, runner

        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=tries,
                stateful_step_count=steps,
                deadline=None,
                # What fails here fails for whoever looks into it too.
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                # Each step waits for a real database: to shrink a failure would take minutes.
                phases=[Phase.generate],
            ),
        )
    # asyncpg says as an error that a task which was killed leaves a transaction open.
    ours = [record for record in caplog.records if record.name.startswith("chatops")]
    assert not [record.getMessage() for record in ours if record.exc_info]
    return Here.seen


def test_whatever_breaks_what_is_owed_is_shown_once_and_in_order(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen = check(database_url, caplog, tries=examples(60), steps=25)
    # Many of the examples do end in each of the ways, or all this would show nothing.
    assert min(seen.get(state, 0) for state in ("sent", "folded", "ambiguous", "dead")) > 0
