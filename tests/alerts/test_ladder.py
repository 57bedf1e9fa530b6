from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from math import nan
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.ladder import GROUND, SEEN, Limit, Standing, climb, limits, worst
from alerts.model import Key, Reading
from alerts.severity import Severity
from alerts.terms import DEFAULTS, Band, Terms
from tests.bot_integration.facts import NOON

HEALTH = DEFAULTS["health_factor"]
VENUE = DEFAULTS["venue_down"]
LEG = Key("health_factor", "alpha", "SOL-1/bybit")
WARNING, CRITICAL, EMERGENCY = Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY
SECOND = timedelta(seconds=1)


def health(value: float | None, metric: str = "health_factor") -> Reading:
    return Reading(LEG, value, metric)


def walked(
    steps: Sequence[tuple[float, float | None]], terms: Terms = HEALTH, standing: Standing = GROUND, metric: str = ""
) -> list[Severity | None]:
    """The severities after each (second, value)."""
    found = []
    for second, value in steps:
        reading = Reading(LEG, value, metric or terms.bands[0].metric)
        standing = climb(standing, reading, terms, NOON + second * SECOND)
        found.append(standing.severity)
    return found


def changes(severities: Sequence[Severity | None]) -> list[Severity | None]:
    """Each severity that it came to, one after another."""
    before = [None, *severities[:-1]]
    return [now for was, now in zip(before, severities, strict=True) if now is not was]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.2, None),
        (0.1999, WARNING),
        (0.15, WARNING),
        (0.14, CRITICAL),
        (0.1, CRITICAL),
        (0.09, EMERGENCY),
        (0, EMERGENCY),
    ],
)
def test_a_value_below_a_threshold_has_its_severity(value: float, expected: Severity | None) -> None:
    assert walked([(0, value)]) == [expected]


@pytest.mark.parametrize(("value", "expected"), [(2, None), (3, WARNING), (4, WARNING), (5, CRITICAL), (50, CRITICAL)])
def test_a_count_that_reaches_a_threshold_has_its_severity(value: float, expected: Severity | None) -> None:
    assert walked([(0, value)], DEFAULTS["consecutive_failures"]) == [expected]


def test_all_severities_that_one_reading_passes_are_one_rise_to_the_highest() -> None:
    assert walked([(0, 0.5), (1, 0.05)]) == [None, EMERGENCY]


def test_it_rises_at_once_and_falls_after_the_dwell() -> None:
    steps = [(0.0, 0.14), (1.0, 0.30), *((float(second), 0.30) for second in range(2, 70))]
    found = walked(steps)
    assert found[:61] == [CRITICAL] * 61
    assert found[61] is None


def test_a_value_inside_the_hysteresis_does_not_fall_however_long() -> None:
    # Critical below 0.15 clears at 0.1575.
    assert set(walked([(0, 0.149), *((second, 0.157) for second in range(1, 600))])) == {CRITICAL}


def test_it_falls_to_what_it_is_not_clear_of_and_then_on() -> None:
    steps = [(0, 0.09), *((second, 0.18) for second in range(1, 80)), *((second, 0.4) for second in range(80, 160))]
    assert changes(walked(steps)) == [EMERGENCY, WARNING, None]


def test_a_moment_of_relief_in_the_dwell_begins_it_anew() -> None:
    well = [(second, 0.3) for second in range(1, 59)]
    again = [(second, 0.3) for second in range(60, 119)]
    assert set(walked([(0, 0.14), *well, (59, 0.152), *again])) == {CRITICAL}


def test_swinging_round_a_threshold_for_an_hour_is_one_rise_and_one_fall() -> None:
    swings = [(second, 0.15 * (1.005 if second % 2 else 0.995)) for second in range(3_600)]
    found = walked([*swings, *((second, 0.16) for second in range(3_600, 3_700))])
    assert changes(found) == [CRITICAL, WARNING]


def test_what_cannot_be_computed_changes_nothing() -> None:
    standing = climb(GROUND, health(0.14), HEALTH, NOON)
    for value in (None, nan):
        assert climb(standing, health(value), HEALTH, NOON + timedelta(hours=1)) is standing


def test_a_metric_that_the_rule_does_not_know_is_clear() -> None:
    assert walked([(0, 0.0)], metric="beauty") == [None]


def test_for_holds_a_rise_back_until_it_has_lasted() -> None:
    found = walked([(float(second), 1.0) for second in range(62)], VENUE)
    assert found[59] is None
    assert found[60] is WARNING


def test_what_swings_round_a_threshold_counts_on_and_rises_once_it_is_reached_again() -> None:
    drift = DEFAULTS["delta_drift"]
    swings = [(0, 0.51), *((second, 0.47) for second in range(1, 40)), (40, 0.51)]
    found = walked(swings, drift)
    assert found[:-1] == [None] * 40
    assert found[-1] is WARNING


def test_down_after_degraded_is_a_warning_first_and_critical_after_its_own_minute() -> None:
    steps = [*((s, 1.0) for s in range(30)), *((s, 2.0) for s in range(30, 100))]
    found = walked(steps, VENUE)
    assert [found.index(WARNING), found.index(CRITICAL)] == [60, 90]


def test_what_ends_before_for_never_was() -> None:
    assert set(walked([*((s, 2.0) for s in range(50)), *((s, 0.0) for s in range(50, 200))], VENUE)) == {None}


def test_time_alone_raises_once_for_has_passed() -> None:
    standing = climb(GROUND, Reading(LEG, 1.0, "stream"), VENUE, NOON)
    raised = []
    for second in range(1, 70):
        standing = climb(standing, None, VENUE, NOON + second * SECOND)
        raised.append(standing.severity)
    assert raised.index(WARNING) == 59


def test_time_alone_makes_no_fall() -> None:
    standing = climb(climb(GROUND, health(0.14), HEALTH, NOON), health(0.4), HEALTH, NOON + SECOND)
    later = climb(standing, None, HEALTH, NOON + timedelta(days=1))
    assert later.severity is CRITICAL


def test_a_time_without_readings_counts_for_little_of_the_dwell() -> None:
    assert walked([(0, 0.14), (1, 0.4), (3_601, 0.4), (3_602, 0.4)]) == [CRITICAL] * 4


def test_a_bot_that_says_little_falls_all_the_same() -> None:
    assert changes(walked([(0, 0.14), *((20 * s, 0.4) for s in range(1, 8))])) == [CRITICAL, None]


def test_a_clock_that_goes_back_an_hour_makes_no_fall_and_holds_none_up() -> None:
    back = [(s - 3_600, 0.4) for s in range(2, 62)]
    found = walked([(0, 0.14), (1, 0.4), *back, (-3_500, 0.4)])
    assert found[:-2] == [CRITICAL] * 61
    assert found[-1] is None


def test_a_clock_that_goes_forward_makes_no_fall() -> None:
    assert set(walked([(0, 0.14), *((s, 0.4) for s in range(1, 20)), (3_620, 0.4), (3_621, 0.4)])) == {CRITICAL}


def test_after_a_restart_the_dwell_is_counted_anew_from_the_stored_severity() -> None:
    found = walked([(float(second), 0.4) for second in range(62)], standing=Standing(CRITICAL))
    assert found[59] is CRITICAL
    assert found[60] is None


def test_of_something_that_is_well_nothing_is_kept() -> None:
    assert climb(GROUND, health(0.9), HEALTH, NOON) is GROUND
    standing = climb(GROUND, health(0.14), replace(HEALTH, dwell=timedelta()), NOON)
    assert climb(standing, health(0.9), replace(HEALTH, dwell=timedelta()), NOON + SECOND) is GROUND


def test_of_two_readings_of_one_leg_the_worse_counts() -> None:
    both = [health(0.18), health(0.07, "margin_fraction")]
    for readings in (both, both[::-1]):
        assert worst(readings, DEFAULTS) == [health(0.07, "margin_fraction")]


def test_of_two_readings_one_without_a_value_never_hides_the_other() -> None:
    both = [health(None), health(0.9, "margin_fraction")]
    for readings in (both, both[::-1]):
        assert worst(readings, DEFAULTS) == [health(0.9, "margin_fraction")]


# ------------------------------------------------------------------ of anything

VALUES = st.one_of(
    st.none(), st.sampled_from([0.049, 0.0995, 0.1005, 0.149, 0.151, 0.2, 0.209, 0.211, 0.5]), st.floats(0, 1)
)
GAPS = st.sampled_from([-3_600.0, -1.0, 0.0, 0.1, 1.0, 10.0, 20.0, 3_600.0])
WALKS = st.lists(st.tuples(GAPS, st.one_of(st.just("tick"), VALUES)), max_size=25)


def terms_of(holds: float, clear: float, dwell: float) -> Terms:
    return replace(HEALTH, holds=holds * SECOND, clear=clear, dwell=dwell * SECOND)


TERMS = st.builds(terms_of, st.sampled_from([0, 5, 60]), st.sampled_from([0, 0.05, 0.5]), st.sampled_from([0, 30]))


def told(walk: list[tuple[float, float | str | None]], terms: Terms) -> list[tuple[datetime, float | None, Standing]]:
    now, standing, found = NOON, GROUND, []
    for gap, value in walk:
        now += gap * SECOND
        number = value if isinstance(value, float) else None
        standing = climb(standing, None if value == "tick" else health(number), terms, now)
        found.append((now, number, standing))
    return found


def rank(severity: Severity | None) -> int:
    return -1 if severity is None else severity.rank


def falls(steps: list[tuple[datetime, float | None, Standing]]) -> list[tuple[Severity, list[tuple[datetime, float]]]]:
    """Whence it fell, and the values that were read until then, the newest last."""
    found = []
    for index in range(1, len(steps)):
        was, now = steps[index - 1][2].severity, steps[index][2].severity
        if was is not None and rank(now) < rank(was):
            assert steps[index][1] is not None
            found.append((was, [(at, value) for at, value, _ in steps[: index + 1] if value is not None]))
    return found


def clear_for(read: list[tuple[datetime, float]], level: float) -> timedelta:
    """For how long the newest values have all been clear of it, as far as that was seen."""
    clear = list(takewhile(lambda one: one[1] >= level, reversed(read)))
    return sum((min(max(later - at, timedelta()), SEEN) for (later, _), (at, _) in pairwise(clear)), timedelta())


@given(WALKS, TERMS)
def test_it_falls_only_by_a_reading_that_is_clear_after_clear_ones_for_the_dwell(
    walk: list[tuple[float, float | str | None]], terms: Terms
) -> None:
    for was, read in falls(told(walk, terms)):
        assert clear_for(read, terms.bands[0].at[was] * (1 + terms.clear)) >= terms.dwell


@given(WALKS, TERMS)
def test_without_for_it_stands_at_least_where_the_last_value_is(
    walk: list[tuple[float, float | str | None]], terms: Terms
) -> None:
    at = replace(terms, holds=timedelta()).bands[0].at
    for _, value, standing in told(walk, replace(terms, holds=timedelta())):
        reached = [severity for severity, level in at.items() if value is not None and value < level]
        assert rank(standing.severity) >= max(map(rank, reached), default=-1)


@given(WALKS, TERMS)
def test_a_rise_is_by_a_severity_that_was_reached(walk: list[tuple[float, float | str | None]], terms: Terms) -> None:
    worst_yet, before = 2.0, GROUND
    for _, value, standing in told(walk, terms):
        worst_yet = min(worst_yet, value if value is not None else worst_yet)
        allowed = [severity for severity, level in terms.bands[0].at.items() if worst_yet < level]
        assert rank(standing.severity) <= max(rank(before.severity), max(map(rank, allowed), default=-1))
        before = standing


@given(st.floats(-2, 2), st.booleans(), st.floats(-1, 1), st.sampled_from([0.0, 0.1, 0.5]))
def test_on_the_good_side_of_a_limit_a_reading_changes_nothing(
    value: float, above: bool, at: float, clear: float
) -> None:
    terms = Terms("own", (Band("m", above, MappingProxyType({WARNING: at})),), clear=clear)
    limit = limits(terms)["m"]
    assert limit == Limit(above, limit.value)
    good = value < limit.value if above else value >= limit.value
    assert climb(GROUND, Reading(LEG, value, "m"), terms, NOON) is GROUND or not good
