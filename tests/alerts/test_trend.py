from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.trend import FORESEEN, NO_TRENDS, Trend, followed
from tests.bot_integration.facts import NOON

SECOND = timedelta(seconds=1)


def seen(values: list[float], every: float = 5) -> Trend:
    trend = Trend.begin(values[0], NOON)
    for index, value in enumerate(values[1:], 1):
        trend = trend.after(value, NOON + index * every * SECOND)
    return trend


def test_a_straight_fall_is_told_exactly() -> None:
    trend = seen([0.5 - 0.001 * index for index in range(40)])
    assert trend.slope == pytest.approx(-0.001 / 5)
    left = trend.left(0.3)
    assert left is not None
    assert left.total_seconds() == pytest.approx(1_500)


@pytest.mark.parametrize("values", [[0.3] * 20, [0.3 + 0.01 * index for index in range(20)]])
def test_what_stands_still_or_grows_leaves_no_end(values: list[float]) -> None:
    assert seen(values).left(0.3) is None


def test_too_little_says_nothing() -> None:
    assert seen([0.5, 0.4, 0.3]).slope is None
    assert seen([0.5, 0.4, 0.3]).left(0.3) is None


def test_the_last_minutes_count_more_than_those_before() -> None:
    up = [0.2 + 0.001 * index for index in range(120)]
    down = [up[-1] - 0.002 * index for index in range(1, 61)]
    assert seen(up + down).slope == pytest.approx(-0.0004, rel=0.1)


def test_what_comes_too_soon_or_not_after_the_last_changes_nothing() -> None:
    trend = seen([0.5, 0.4])
    assert trend.after(0.1, NOON + 6 * SECOND) is trend
    assert trend.after(0.1, NOON - 60 * SECOND) is trend


@pytest.mark.parametrize("hours", [-1, 1])
def test_after_a_long_gap_or_a_clock_set_back_it_begins_anew(hours: float) -> None:
    later = NOON + timedelta(hours=hours)
    assert seen([0.5, 0.4]).after(0.1, later) == Trend.begin(0.1, later)


def test_a_subject_that_is_gone_is_forgotten_and_one_without_a_value_is_kept() -> None:
    trends = followed(NO_TRENDS, {"a": 0.5, "b": 0.4, "c": None}, NOON)
    assert set(trends) == {"a", "b"}
    after = followed(trends, {"b": None}, NOON + SECOND)
    assert after == {"b": trends["b"]}


@given(st.lists(st.tuples(st.floats(0.1, 400), st.floats(0, 1)), min_size=1, max_size=60))
def test_whatever_comes_the_time_left_is_none_or_within_a_day(steps: list[tuple[float, float]]) -> None:
    trend, at = Trend.begin(0.5, NOON), NOON
    for gap, value in steps:
        at += gap * SECOND
        trend = trend.after(value, at)
    left = trend.left(steps[-1][1])
    assert left is None or timedelta() <= left <= FORESEEN
