"""What is late is found from outside, whatever kept it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from alerts.auditor import Audit, LateStep, Seen, audit, delivering, delivery_readings, late_steps, watch_reading
from alerts.escalation import begun, due
from alerts.heartbeat import why_silent
from alerts.model import Acknowledgement, Alert, Key, Reading
from alerts.policy import DEFAULT, QUIET, Policy
from alerts.pulse import Pulse
from alerts.severity import Severity

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def fired(seconds_ago: float, policy: Policy = DEFAULT, told_up_to: float | None = None) -> Alert:
    """An alert of whose policy everything was told up to so many seconds ago."""
    at, key = ago(seconds_ago), Key("heat", "carry", "SOL-1")
    progress = begun(at)
    if told_up_to is not None:
        progress = due(policy, at, progress, ago(told_up_to)).progress
    severity, reading = Severity.CRITICAL, Reading(key, 2.5)
    return Alert(UUID(int=7), 7, key, severity, severity, 1, at, at, reading, at, policy, progress)


WELL = Pulse(evaluated_at=ago(1), escalated_at=ago(1), ticked_at=ago(1))


def audited(*alerts: Alert, pulse: Pulse = WELL, **seen: object) -> Audit:
    return audit(Seen(pulse, alerts, **{"next_at": None, **seen}), ago(3600), NOW)  # type: ignore[arg-type]


def test_where_all_is_in_time_there_is_nothing_to_say() -> None:
    assert audited(fired(119, told_up_to=1)) == Audit(NOW)


def test_an_alert_that_nobody_could_be_told_of_is_said_of_the_watch() -> None:
    found = audited(pulse=replace(WELL, untold=1), before=WELL)
    assert found.troubles == ("an alert could not be decided or stored, and nobody was told of it: see the log",)
    assert watch_reading(found).value == 1


@pytest.mark.parametrize(
    ("alert", "late_s"),
    [
        (fired(11), 11),
        (fired(131, told_up_to=12), 11),
        # Repeats have no end: the first that was missed counts, not the last.
        (fired(3600, told_up_to=2000), 1800),
    ],
)
def test_a_step_that_was_not_told_is_late(alert: Alert, late_s: float) -> None:
    assert list(late_steps([alert], NOW)) == [LateStep(7, "a step of its escalation was not told", ago(late_s))]


@pytest.mark.parametrize(
    "alert",
    [
        fired(9),
        fired(128, told_up_to=9),
        fired(3600, QUIET, told_up_to=3000),
        replace(fired(3600), resolved_at=ago(60)),
    ],
)
def test_one_that_has_still_time_or_is_over_is_not(alert: Alert) -> None:
    assert list(late_steps([alert], NOW)) == []


def test_an_acknowledgement_that_should_have_lapsed_is_late() -> None:
    held = replace(fired(3600), acknowledged=Acknowledgement(1, "ada", ago(1900), ago(11)))
    (late,) = late_steps([held], NOW)
    assert late == LateStep(7, "the acknowledgement of ada has not lapsed", ago(11))
    assert list(late_steps([held], ago(5))) == []


def test_the_first_of_many_is_said() -> None:
    found = audited(fired(20), fired(30))
    assert found.escalating == "alert 7: a step of its escalation was not told for 30 s, and 1 more"
    assert not found.is_stuck


@pytest.mark.parametrize(
    ("pulse", "seen", "troubles", "is_stuck"),
    [
        (replace(WELL, ticked_at=ago(12)), {}, ("nothing that is due has been looked at for 12 s",), True),
        (Pulse(evaluated_at=ago(1)), {}, ("nothing that is due has been looked at for 1 h",), True),
        (WELL, {"next_at": ago(11)}, ("something has been due for 11 s",), False),
        (WELL, {"next_at": ago(9)}, (), False),
        (WELL, {"unread_since": ago(11)}, ("no facts have been read for 11 s, and there are new ones",), False),
        (WELL, {"unread_since": ago(9)}, (), False),
        (
            replace(WELL, overran=3),
            {"before": replace(WELL, overran=2)},
            ("the rules over a bot took too long",),
            False,
        ),
        (replace(WELL, broke=1), {"before": WELL}, ("the rules over a bot broke",), False),
        (replace(WELL, overran=3), {"before": replace(WELL, overran=3)}, (), False),
        # It is for the other one to look.
        (replace(WELL, ticked_at=ago(60), is_over=True), {}, ("another worker has taken over",), False),
    ],
)
def test_what_is_not_in_time_is_said(
    pulse: Pulse, seen: dict[str, object], troubles: tuple[str, ...], is_stuck: bool
) -> None:
    found = audited(pulse=pulse, **seen)
    assert (found.troubles, found.is_stuck) == (troubles, is_stuck)


def test_what_another_alert_tells_is_not_told_twice() -> None:
    overran = audited(pulse=replace(WELL, overran=3), before=WELL)
    assert overran.evaluating
    assert watch_reading(overran).value == 0
    unread = audited(unread_since=ago(11))
    assert (watch_reading(unread).value, watch_reading(unread).says) == (1, unread.evaluating)
    assert watch_reading(audited(fired(30))).value == 1


@pytest.mark.parametrize(
    ("urgent_s", "oldest_s", "said"),
    [
        (60.0, 900.0, ""),
        (61.0, 61.0, "an urgent message has been owed for 1 min 1 s"),
        (0.0, 901.0, "a message has been owed for 15 min 1 s"),
        (None, None, "it is not known what is owed: the database does not say"),
    ],
)
def test_what_is_owed_for_too_long_is_not_in_time(urgent_s: float | None, oldest_s: float | None, said: str) -> None:
    assert delivering(Audit(NOW), urgent_s, oldest_s).delivering == said


def test_each_platform_has_an_alert_of_its_own() -> None:
    urgent, oldest = delivery_readings("telegram", 61, 70)
    assert urgent.key == oldest.key == Key("delivery_old", "", "telegram")
    assert (urgent.metric, urgent.value, oldest.metric, oldest.value) == ("urgent_age", 61, "delivery_age", 70)


def test_the_heart_beats_while_all_is_in_time_and_somebody_looks() -> None:
    assert why_silent(Audit(ago(20)), NOW) == ""
    assert why_silent(None, NOW) == "the auditor has not looked yet"
    assert why_silent(Audit(ago(21)), NOW) == "the auditor has not looked for 21 s"
    assert why_silent(Audit(NOW, evaluating="slow", delivering="old"), NOW) == "slow; old"
