"""Whatever alerts, rules and shifts there are, what people ask about them can be read on a phone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.amending import changed, keys
from alerts.answer import Taken
from alerts.escalation import begun
from alerts.model import Acknowledgement, Alert, AlertEvent, Ended, Figure, Form, Key, Reading, Step, Target, TargetKind
from alerts.oncall import Override, Shift
from alerts.policy import usual
from alerts.severity import Severity
from alerts.silence import Silence, silenced
from alerts.terms import DEFAULTS
from chatops.alert_record import Carried, History, Pace, RuleChange, Said, StandIn
from chatops.alerting.drills import lasts, made_up
from chatops.asks import Alerts, AlertStats, Drill, GiveOncall, Status
from chatops.asks import Silence as Hush
from chatops.owed import State
from chatops.people import Principal, Role
from chatops.views import alert_list, drills, oncall, rules, silences
from chatops.views.alert_story import story
from chatops.views.pinned import pinned_status, signature
from chatops.views.status import status
from tests.chatops.views.facts import NAMES, NOW, TEXTS, alpha
from tests.chatops.views.readable import assert_readable
from tests.chatops.views.test_any_facts import wild as wilder

OPS, ADA, PAGER = (
    Target(kind, name)
    for kind, name in ((TargetKind.ROOM, "ops"), (TargetKind.PERSON, "ada"), (TargetKind.CHANNEL, "pager"))
)


def wild(test: Callable[..., None]) -> Callable[..., None]:
    """As wild, and fewer of them: what is built here is large."""
    return settings(wilder, max_examples=15)(test)


def alert(number: int = 1, severity: Severity = Severity.CRITICAL, **more: object) -> Alert:
    key = Key("health_factor", "alpha", "SOL-1/bybit")
    reading = Reading(key, 0.148, "health_factor", 0.062, "SOL-1", "HF 0.148 on bybit", (Figure("HF", "0.148"),))
    began = NOW - timedelta(minutes=12)
    made = Alert(
        UUID(int=number), number, key, severity, severity, 1, began, began, reading, NOW, usual(severity), begun(began)
    )
    return replace(made, **more)  # type: ignore[arg-type]  # the tests name its fields


ALERTS = st.builds(
    lambda number, severity, rule, subject, says, is_drill, by: alert(
        number,
        severity,
        key=Key(rule, "alpha", subject),
        reading=Reading(Key(rule, "alpha", subject), 0.1, "x", None, subject, says, (Figure(rule, says),)),
        is_drill=is_drill,
        acknowledged=Acknowledgement(1, by, NOW, NOW + timedelta(minutes=30)) if by else None,
    ),
    st.integers(1, 10**9),
    st.sampled_from(Severity),
    NAMES,
    NAMES,
    TEXTS,
    st.booleans(),
    st.just("") | NAMES,
)


@wild
@given(st.lists(ALERTS, max_size=20), st.integers(1, 9), st.booleans(), TEXTS)
def test_any_list_can_be_read(standing: list[Alert], page: int, may_ack: bool, said: str) -> None:
    following = {one.number: said for one in standing}
    assert_readable(alert_list.alerts(standing, NOW, Alerts(page=page), may_ack=may_ack, following=following))
    assert_readable(alert_list.which_to_ack(standing, NOW))
    assert_readable(alert_list.all_acknowledged(standing, [said] * 20, None))
    assert_readable(silences.which(standing, sorted(DEFAULTS)))
    assert_readable(status([("alpha", alpha())], NOW, Status(), alerts={"alpha": standing}))
    assert_readable(pinned_status([("alpha", alpha())], NOW, alerts={"alpha": standing}))


@wild
@given(ALERTS, NAMES, TEXTS, st.sampled_from(Form), st.sampled_from(State))
def test_any_story_can_be_read(one: Alert, by: str, reason: str, form: Form, state: State) -> None:
    events = tuple(AlertEvent(NOW, step, by, reason, one.severity) for step in Step) * 4
    carried = (Carried(UUID(int=1), "telegram", "1", state, None, reason),)
    said = tuple(Said(NOW, target, form, "fired", reason, 1, one.severity, carried) for target in (OPS, ADA, PAGER)) * 9
    history = History(one, {}, events, said)
    hush = (silenced(by, NOW, timedelta(minutes=30), open_alerts=(), alert=one),)
    for shown in (one, replace(one, resolved_at=NOW, ended=Ended.GONE)):
        assert_readable(story(shown, NOW, history=history, following=(NOW, (ADA,)), silences=hush, may_ack=True))
        assert_readable(story(shown, NOW, history=None))
        assert_readable(drills.report(shown, history, NOW))
        assert_readable(alert_list.acknowledged(Taken.ROSE, reason or "So.", shown))
    assert_readable(silences.how_long(Hush(what=by), one))
    assert_readable(drills.begun(one))


@wild
@given(NAMES, NAMES, TEXTS)
def test_any_silence_and_stand_in_can_be_read(who: str, by: str, reason: str) -> None:
    about = Silence(3, by, NOW, NOW + timedelta(days=3), Severity.CRITICAL, rule="daily_loss", bot=who, reason=reason)
    for shown in (
        silences.silences([about] * 30, {}, NOW, may_end=True),
        silences.silenced(about, {}, NOW),
        silences.ended(about, {}),
        silences.which_to_end([about] * 30, {}, who),
        oncall.oncall([Shift(who, NOW, NOW + timedelta(days=7))], [stand_in(who, by)] * 30, NOW, UTC, may_change=True),
        oncall.oncall([], [], NOW, UTC, may_change=False),
        oncall.which_person([Principal("ada", Role.ADMIN)] * 20, "2h", who),
        oncall.how_long(GiveOncall(who="ada"), who),
        oncall.which_to_end([stand_in(who, by)] * 30),
        oncall.ended(stand_in(who, by), None),
    ):
        assert_readable(shown)


def stand_in(who: str, by: str) -> StandIn:
    return StandIn(2, Override(who, NOW, NOW + timedelta(hours=2)), by, NOW)


def test_every_rule_and_key_and_drill_fits_a_phone() -> None:
    made: Mapping[str, list[RuleChange]] = {
        name: [RuleChange(name, one.key, one.text, "ada", NOW) for one in keys(terms)]
        for name, terms in DEFAULTS.items()
    }
    assert_readable(rules.rules(DEFAULTS, made))
    for name, terms in DEFAULTS.items():
        assert_readable(rules.rule(terms, terms, made[name], NOW, may_change=True))
        for one in keys(terms):
            assert_readable(rules.which_value(terms, one, made[name][0], one.text))
            assert_readable(rules.really_set(terms, one, one, is_back=False))
        for severity in terms.severities:
            policy = usual(severity)
            assert made_up(terms, severity).says
            assert_readable(drills.really_drill(Drill(rule=name, severity=severity), policy, lasts(policy)))


def test_a_threshold_that_is_changed_shows_in_the_list() -> None:
    terms = changed(DEFAULTS["daily_loss"], "warning.loss_pct", "75")
    off = changed(DEFAULTS["divergence"], "on", "no")
    shown = rules.rules({"daily_loss": terms, "divergence": off}, {"daily_loss": []}).text
    assert "daily_loss yes ≥75/100" in shown
    assert "divergence NO       ≥1" in shown


def test_a_thousand_alerts_are_paged_the_worst_first() -> None:
    many = [alert(number, Severity.WARNING) for number in range(1, 1_000)]
    shown = alert_list.alerts([*many, alert(1_000, Severity.EMERGENCY)], NOW, Alerts(), may_ack=True)
    assert shown.title == "🚨 1000 alerts: 1 emergency, 999 warning"
    assert shown.text.index("#1000") < shown.text.index("#999")
    assert "Page 1 of 125." in shown.text
    assert len(shown.text) < 4_096


def test_what_somebody_has_in_hand_comes_after_what_nobody_has() -> None:
    taken = alert(2, acknowledged=Acknowledgement(1, "ada", NOW, NOW + timedelta(minutes=30)))
    shown = alert_list.alerts([taken, alert(1)], NOW, Alerts(), may_ack=True)
    assert shown.text.index("#1") < shown.text.index("#2")
    assert "ada has it until 12:30 UTC" in shown.text


def test_a_drill_makes_no_bot_unwell_and_is_marked() -> None:
    shown = status([("alpha", alpha())], NOW, Status(), alerts={"alpha": [alert(is_drill=True)]})
    assert shown.title == "alpha is well"
    assert "DRILL 🔴 CRITICAL" in shown.text


def test_the_pinned_card_is_edited_when_an_alert_comes() -> None:
    known = [("alpha", alpha())]
    assert signature(known, NOW) != signature(known, NOW, alerts={"alpha": [alert()]})


def test_times_to_answer_in_their_largest_part() -> None:
    paces = [
        Pace("health_factor", 12, {}, 9, 11, timedelta(seconds=72), timedelta(minutes=31), timedelta(hours=3), None),
        Pace("consecutive_failures", 100, {}, 0, 0, None, None, None, None),
    ]
    shown = alert_list.stats(paces, AlertStats())
    assert_readable(shown)
    assert shown.title == "112 alerts in the last 30 days, 9 acknowledged"
    assert "health_factor         12  1m 31m  3h   –" in shown.text


def test_a_message_that_did_not_arrive_is_said_beside_who_should_have_read_it() -> None:
    dead = Carried(UUID(int=1), "telegram", "1", State.DEAD, None, "blocked")
    waiting = Carried(UUID(int=2), "memory", "1", State.PENDING)
    said = (
        Said(NOW, ADA, Form.PING, "escalated", "nobody has acknowledged for 2m", 1, Severity.CRITICAL, (dead,)),
        Said(NOW, OPS, Form.CARD, "fired", "began", 1, Severity.CRITICAL, (waiting,)),
    )
    shown = story(alert(), NOW, history=History(alert(), {}, (), said)).text
    assert "→ ada (again): nobody has acknowledged for 2m [dead on telegram, blocked]" in shown
    assert "→ ops: began [not sent yet]" in shown


def test_who_is_on_call_next_and_who_stands_in() -> None:
    monday = datetime(2026, 5, 11, 9, tzinfo=UTC)
    coming = [
        Shift("bob", NOW - timedelta(hours=1), NOW + timedelta(hours=2), is_override=True),
        Shift("ada", NOW + timedelta(hours=2), monday),
    ]
    shown = oncall.oncall(coming, [stand_in("bob", "ada")], NOW, UTC, may_change=False)
    assert shown.title == "bob is on call until Mon 05-04 14:00, then ada"
    assert "Mon 05-04 11:00 bob stands in" in shown.text
    assert "2: bob, Mon 05-04 12:00 to Mon 05-04 14:00, said ada" in shown.text


def test_how_often_it_got_worse_is_said_in_words() -> None:
    assert "Got worse once at " in story(alert(epoch=2), NOW, history=None).text
    assert "Got worse 2 times, last at " in story(alert(epoch=3), NOW, history=None).text
