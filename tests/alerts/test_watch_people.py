"""Stories of one watch: what people do about it, and who of them is there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from alerts.answer import Taken
from alerts.model import Form, Key, Reading, Step
from alerts.policy import Policy, Rung, usual
from alerts.why import Why
from tests.alerts.desk import CRITICAL, EMERGENCY, UNTHROTTLED, WARNING, Desk
from tests.alerts.roster import person, room


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Told again by its policy and by what shrinks, never by a throttle."""
    async with Desk(throttles=UNTHROTTLED) as made:
        yield made


CARD, PING, EDIT, RESOLVED = Form.CARD, Form.PING, Form.EDIT, Form.RESOLVED
HOUR = timedelta(hours=1)


# ---------------------------------------------------------------------------- acknowledging


async def test_who_is_first_has_it_and_who_is_second_is_told_so(desk: Desk) -> None:
    await desk.read(value=2.5)
    first, second = await desk.acknowledge("ada"), await desk.acknowledge("bob")
    assert (first.taken, second.taken) == (Taken.YES, Taken.ANOTHER)
    assert first.says(UTC) == "You have alert 1 in hand until 12:30 UTC."
    assert second.says(UTC) == "ada has alert 1 in hand since 12:00 UTC."
    assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.ACKNOWLEDGED)]


async def test_an_acknowledgement_that_races_a_rise_is_not_one(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.read(value=3.5)
    answer = await desk.acknowledge("ada", epoch=1)
    assert answer.taken is Taken.ROSE
    assert answer.says(UTC) == "Alert 1 has risen to emergency since: look at it, and acknowledge that."
    assert desk.alert.in_hand is None


async def test_an_acknowledgement_that_races_a_resolution_says_so(desk: Desk) -> None:
    await desk.read(value=2.5)
    alert = desk.alert
    await desk.read(value=0)
    await desk.wait(60)
    answer = await desk.acknowledge("ada", alert=alert)
    assert answer.says(UTC) == "Alert 1 is resolved: there is nothing to acknowledge."
    assert desk.said[-1].form is RESOLVED


async def test_an_acknowledgement_outlives_a_restart_and_so_does_its_button(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.crash()
    assert (await desk.acknowledge("ada")).taken is Taken.YES
    await desk.crash()
    assert (await desk.acknowledge("bob")).taken is Taken.ANOTHER
    count = len(desk.said)
    await desk.wait(20 * 60)
    assert len(desk.said) == count


async def test_an_acknowledgement_is_asked_about_then_lapses_and_it_begins_anew(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.acknowledge("ada")
    await desk.wait(24 * 60 - 10)
    assert len(desk.said) == 2
    await desk.wait(10)
    assert (desk.said[-1].target, desk.said[-1].form) == ("person:ada", Form.STILL_THERE)
    await desk.wait(6 * 60)
    assert desk.heard()[-1] == (PING, Why.LAPSED)
    count = len(desk.said)
    await desk.wait(2 * 60)
    assert [(one.target, one.why) for one in desk.said[count:]] == [("person:ada", Why.ESCALATED)]


async def test_who_still_works_on_it_has_it_for_longer(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.acknowledge("ada")
    await desk.wait(25 * 60)
    assert (await desk.acknowledge("ada")).taken is Taken.LONGER
    count = len(desk.said)
    await desk.wait(20 * 60)
    assert len(desk.said) == count


# ---------------------------------------------------------------------------- people and policies that change


async def test_a_policy_that_is_edited_changes_nothing_that_is_under_way(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.policies[CRITICAL] = Policy("other", (Rung(timedelta(), ("room:ops",)),), None, HOUR)
    await desk.wait(120)
    assert desk.heard("person:ada") == [(CARD, Why.ESCALATED)]
    await desk.read("ETH-1", value=2.5)
    assert desk.alert.policy.name == "other"


async def test_who_was_revoked_is_not_told_and_the_next_one_is(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.wait(120)
    desk.roster.revoke("ada")
    count = len(desk.said)
    await desk.wait(3 * 60)
    await desk.read(value=0)
    await desk.wait(60)
    later = [one.target for one in desk.said[count:]]
    assert "person:ada" not in later
    assert "person:bob" in later
    assert await desk.store.load() == []


async def test_the_card_in_a_room_that_was_muted_since_does_not_go_on_saying_what_is_not_so(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.roster.rooms.remove("ops")
    desk.roster.muted_rooms.add("ops")
    await desk.acknowledge("ada")
    assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.ACKNOWLEDGED)]
    await desk.read(value=3.5)
    assert desk.heard()[2:] == []
    await desk.read(value=0)
    await desk.wait(60)
    assert desk.heard()[2:] == [(EDIT, Why.RESOLVED)]
    assert await desk.store.load() == []


async def test_a_room_that_is_muted_no_more_hears_of_a_rise_meanwhile(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.roster.rooms.remove("ops")
    desk.roster.muted_rooms.add("ops")
    await desk.read(value=3.5)
    desk.roster.muted_rooms.clear()
    desk.roster.rooms.append("ops")
    await desk.read(value=3.5)
    assert desk.heard() == [(CARD, Why.FIRED), (PING, Why.ROSE)]


async def test_with_nobody_on_call_the_operators_are_told(desk: Desk) -> None:
    desk.roster.on_call.clear()
    await desk.read(value=2.5)
    await desk.wait(120)
    told = [(one.target, one.why) for one in desk.said[1:]]
    assert told == [(f"person:{name}", Why.NOBODY_THERE) for name in ("ada", "bob", "cyn")]
    assert desk.said[-1].reason == "in place of oncall, where there is nobody"
    assert [one.key.rule for one in desk.open] == ["heat"]


async def test_who_is_told_in_place_of_somebody_who_is_not_reached_reads_so_unless_they_are_meant_themselves(
    desk: Desk,
) -> None:
    desk.roster.rooms.append("spare")
    desk.roster.in_place_of[room("spare")] = room("ops")
    await desk.read(value=2.5)
    assert [(one.target, one.reason) for one in desk.said] == [
        ("room:ops", "began"),
        ("room:spare", "in place of room:ops, which is not reached"),
    ]
    desk.roster.in_place_of[person("bob")] = person("ada")
    await desk.wait(5 * 60)
    # Beside the operators, of whom ada is one, the step means the next on call, who is bob.
    (said,) = [one.reason for one in desk.said if one.target == "person:bob"]
    assert said == "nobody has acknowledged for 5 min"


async def test_nobody_at_all_is_itself_an_alert(desk: Desk) -> None:
    desk.roster.on_call.clear()
    desk.roster.operators[:] = []
    desk.roster.admins.clear()
    await desk.read(value=2.5)
    await desk.wait(120)
    assert [one.key.rule for one in desk.open] == ["heat", "nobody_to_tell"]
    first = next(one for one in desk.said if one.alert.key.rule == "nobody_to_tell")
    assert (first.target, first.form) == ("room:ops", CARD)
    assert first.alert.reading.says == "there is nobody to tell: oncall of alert 1"
    desk.roster.operators.append("bob")
    desk.roster.on_call.append("bob")
    await desk.wait(10 * 60)
    assert [one.key.rule for one in desk.open] == ["heat"]


async def test_who_has_it_for_a_minute_is_not_asked_at_once_whether_they_still_do(desk: Desk) -> None:
    desk.policies[CRITICAL] = replace(usual(CRITICAL), ack_lapse=timedelta(minutes=1))
    await desk.read(value=2.5)
    await desk.acknowledge("ada")
    await desk.wait(20)
    assert Form.STILL_THERE not in [one.form for one in desk.said]
    await desk.wait(10)
    assert (desk.said[-1].target, desk.said[-1].form) == ("person:ada", Form.STILL_THERE)


async def test_with_no_room_and_nobody_it_is_on_record_that_nothing_was_told(desk: Desk) -> None:
    desk.roster.rooms.clear()
    desk.roster.operators.clear()
    desk.roster.on_call.clear()
    desk.roster.admins.clear()
    await desk.read(value=2.5)
    life = desk.store.events(desk.open[0].id)
    assert [one.step for one in life] == [Step.FIRED, Step.HELD]
    assert life[-1].reason == "there is nobody to tell: rooms"


# ---------------------------------------------------------------------------- drills


async def test_a_drill_goes_the_whole_way_and_no_snapshot_ends_it(desk: Desk) -> None:
    await desk.read(value=2.5)
    made = desk.alert.reading
    drill = await desk.watch.rehearse(made, EMERGENCY)
    await desk.wait(120)
    told = {one.target for one in desk.said if one.alert.is_drill}
    assert told == {"room:ops", "person:ada", "person:bob", "person:cyn", "channel:pager"}
    assert drill.key.subject == "drill/SOL-1"
    with pytest.raises(ValueError, match="under way already"):
        await desk.watch.rehearse(made, EMERGENCY)
    await desk.acknowledge("ada", alert=drill)
    await desk.crash()
    ended = await desk.watch.finish(drill.id)
    assert ended is not None
    assert [one.is_drill for one in desk.open] == [False]


async def test_a_drill_that_nobody_ends_ends_by_itself(desk: Desk) -> None:
    await desk.watch.rehearse(Reading(Key("heat", "carry", "SOL-1"), 3.5), WARNING)
    await desk.wait(3600, step_s=60)
    assert desk.open == []
