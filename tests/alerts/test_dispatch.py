"""Decisions, as values."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.dispatch import Decision, decide
from alerts.model import Acknowledgement, Alert, Form, Key, Ledger, Target
from alerts.policy import EMERGENCY
from alerts.severity import Severity
from alerts.why import Why
from tests.alerts.desk import UNTHROTTLED, terms_of
from tests.alerts.roster import MovableRoster, room
from tests.alerts.store_contract import KEY, alert
from tests.bot_integration.facts import NOON


def decided(
    one: Alert,
    told: Ledger,
    now: datetime,
    *,
    roster: MovableRoster | None = None,
    others: dict[Key, Alert] | None = None,
) -> tuple[Decision, Ledger]:
    decision = decide(
        one,
        told,
        terms=terms_of("health_factor", throttles=UNTHROTTLED),
        silences=(),
        open_alerts=others or {},
        roster=roster or MovableRoster(),
        now=now,
    )
    return decision, {**told, **{heard.target: heard for heard in decision.told}}


def test_asked_again_with_what_it_gave_it_tells_nothing() -> None:
    first, told = decided(alert(), {}, NOON)
    assert [one.form for one in first.tellings] == [Form.CARD]
    again, _ = decided(first.alert, told, NOON)
    assert (again.tellings, again.told, again.events) == ((), (), ())


def test_asked_only_when_it_says_it_tells_all_of_an_emergencys_day() -> None:
    one, now = replace(alert(), policy=EMERGENCY, severity=Severity.EMERGENCY), NOON
    told: Ledger = {}
    tellings: dict[Target, int] = {}
    while now <= NOON + timedelta(hours=24):
        decision, told = decided(one, told, now)
        for telling in decision.tellings:
            tellings[telling.target] = tellings.get(telling.target, 0) + 1
        assert decision.next_at is not None
        one, now = decision.alert, decision.next_at
    # At once, at 2 min, and every minute after that.
    assert tellings[room("ops")] == 2 + (24 * 60 - 2)


def test_a_decision_says_why_in_words_and_leaves_a_line() -> None:
    decision, _ = decided(alert(), {}, NOON)
    assert [(one.why, one.reason) for one in decision.tellings] == [(Why.FIRED, "began")]
    assert [one.reason for one in decision.events] == ["began (room:ops)"]


def test_a_new_room_hears_of_it_with_the_next_step_for_rooms() -> None:
    roster = MovableRoster()
    first, told = decided(alert(), {}, NOON, roster=roster)
    roster.rooms.append("night")
    later, _ = decided(first.alert, told, NOON + timedelta(minutes=10), roster=roster)
    assert {one.target: one.form for one in later.tellings}[room("night")] is Form.CARD


def test_a_room_that_we_were_put_out_of_is_told_no_more() -> None:
    roster = MovableRoster()
    first, told = decided(alert(), {}, NOON, roster=roster)
    roster.rooms.clear()
    over = replace(first.alert, resolved_at=NOON)
    decision, told = decided(over, told, NOON, roster=roster)
    assert decision.tellings == ()
    assert told[room("ops")].severity is None
    assert [one.reason for one in decision.events] == ["may not be told any more (room:ops)"]


def test_an_acknowledgement_of_an_earlier_epoch_holds_nothing_back() -> None:
    first, told = decided(alert(), {}, NOON)
    old = Acknowledgement(1, "ada", NOON, NOON + timedelta(hours=1))
    risen = replace(first.alert, epoch=2, severity=Severity.EMERGENCY, acknowledged=old)
    decision, _ = decided(risen, told, NOON)
    assert [(one.why, one.reason) for one in decision.tellings] == [(Why.ROSE, "rose from critical to emergency")]


def test_a_drill_of_the_health_factor_hides_no_real_distance() -> None:
    drill = replace(alert(7), is_drill=True)
    distance = alert(1, replace(KEY, rule="liquidation_distance"))
    decision, _ = decided(distance, {}, NOON, others={KEY: drill})
    assert [one.why for one in decision.tellings] == [Why.FIRED]


def test_what_a_room_is_owed_is_not_edited() -> None:
    roster = MovableRoster()
    roster.quiet["ops"] = NOON + timedelta(hours=8)
    first, told = decided(replace(alert(), severity=Severity.WARNING), {}, NOON, roster=roster)
    assert first.tellings == ()
    assert told[room("ops")].epoch == 0
    assert first.next_at == NOON + timedelta(minutes=2)
    fallen, _ = decided(replace(first.alert, severity=Severity.INFO), told, NOON, roster=roster)
    assert fallen.tellings == ()
