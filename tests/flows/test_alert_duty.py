"""What alerts are held to, who is on call, and whether all of it works: asked and changed by word."""

from collections.abc import AsyncIterator

import pytest

from chatops.storage.database import Database
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, on_memory
from tests.flows.nights import a_night, answered, falls, text
from tests.flows.slack_chat import SlackChat

pytestmark = near_alone


@pytest.fixture
async def night(database: Database, clock: Clock, trader: Trader, chat: Chat) -> AsyncIterator[World]:
    async with a_night(database, clock, trader, chat) as night:
        yield night


# ---------------------------------------------------------------------------- rules


async def test_a_threshold_is_changed_by_word_confirmed_and_shown_over_the_settings(night: World) -> None:
    await night.chat.say(ADA, "/rules health_factor warning.health_factor 0.25")
    assert night.chat.last.message.title == "health_factor: warning.health_factor 0.2 → 0.25?"
    await night.chat.press(ADA, "Confirm")
    await night.reads("health_factor: warning.health_factor is 0.25 now, over the settings.")
    # ETH-1 has 0.228, which was well until now.
    night.bot.publish()
    await night.reads("HF 0.228")
    shown = await answered(night, VIC, "/rules health_factor")
    assert "• warning.health_factor" in shown.text
    assert "warning.health_factor 0.25 by ada, 12:00 UTC; settings: 0.2" in shown.text
    assert "• health_factor" in (await answered(night, VIC, "/rules")).text

    await night.chat.say(ADA, "/rules health_factor warning.health_factor default")
    await night.chat.press(ADA, "Confirm")
    await night.until(lambda: "is 0.2 now, as the settings have it." in text(night))
    assert "Changed from chat" not in (await answered(night, VIC, "/rules health_factor")).text


@on_memory
async def test_a_value_can_be_given_in_reply_and_a_rule_turned_off_by_button(night: World) -> None:
    await night.chat.say(ADA, "/rules divergence")
    assert night.chat.last.labels[:2] == ["Turn off", "warning.divergence_pct…"]
    await night.chat.press(ADA, "Turn off")
    assert "Nobody is told of it any more" in night.chat.last.text
    await night.chat.press(ADA, "Confirm")
    await night.reads("divergence: on is no now, over the settings.")
    assert (await answered(night, VIC, "/rules")).message.title.endswith(" rules, 2 of them off")


@on_memory
async def test_what_does_not_fit_is_refused_before_it_is_asked(night: World) -> None:
    for who, words, said in (
        (ADA, "/rules health_factor warning.health_factor 0.1", "health_factor: warning.health_factor would be 0.1"),
        (ADA, "/rules health_factor warning.health_factor 7", "warning.health_factor takes a number from 0 to 1"),
        (ADA, "/rules health_factor for 0s", "for of health_factor is 0s already. Nothing was done."),
        (ADA, "/rules health_factor rooms nowhere", "There is no room 'nowhere'. There is: ops; or say all."),
        (ADA, "/rules health_factor wrning.throttle 5m", "health_factor has no “wrning.throttle”."),
        (ADA, "/rules helth_factor", "There is no rule “helth_factor”. Did you mean health_factor?"),
        (BOB, "/rules health_factor dwell 2m", "/rules set is for admins; you are an operator."),
    ):
        assert (await answered(night, who, words)).message.title.startswith(said)


# ---------------------------------------------------------------------------- on call


async def test_who_is_on_call_can_be_taken_and_given_and_taken_back(night: World) -> None:
    assert (await answered(night, VIC, "/oncall")).message.title == ("ada is on call until Mon 05-11 09:00, then bob")
    taken = await answered(night, BOB, "/oncall take 2h")
    assert taken.message.title == "bob is on call from now until Mon 05-04 14:00."
    await falls(night, 0.148)
    assert "On call: bob" in text(night)
    await night.chat.say(ADA, "/oncall give")
    assert night.chat.last.labels == ["ada", "bob"]
    assert "vic could not answer an alert." in (await answered(night, ADA, "/oncall give vic")).text
    assert "ada is on call from now until Mon 05-04 14:00." in (await answered(night, ADA, "/oncall give ada")).text
    shown = await answered(night, BOB, "/oncall")
    assert shown.labels == ["I take it", "Give it to…", "End 1: bob", "End 2: ada", "Refresh"]
    await night.chat.press(BOB, "End 2: ada", shown)
    await night.reads("ada stands in no more. bob is on call.")
    assert (await answered(night, BOB, "/oncall take")).message.title == (
        "bob is on call already, until Mon 05-04 14:00. Nothing was done."
    )


@pytest.mark.parametrize("chat", ["slack"], indirect=True)
async def test_a_guest_whom_the_settings_name_is_not_offered_for_duty(night: World, chat: SlackChat) -> None:
    chat.person(BOB).account.is_restricted = True
    assert (await answered(night, ADA, "/oncall give")).labels == ["ada"]
    assert "bob could not answer an alert." in (await answered(night, ADA, "/oncall give bob")).text
    shown = await answered(night, VIC, "/oncall")
    assert "⚠ Could not answer an alert: bob (no operator, without an account, or a guest on Slack)." in shown.text


# ---------------------------------------------------------------------------- trying it out


async def test_a_test_goes_where_an_alert_would_and_says_that_it_is_one(night: World) -> None:
    await night.chat.say(ADA, "/testalert")
    await night.chat.press(ADA, "critical")
    await night.in_time(lambda: any("TEST CRITICAL" in one.message.title for one in night.chat.shown))
    assert any(one.message.title == "A test of critical is on its way to 1: ops" for one in night.chat.shown)
    assert night.desk.alerting.open() == []


async def test_a_drill_climbs_until_somebody_answers_and_reports_who_did(night: World) -> None:
    await night.chat.say(ADA, "/drill")
    assert night.chat.last.message.title == "Drill: health_factor, critical?"
    assert "after 2m  oncall" in night.chat.last.text
    await night.chat.press(ADA, "Confirm")
    await night.in_time(lambda: any(one.message.title.startswith("DRILL 🔴") for one in night.chat.shown))
    card = next(one for one in night.chat.shown if one.message.title.startswith("DRILL 🔴"))
    assert "This is a drill: nothing is wrong." in card.text
    assert "Position" not in card.labels
    assert "DRILL" in (await answered(night, VIC, "/alerts")).text
    (drill,) = night.desk.alerting.open()
    # From its beginning: how much of it went by before the card was there nobody knows.
    night.clock.pass_by(seconds=72 - (night.clock() - drill.began_at).total_seconds())
    await night.chat.press(BOB, "Ack", card)
    await night.in_time(lambda: any("Drill #1 over" in one.message.title for one in night.chat.shown))
    report = next(one for one in night.chat.shown if "Drill #1 over" in one.message.title)
    assert report.message.title.startswith("✅ Drill #1 over: bob answered after 1 min 1")
    assert "+0 s ops: began" in report.text
    assert night.desk.alerting.open() == []


@on_memory
async def test_a_drill_that_nobody_answers_ends_by_itself(night: World) -> None:
    await night.chat.say(ADA, "/drill health_factor emergency")
    await night.chat.press(ADA, "Confirm")
    await night.in_time(lambda: any("Drill #1 over" in one.message.title for one in night.chat.shown))
    report = next(one for one in night.chat.shown if "Drill #1 over" in one.message.title)
    assert report.message.title.startswith("⚠ Drill #1 over: ended after 3 min")
    assert "nobody answered" in report.message.title


@on_memory
async def test_a_drill_is_ended_by_word_and_only_one_of_a_rule_runs(night: World) -> None:
    for _ in range(2):
        await night.chat.say(ADA, "/drill venue_down warning")
        await night.chat.press(ADA, "Confirm")
    assert "under way already" in text(night)
    await night.chat.say(ADA, "/drill end")
    assert "Ended: DRILL" in text(night)
    await night.chat.say(ADA, "/drill end")
    # What came of the first is owed, and may come before or after this answer.
    assert any(one.text == "No drill is under way." for one in night.chat.shown)
