"""What people read of an alert, on a phone at night."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Acknowledgement, Alert, Ended, Figure, Key, Reading
from alerts.severity import Severity
from chatops.asks.alerts import Ack, Silence
from chatops.messages import Message
from chatops.views import alerts as views
from chatops.views.alert_titles import FIELDS, check, filled, title
from chatops.views.alerts import Around
from tests.chatops.storage.alerting import fires
from tests.chatops.storage.owing import NOON
from tests.chatops.views.readable import assert_readable

MINUTE = timedelta(minutes=1)
FIGURES = (
    Figure("HF", "0.148, liquidated at 0"),
    Figure("to liquidation", "14.8 %, at 118.42"),
    Figure("time left", "about 2 h 3 min at the pace of the last minutes"),
)
AROUND = Around(NOON + 4 * MINUTE, "ada", NOON + 5 * MINUTE, ("bob", "cyn"))


def alert(severity: Severity = Severity.CRITICAL, **more: object) -> Alert:
    fired = fires(severity=severity, number=17).alert
    reading = replace(fired.reading, says="HF 0.148 of the borrowed leg on bybit", figures=FIGURES)
    return replace(fired, reading=reading, **more)  # type: ignore[arg-type]


def asks(message: Message) -> dict[str, object]:
    return {button.label: button.ask for row in message.buttons for button in row}


def test_the_card_says_what_is_wrong_how_near_and_who_is_next() -> None:
    message = views.card(alert(), AROUND, "began")
    assert_readable(message)
    assert message.text == "\n\n".join(
        [
            "🔴 CRITICAL SOL-1/bybit HF 0.148 · #17",
            "HF 0.148 of the borrowed leg on bybit.",
            """HF             0.148, liquidated at 0
to liquidation 14.8 %, at 118.42
time left      about 2 h 3 min""",
            "Since 12:00 UTC (4 min), rule health_factor, bot alpha.",
            "Began.",
            "On call: ada. Next, if nobody answers: bob, cyn, 12:05:00 UTC.",
        ]
    )


def test_what_a_number_is_of_is_not_cut() -> None:
    one = alert()
    figures = (Figure("net funding in 8 h", "-0.0013 %"),)
    shown = views.card(replace(one, reading=replace(one.reading, figures=figures)), AROUND)
    assert_readable(shown)
    assert "net funding in 8 h -0.0013 %" in shown.text


def test_its_buttons_hold_whole_asks() -> None:
    found = asks(views.card(alert(epoch=2), AROUND))
    assert list(found) == ["Ack", "Silence 1 h", "Silence ▸", "Position", "Close…"]
    assert found["Ack"] == Ack(alert=17, epoch=2)
    assert found["Silence 1 h"] == Silence(what="17", length="1h")
    assert found["Silence ▸"] == Silence(what="17")


def test_an_emergency_has_no_longer_silence_and_a_drill_no_position() -> None:
    assert list(asks(views.card(alert(Severity.EMERGENCY), AROUND))) == ["Ack", "Silence 1 h", "Position", "Close…"]
    assert list(asks(views.card(alert(is_drill=True), AROUND))) == ["Ack", "Silence 1 h", "Silence ▸"]


def test_in_hand_it_says_whose_and_until_when_without_a_sound() -> None:
    taken = alert(acknowledged=Acknowledgement(1, "ada", NOON, NOON + 30 * MINUTE))
    message = views.card(taken, AROUND)
    assert "ada has it in hand until 12:30 UTC." in message.text
    assert "Ack" not in asks(message)
    assert message.silent


def test_a_ping_says_in_short_why_and_how_it_is_now() -> None:
    message = views.ping(alert(), AROUND, "told again: room to liquidation down 24 %")
    assert message.text == "\n\n".join(
        [
            "🔴 CRITICAL SOL-1/bybit HF 0.148 · #17",
            "Told again: room to liquidation down 24 %.",
            """HF             0.148, liquidated at 0
to liquidation 14.8 %, at 118.42
time left      about 2 h 3 min""",
            "On call: ada. Next, if nobody answers: bob, cyn, 12:05:00 UTC.",
        ]
    )


def test_the_end_says_how_long_it_was_and_how_bad() -> None:
    over = alert(resolved_at=NOON + 12 * MINUTE, ended=Ended.CLEARED, peak=Severity.EMERGENCY)
    message = views.resolved(over, AROUND)
    assert message.title == "✅ RESOLVED SOL-1/bybit health_factor after 12 min · #17"
    assert "Worst EMERGENCY" in message.text
    gone = replace(over, ended=Ended.GONE)
    assert "What it was about is gone." in views.resolved(gone, AROUND).text


def test_still_working_on_it_has_one_button_that_says_yes() -> None:
    taken = alert(acknowledged=Acknowledgement(1, "ada", NOON, NOON + 30 * MINUTE))
    message = views.still_there(taken, AROUND)
    assert message.title == "Still working on it? SOL-1/bybit · #17"
    assert "At 12:30 UTC it is told again, from the beginning." in message.text
    assert asks(message)["Still on it"] == Ack(alert=17, epoch=1)


def test_where_buttons_lead_nowhere_it_says_how_to_answer_by_word() -> None:
    assert "/ack 17 says that you have it in hand" in views.card(alert(), AROUND).by_word


def test_a_drill_is_marked_on_everything_that_is_said() -> None:
    drill = alert(is_drill=True, acknowledged=Acknowledgement(1, "ada", NOON, NOON + 30 * MINUTE))
    over = replace(drill, resolved_at=NOON + MINUTE, ended=Ended.CLEARED)
    said = [
        views.card(drill, AROUND),
        views.ping(drill, AROUND, "told again"),
        views.former(drill, AROUND),
        views.former(over, AROUND),
        views.still_there(drill, AROUND),
        views.resolved(over, AROUND),
    ]
    assert all(message.title.startswith("DRILL ") for message in said)


def test_with_several_bots_its_name_goes_first() -> None:
    assert title(alert(), several=True) == "🔴 CRITICAL alpha SOL-1/bybit HF 0.148 · #17"


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (Reading(Key("health_factor", "alpha", "ETH-1/okx"), 0.07, "margin_fraction"), "ETH-1/okx MF 0.070"),
        (Reading(Key("liquidation_distance", "alpha", "ETH-1/okx"), 4.8, "distance_pct"), "ETH-1/okx 4.8% to liquid"),
        (Reading(Key("stale_data", "alpha"), 16.0, "snapshot_age", says="no snapshot for 16 s"), "alpha no snapshot"),
        (
            Reading(Key("circuit_breaker", "alpha", "loss"), None, says="the breaker tripped"),
            "loss the breaker tripped",
        ),
    ],
)
def test_the_first_line_has_the_number_that_matters(reading: Reading, said: str) -> None:
    assert said in title(replace(alert(), reading=reading, key=reading.key))


def test_a_desk_may_word_the_first_line_by_rule_and_severity() -> None:
    templates = {"health_factor.critical": "{where}: {what}", "health_factor": "{says}", "default": "{rule}"}
    assert title(alert(), templates=templates) == "SOL-1/bybit: HF 0.148 · #17"
    assert title(alert(Severity.WARNING), templates=templates) == "HF 0.148 of the borrowed leg on bybit · #17"
    other = replace(alert(), key=Key("divergence", "alpha", "SOL-1"))
    assert title(other, templates=templates) == "divergence · #17"


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("{where}: {what}", None),
        ("{nothing}", "names {nothing}"),
        ("{where.__class__}", "names {where.__class__}"),
        ("{0}", "names {0}"),
        ("{where", "cannot be read: expected '}' before end of string"),
        ("{where:>999999999}", "says how a field is written"),
        ("  ", "says nothing"),
    ],
)
def test_a_template_is_held_to_its_fields(template: str, wrong: str | None) -> None:
    assert check(template) == wrong


def test_nothing_in_a_field_is_a_field() -> None:
    assert filled("{what}", {**FIELDS, "what": "{bot}"}) == "{bot}"


READINGS = st.builds(
    Reading,
    key=st.builds(Key, st.just("health_factor"), st.just("alpha"), st.text(max_size=100)),
    value=st.none() | st.floats(),
    metric=st.sampled_from(["health_factor", "distance_pct", "wrong"]),
    room=st.none(),
    position=st.text(max_size=200),
    says=st.text(max_size=400),
    figures=st.lists(st.builds(Figure, st.text(max_size=60), st.text(max_size=120)), max_size=4).map(tuple),
)


@given(reading=READINGS, severity=st.sampled_from(Severity))
def test_whatever_a_bot_says_is_readable(reading: Reading, severity: Severity) -> None:
    made, says = replace(alert(severity), key=reading.key, reading=reading), reading.says
    over = replace(made, resolved_at=NOON + MINUTE, ended=Ended.CLEARED)
    for message in (
        views.card(made, AROUND, says),
        views.card(made, AROUND, buttons=False),
        views.ping(made, AROUND, says),
        views.former(made, AROUND),
        views.resolved(over, AROUND, says),
        views.digest([made, over], AROUND),
    ):
        assert_readable(message)


def test_moments_are_told_in_the_zone_of_the_clock_that_is_handed_in() -> None:
    fired = fires(severity=Severity.CRITICAL).alert
    berlin = replace(AROUND, now=AROUND.now.astimezone(ZoneInfo("Europe/Berlin")))
    there, here = views.card(fired, berlin).text, views.card(fired, AROUND).text
    assert "Since 13:00 CET" in there
    assert "Since 12:00 UTC" in here
    assert "bob, cyn, 13:05:00 CET" in there
