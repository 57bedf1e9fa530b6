"""Stories of one watch: what fires, what holds it back, and how it ends."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from alerts.model import Ended, Form
from alerts.policy import Policy, Rung, Whom
from alerts.why import Why
from tests.alerts.desk import CRITICAL, EMERGENCY, UNTHROTTLED, WARNING, Desk, terms_of


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Told again by its policy and by what shrinks, never by a throttle."""
    async with Desk(throttles=UNTHROTTLED) as made:
        yield made


CARD, PING, EDIT, RESOLVED = Form.CARD, Form.PING, Form.EDIT, Form.RESOLVED
HOUR = timedelta(hours=1)


async def test_three_severities_in_one_reading_are_one_message_the_highest(desk: Desk) -> None:
    await desk.read(value=3.5)
    assert [(one.target, one.form, one.why, one.alert.severity) for one in desk.said] == [
        ("room:ops", CARD, Why.FIRED, EMERGENCY)
    ]


async def test_worse_by_a_fifth_inside_a_severity_is_told_again(desk: Desk) -> None:
    await desk.read(value=2.5, room=0.50)
    await desk.read(value=2.6, room=0.41)
    assert len(desk.said) == 1
    await desk.read(value=2.7, room=0.38)
    assert desk.said[-1].why is Why.WORSENED
    assert desk.said[-1].reason == "told again: room to liquidation down 24 %"
    await desk.read(value=2.7, room=0.31)
    assert len(desk.said) == 2


async def test_a_throttle_delays_and_then_tells() -> None:
    async with Desk(throttles={CRITICAL: timedelta(minutes=1)}) as desk:
        await desk.read(value=2.5)
        await desk.wait(59)
        assert len(desk.said) == 1
        await desk.wait(1)
        assert desk.heard() == [(CARD, Why.FIRED), (PING, Why.STANDS)]


async def test_without_a_throttle_every_evaluation_that_says_something_new_is_on_the_card() -> None:
    async with Desk(throttles={EMERGENCY: None}) as desk:
        await desk.read(value=3.5)
        await desk.read(value=3.5)
        await desk.read(value=3.6)
        assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.FIGURES)]
        assert desk.said[-1].reason == "heat 3.6"


async def test_a_rise_is_told_at_once_and_voids_the_acknowledgement(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.acknowledge("ada")
    await desk.read(value=3.5)
    assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.ACKNOWLEDGED), (PING, Why.ROSE)]
    assert desk.alert.in_hand is None
    assert desk.alert.policy.name == "emergency"


async def test_an_alert_climbs_until_a_person_answers(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.wait(5 * 60)
    told = [(one.at_s, one.target, one.why) for one in desk.said]
    assert told == [
        (0, "room:ops", Why.FIRED),
        (120, "person:ada", Why.ESCALATED),
        (300, "person:bob", Why.ESCALATED),
        (300, "person:ada", Why.ESCALATED),
        (300, "person:cyn", Why.ESCALATED),
    ]
    await desk.acknowledge("bob")
    count = len(desk.said)
    await desk.wait(20 * 60)
    assert len(desk.said) == count


async def test_a_day_without_an_answer_is_told_as_often_as_the_policy_says(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.wait_idly(24 * 3600)
    # At 0 and 10 min, then every 5 min until 24 h are over.
    assert len(desk.heard("room:ops")) == 2 + (24 * 60 - 10) // 5
    # At 2, 5 and 10 min before that.
    assert len(desk.heard("person:ada")) == 3 + (24 * 60 - 10) // 5
    assert len(desk.heard("channel:pager")) == 1 + (24 * 60 - 10) // 5


async def test_an_hour_of_downtime_makes_each_step_happen_once(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.elapsed_s += 3600
    await desk.hear()
    await desk.crash()
    await desk.tick()
    targets = [one.target for one in desk.said[1:]]
    assert sorted(targets) == ["channel:pager", "person:ada", "person:bob", "person:cyn", "room:ops"]
    count = len(desk.said)
    await desk.tick()
    assert len(desk.said) == count


async def test_resolved_goes_to_all_that_were_told_with_how_long_it_lasted(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.wait(120)
    await desk.read(value=0)
    await desk.wait(60)
    ends = [(one.target, one.form, one.reason) for one in desk.said if one.why is Why.RESOLVED]
    assert sorted(ends) == [
        ("person:ada", RESOLVED, "resolved after 3 min"),
        ("room:ops", RESOLVED, "resolved after 3 min"),
    ]
    assert desk.watch.alerts() == []
    assert await desk.store.load() == []


async def test_a_fall_is_without_a_sound(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.read(value=1.5)
    await desk.wait(60)
    assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.FELL)]
    assert desk.alert.severity is WARNING
    assert desk.alert.peak is CRITICAL


async def test_what_is_gone_is_resolved_at_once_as_that(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.wait(10)
    desk.positions.remove("SOL-1")
    del desk.metrics["heat:SOL-1"]
    await desk.hear()
    assert desk.said[-1].form is RESOLVED
    assert desk.said[-1].alert.ended is Ended.GONE


async def test_what_cannot_be_read_changes_nothing(desk: Desk) -> None:
    await desk.read(value=2.5)
    del desk.metrics["heat:SOL-1"]
    await desk.hear()
    await desk.wait(90)
    assert desk.alert.severity is CRITICAL


async def test_a_rule_that_is_turned_off_ends_its_alerts(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.terms["heat"] = terms_of("heat", on=False)
    await desk.tick()
    assert desk.said[-1].alert.ended is Ended.TURNED_OFF
    assert desk.heard()[-1] == (RESOLVED, Why.RESOLVED)


# ---------------------------------------------------------------------------- silences, quiet hours, other alerts


async def test_silenced_until_resolved_and_fired_again_is_told(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.silence(None, alert=desk.alert)
    await desk.wait(20 * 60)
    await desk.read(value=0)
    await desk.wait(60)
    assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.SILENCED), (EDIT, Why.RESOLVED)]
    await desk.read(value=2.5)
    assert desk.heard()[-1] == (CARD, Why.FIRED)


async def test_what_fires_resolves_and_fires_under_a_silence_is_told_when_that_ends(desk: Desk) -> None:
    await desk.silence(HOUR, rule="heat")
    await desk.read(value=2.5)
    await desk.read(value=0)
    await desk.wait(60)
    await desk.read(value=2.5)
    await desk.wait(50 * 60)
    assert desk.said == []
    await desk.wait(10 * 60)
    assert desk.heard() == [(CARD, Why.HELD_NO_MORE)]
    await desk.wait(2 * 60)
    assert desk.heard("person:ada") == [(CARD, Why.ESCALATED)]


async def test_a_silence_that_is_taken_back_is_over_at_once(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.silence(HOUR, rule="heat")
    await desk.wait(300)
    await desk.unsilence()
    assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.SILENCED), (PING, Why.HELD_NO_MORE)]


async def test_who_was_told_reads_once_that_it_is_silenced_and_channels_are_not_called_for_that(desk: Desk) -> None:
    desk.policies[CRITICAL] = Policy("all", (Rung(timedelta(), (Whom.EVERYONE,)),), repeat=None, ack_lapse=HOUR)
    await desk.read(value=2.5)
    await desk.silence(HOUR, alert=desk.alert)
    told = [str(one.target) for one in desk.said if one.why == Why.SILENCED]
    assert sorted(told) == ["person:ada", "person:bob", "person:cyn", "room:ops"]
    heard = len(desk.said)
    await desk.silence(HOUR, rule="heat")
    await desk.wait(10 * 60)
    assert len(desk.said) == heard
    # Of the two the one that lasts longer is named.
    await desk.silence(2 * HOUR, rule="heat")
    assert [one.why for one in desk.said[heard:]] == [Why.SILENCED] * len(told)


async def test_a_member_of_a_silenced_group_that_worsens_is_told(desk: Desk) -> None:
    await desk.read("SOL-1", value=2.5)
    await desk.read("ETH-1", value=2.5)
    await desk.silence(HOUR, rule="heat")
    await desk.read("ETH-1", value=3.5)
    await desk.wait(60)
    assert {one.alert.key.subject for one in desk.said[4:]} == {"ETH-1"}
    assert [one.why for one in desk.said[2:5]] == [Why.SILENCED, Why.SILENCED, Why.ROSE]


async def test_quiet_hours_hold_a_warning_until_morning(desk: Desk) -> None:
    desk.roster.quiet["ops"] = desk.now + HOUR
    desk.roster.operators, desk.roster.on_call, desk.roster.channels = [], [], []
    await desk.read("SOL-1", value=1.5)
    await desk.read("ETH-1", value=1.5)
    await desk.read("ETH-1", value=0)
    await desk.wait(60)
    await desk.crash()
    assert desk.heard() == []
    await desk.wait(3600)
    night = [(one.alert.key.subject, one.form, one.why) for one in desk.said if one.why is Why.QUIET_OVER]
    assert sorted(night) == [("ETH-1", RESOLVED, Why.QUIET_OVER), ("SOL-1", CARD, Why.QUIET_OVER)]


async def test_quiet_hours_hold_nothing_critical(desk: Desk) -> None:
    desk.roster.quiet["ops"] = desk.now + HOUR
    await desk.read(value=1.5)
    await desk.read(value=2.5)
    assert [(one.form, one.alert.severity) for one in desk.said] == [(CARD, CRITICAL)]


async def test_the_distance_of_a_leg_is_not_told_while_its_health_factor_says_it(desk: Desk) -> None:
    leg = "SOL-1/bybit"
    await desk.read(leg, "health_factor", value=2.5)
    await desk.read(leg, "liquidation_distance", value=2.5)
    assert [one.alert.key.rule for one in desk.said] == ["health_factor"]
    assert len(desk.open) == 2
    await desk.read(leg, "health_factor", value=0)
    await desk.wait(60)
    assert [(one.alert.key.rule, one.form) for one in desk.said[1:]] == [
        ("health_factor", RESOLVED),
        ("liquidation_distance", CARD),
    ]


async def test_a_distance_that_is_worse_than_the_health_factor_says_is_told(desk: Desk) -> None:
    leg = "SOL-1/bybit"
    await desk.read(leg, "health_factor", value=1.5)
    await desk.read(leg, "liquidation_distance", value=2.5)
    assert [one.alert.key.rule for one in desk.said] == ["health_factor", "liquidation_distance"]
