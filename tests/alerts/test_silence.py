"""Silences: what they hold back, for how long, and what comes through."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.escalation import begun
from alerts.model import Alert, Ended, Key, Reading
from alerts.policy import usual
from alerts.severity import Severity
from alerts.silence import Silence, covering, in_force, parse_length, silenced

NOW = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CRITICAL, EMERGENCY, WARNING = Severity.CRITICAL, Severity.EMERGENCY, Severity.WARNING


def alert(number: int = 1, severity: Severity = CRITICAL, subject: str = "SOL-1/bybit", bot: str = "alpha") -> Alert:
    key = Key("health_factor", bot, subject)
    return Alert(
        UUID(int=number),
        number,
        key,
        severity,
        severity,
        1,
        NOW,
        NOW,
        Reading(key, 0.14, position=subject.partition("/")[0]),
        NOW,
        usual(severity),
        begun(NOW),
    )


def of_one(one: Alert, length: timedelta | None = HOUR) -> Silence:
    return silenced("ada", NOW, length, number=1, open_alerts=[one], alert=one)


def of_bot(length: timedelta, *open_alerts: Alert, up_to: Severity = CRITICAL, number: int = 2) -> Silence:
    return silenced("ada", NOW, length, number=number, open_alerts=open_alerts, bot="alpha", up_to=up_to)


def test_a_silence_holds_back_until_it_ends_by_itself() -> None:
    silence = of_one(alert())
    when = [NOW - MINUTE, NOW, NOW + HOUR - MINUTE, NOW + HOUR]
    assert [silence.covers(alert(), at) for at in when] == [False, True, True, False]


def test_one_alert_is_silenced_alone() -> None:
    silence = of_one(alert(1))
    assert silence.covers(alert(1), NOW)
    assert not silence.covers(alert(2), NOW)


def test_a_rise_comes_through_and_a_fall_does_not() -> None:
    silence = of_one(alert())
    assert not silence.covers(alert(severity=EMERGENCY), NOW)
    assert silence.covers(alert(severity=WARNING), NOW)


def test_a_silence_of_a_bot_holds_back_new_ones_up_to_a_severity() -> None:
    silence = of_bot(4 * HOUR)
    assert silence.covers(alert(7), NOW)
    assert not silence.covers(alert(7, EMERGENCY), NOW)
    assert not silence.covers(alert(7, bot="beta"), NOW)


def test_of_a_silenced_group_the_member_that_worsens_comes_through() -> None:
    calm, bad = alert(1, WARNING), alert(2, CRITICAL)
    silence = of_bot(4 * HOUR, calm, bad)
    assert silence.covers(calm, NOW)
    assert silence.covers(bad, NOW)
    # Worse than it was known to be, though others may be that bad.
    assert not silence.covers(replace(calm, severity=CRITICAL), NOW)


def test_a_position_is_silenced_with_its_legs() -> None:
    silence = silenced("ada", NOW, HOUR, number=1, open_alerts=(), subject="SOL-1")
    assert silence.covers(alert(subject="SOL-1/bybit"), NOW)
    assert not silence.covers(alert(subject="SOL-10/bybit"), NOW)


def test_no_emergency_is_silenced_for_more_than_an_hour() -> None:
    burning = alert(severity=EMERGENCY)
    for length in (HOUR + timedelta(seconds=1), None):
        with pytest.raises(ValueError, match="an emergency is silenced for 1h at most"):
            of_one(burning, length)
    with pytest.raises(ValueError, match="an emergency is silenced for 1h at most"):
        of_bot(4 * HOUR, up_to=EMERGENCY)
    silence = of_one(burning)
    assert silence.covers(burning, NOW + HOUR - MINUTE)
    assert not silence.covers(burning, NOW + HOUR)


def test_an_emergency_in_a_group_that_is_silenced_for_longer_comes_back_after_an_hour() -> None:
    burning, bad = alert(1, EMERGENCY), alert(2)
    silence = of_bot(4 * HOUR, burning, bad)
    assert silence.ends_at(burning) == NOW + HOUR
    assert silence.covers(burning, NOW + HOUR - MINUTE)
    assert not silence.covers(burning, NOW + HOUR)
    assert silence.covers(bad, NOW + HOUR)


def test_until_resolved_is_for_one_alert() -> None:
    assert of_one(alert(), None).covers(alert(), NOW + timedelta(days=90))
    with pytest.raises(ValueError, match="until resolved is for one alert: give a length, as in 4h"):
        silenced("ada", NOW, None, number=1, open_alerts=(), bot="alpha")


def test_what_is_over_is_not_silenced() -> None:
    with pytest.raises(ValueError, match="it is resolved"):
        of_one(replace(alert(), resolved_at=NOW, ended=Ended.CLEARED))
    with pytest.raises(ValueError, match="longer than 0s"):
        of_one(alert(), timedelta())


@pytest.mark.parametrize(
    ("typed", "length"),
    [
        ("1h", HOUR),
        ("for 90m", 90 * MINUTE),
        ("FOR 4h", 4 * HOUR),
        ("until resolved", None),
        ("Until  Resolved", None),
        ("resolved", None),
    ],
)
def test_a_length_is_read_as_people_type_it(typed: str, length: timedelta | None) -> None:
    assert parse_length(typed) == length


def test_what_is_no_length_says_what_is() -> None:
    with pytest.raises(ValueError, match="it goes: 30s, 5m, 1h 30m or 2d, or until resolved"):
        parse_length("a while")
    with pytest.raises(ValueError, match="longer than a year"):
        parse_length("400d")


def test_of_several_the_one_that_lasts_longest_is_named() -> None:
    short, long = of_one(alert()), of_bot(4 * HOUR)
    assert covering([short, long], alert(), NOW) is long
    assert covering([short], alert(), NOW + HOUR) is None
    # Of an emergency that is the one whose hour ends last.
    burning = alert(severity=EMERGENCY)
    later = replace(of_one(burning), made_at=NOW + MINUTE, until=NOW + MINUTE + HOUR)
    assert covering([later, of_bot(4 * HOUR, burning)], burning, NOW + 2 * MINUTE) is later


def test_a_list_shows_what_is_in_force_without_what_others_hold_wholly() -> None:
    one, week = of_one(alert()), of_bot(timedelta(days=7))
    again, over = replace(week, number=3), replace(week, number=4, made_at=NOW - HOUR, until=NOW)
    other = replace(week, number=5, bot="beta", until=NOW + HOUR)
    of_rule = replace(week, number=6, rule="health_factor", until=NOW + HOUR)
    assert in_force([one, week, again, over, other, of_rule], NOW) == [one, other, week]
    # What holds back emergencies is not wholly held by what does not.
    high = of_bot(HOUR, up_to=EMERGENCY, number=7)
    assert in_force([week, high], NOW) == [high, week]


def test_an_emergency_silenced_anew_is_listed_beside_the_older_silence_of_its_bot() -> None:
    burning = alert(severity=EMERGENCY)
    older = replace(of_bot(4 * HOUR, burning), made_at=NOW - 30 * MINUTE)
    anew = replace(of_bot(HOUR, burning), number=9)
    assert in_force([older, anew], NOW) == [anew, older]
    assert covering([older, anew], burning, NOW + 45 * MINUTE) is anew


def test_a_silence_to_come_is_not_in_force() -> None:
    assert in_force([replace(of_bot(HOUR), made_at=NOW + MINUTE)], NOW) == []


silences = st.builds(
    lambda number, starts, lasts, up_to, rule, bot, known: Silence(
        number,
        "ada",
        NOW + starts * MINUTE,
        NOW + (starts + lasts) * MINUTE,
        up_to,
        rule,
        bot,
        known={UUID(int=one): severity for one, severity in known.items()},
    ),
    st.integers(1, 99),
    st.integers(-90, 0),
    st.integers(1, 180),
    st.sampled_from(Severity),
    st.sampled_from(["", "health_factor", "divergence"]),
    st.sampled_from(["", "alpha", "beta"]),
    st.dictionaries(st.integers(1, 2), st.sampled_from(Severity), max_size=2),
)


@given(
    st.lists(silences, max_size=6, unique_by=lambda one: one.number),
    st.integers(1, 3),
    st.sampled_from(Severity),
    st.integers(0, 200),
)
def test_what_the_list_leaves_out_holds_nothing_back_by_itself(
    made: list[Silence], number: int, severity: Severity, minutes: int
) -> None:
    shown, one, later = in_force(made, NOW), alert(number, severity), NOW + minutes * MINUTE
    by_all = any(silence.covers(one, later) for silence in made if silence.covers(one, NOW))
    assert by_all == any(silence.covers(one, later) for silence in shown if silence.covers(one, NOW))


@given(silences, st.integers(1, 3), st.integers(0, 200))
def test_whatever_is_silenced_an_emergency_is_heard_within_an_hour(silence: Silence, number: int, minutes: int) -> None:
    at = silence.made_at + HOUR + minutes * MINUTE
    assert not silence.covers(alert(number, EMERGENCY), at)
