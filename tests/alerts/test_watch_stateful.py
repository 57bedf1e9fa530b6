"""Whatever happens in whatever order, once all is back everybody knows the truth."""

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alerts.model import Alert, Form, Key
from alerts.severity import Severity
from tests.alerts.desk import CRITICAL, DWELL, EMERGENCY, WARNING, Desk
from tests.examples import examples

SUBJECTS = st.sampled_from(["SOL-1", "ETH-1"])
VALUES = st.sampled_from([0.0, 0.97, 1.5, 1.97, 2.5, 3.5])
ROOMS = st.sampled_from([None, 0.5, 0.3, 0.1])
WAITS = st.sampled_from([1.0, 20.0, 61.0, 130.0, 700.0])


class Machine(RuleBasedStateMachine):
    """One desk, one room, three people; readings, words and trouble in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.desk = Desk(throttles={WARNING: timedelta(minutes=5), CRITICAL: timedelta(minutes=1), EMERGENCY: None})
        self.run(self.desk.watch.begin())
        #: By subject, until when its value was last not clear of which severity.
        self.not_clear: dict[tuple[str, Severity], float] = {}
        self.severities: dict[Key, Severity] = {}
        #: When the store came back.
        self.back_at: set[float] = set()

    def run(self, what: Any) -> Any:
        return self.loop.run_until_complete(what)

    def teardown(self) -> None:
        try:
            self.all_comes_back()
        finally:
            self.desk.watch.close()
            self.loop.close()

    # ------------------------------------------------------------------------ what may happen

    @rule(subject=SUBJECTS, value=VALUES, room=ROOMS)
    def read(self, subject: str, value: float, room: float | None) -> None:
        self.run(self.desk.read(subject, value=value, room=room))
        self.look()

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        for _ in range(int(seconds // 10) or 1):
            self.desk.elapsed_s += min(seconds, 10.0)
            self.run(self.desk.hear())
            self.run(self.desk.tick())
            self.look()

    @rule(subject=SUBJECTS, value=st.sampled_from([0.0, 1.5, 2.5]))
    def ease(self, subject: str, value: float) -> None:
        """It gets better, and stays so for long enough."""
        self.read(subject, value, None)
        self.wait(70)

    @rule(seconds=WAITS)
    def hang(self, seconds: float) -> None:
        """Nothing at all happens for so long, and then all at once."""
        self.desk.elapsed_s += seconds
        self.run(self.desk.tick())
        self.look()

    @precondition(lambda self: self.desk.open)
    @rule(by=st.sampled_from(["ada", "bob"]), back=st.sampled_from([0, 0, 1]))
    def acknowledge(self, by: str, back: int) -> None:
        self.run(self.desk.acknowledge(by, epoch=self.desk.alert.epoch - back))

    @rule(minutes=st.sampled_from([1, 10, 60]))
    def silence(self, minutes: int) -> None:
        if not self.desk.store.away:
            self.run(self.desk.silence(timedelta(minutes=minutes), rule="heat"))

    @rule()
    def unsilence(self) -> None:
        if not self.desk.store.away:
            self.run(self.desk.unsilence())

    @rule(minutes=st.sampled_from([5, 30]))
    def quiet_hours(self, minutes: int) -> None:
        self.desk.roster.quiet["ops"] = self.desk.now + timedelta(minutes=minutes)

    @rule(is_away=st.booleans())
    def outage(self, is_away: bool) -> None:
        self.desk.store.away = is_away
        self.back_at.add(self.desk.elapsed_s)
        self.run(self.desk.tick())

    @rule(count=st.sampled_from([1, 1, 2]))
    def answers_are_lost(self, count: int) -> None:
        self.desk.store.answers_to_lose = count
        self.back_at.add(self.desk.elapsed_s)

    @rule()
    def crash(self) -> None:
        self.desk.store.away = False
        self.run(self.desk.crash())
        self.severities = {one.key: one.severity for one in self.desk.open}

    # ------------------------------------------------------------------------ what always holds

    def look(self) -> None:
        """After each reading: a severity that fell was clear of the higher one for as long as it has to be."""
        now = self.desk.elapsed_s
        open_now = {one.key: one.severity for one in self.desk.open}
        for metric, value in self.desk.metrics.items():
            kind, _, subject = metric.partition(":")
            if kind != "heat":
                continue
            key = Key("heat", "carry", subject)
            before, after = self.severities.get(key), open_now.get(key)
            for severity in (WARNING, CRITICAL, EMERGENCY):
                threshold = {WARNING: 1.0, CRITICAL: 2.0, EMERGENCY: 3.0}[severity]
                if value > threshold * 0.95:
                    self.not_clear[subject, severity] = now
                fell = before is not None and before.reaches(severity) and not (after and after.reaches(severity))
                assert not fell or now - self.not_clear.get((subject, severity), -1e9) >= DWELL.total_seconds()
        self.severities = open_now

    @invariant()
    def nothing_is_told_aloud_after_an_acknowledgement(self) -> None:
        for one in self.desk.said:
            # A first word that waited for the store still comes, and shows who has it.
            waited = one.form is Form.CARD and one.at_s in self.back_at
            assert one.alert.in_hand is None or not one.is_aloud or waited

    @invariant()
    def one_is_open_for_each_key(self) -> None:
        keys = [one.key for one in self.desk.open]
        assert len(keys) == len(set(keys))

    def all_comes_back(self) -> None:
        """The store, the snapshots and the end of every silence and of quiet hours."""
        desk = self.desk
        desk.store.away, desk.store.answers_to_lose = False, 0
        self.back_at.add(desk.elapsed_s)
        desk.roster.quiet.clear()
        desk.store.made_silences.clear()
        self.run(desk.tick())
        self.run(desk.watch.silences_changed())
        self.run(desk.wait(20))
        for one in self.run(desk.store.load()):
            truth = one.alert.severity if one.alert.is_open else None
            heard = {told.severity for told in one.told.values() if told.epoch}
            assert heard <= {truth}
            assert one.alert.in_hand is not None or heard
        known = {one.alert.key: one.alert.severity for one in self.run(desk.store.load())}
        assert known == {one.key: one.severity for one in desk.open}
        for told in {one.alert.id: one.alert for one in desk.said}:
            self._last_words_are_true(told, {one.id: one for one in desk.open})
        wanted = {
            subject: value for metric, value in desk.metrics.items() for subject in [metric.partition(":")[2]]
            if metric.startswith("heat:") and value >= 1
        }  # fmt: skip
        assert set(wanted) <= {one.key.subject for one in desk.open}

    def _last_words_are_true(self, alert_id: Any, standing: dict[Any, Alert]) -> None:
        last = {one.target: one for one in self.desk.said if one.alert.id == alert_id and one.form != Form.STILL_THERE}
        for one in last.values():
            now = standing.get(alert_id)
            assert one.alert.is_open == (now is not None)
            assert now is None or one.alert.severity is now.severity


Machine.TestCase.settings = settings(max_examples=examples(40), stateful_step_count=25, deadline=None)
TestWatch = Machine.TestCase
