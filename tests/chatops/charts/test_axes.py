from datetime import UTC, datetime, timedelta
from math import isnan, nan
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.charts.facts import FundingRates
from chatops.charts.figures import amount, percent, short, tick_labels, ticks
from chatops.charts.hours import days, marks
from chatops.charts.lines import span_of
from chatops.charts.series import Reach, Series, number, runs
from chatops.money.facts import Gap
from chatops.money.spans import Span

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
DAY, HOUR = 86_400.0, 3_600.0
START = datetime(2026, 10, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0.00"),
        (-0.001, "0.00"),
        (1234.5, "+1,234.50"),
        (-12_345.6, "−12,345.60"),
        (2.675, "+2.68"),
        (0.125, "+0.12"),
        (2.5e9, "+2.50B"),
        (nan, "–"),
    ],
)
def test_an_amount_is_said_to_the_cent_as_everywhere(value: float, said: str) -> None:
    assert amount(value, signed=True) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0"), (7.0, "7"), (9.996, "10.0"), (999.6, "1.00k"), (-1234.0, "−1.23k"), (1e14, "100T")]
)
def test_a_short_number_has_three_digits(value: float, said: str) -> None:
    assert short(value) == said


def test_percentages_have_one_place_and_a_true_minus() -> None:
    assert [percent(-4.56), percent(0.0), percent(3e9)] == ["−4.6%", "0.0%", "3.00B%"]


def test_a_rate_of_eight_hours_is_paid_1095_times_a_year() -> None:
    assert FundingRates.yearly(0.0001, 8) == pytest.approx(10.95)
    assert isnan(FundingRates.yearly(0.0001, 0))


def test_a_time_up_to_a_midnight_ends_with_the_day_before() -> None:
    start = datetime(2023, 8, 1, tzinfo=UTC).timestamp()
    assert days(start, start + 31 * DAY, UTC_ZONE) == "1 Aug – 31 Aug 2023"
    assert days(start, start + 31 * DAY, BERLIN) == "1 Aug – 1 Sep 2023"


@given(st.floats(-1e14, 1e14), st.floats(1e-6, 1e14))
def test_the_marks_of_an_axis_are_few_and_told_apart(low: float, width: float) -> None:
    low, high = span_of([low, low + width])
    places = ticks(low, high)
    assert 1 <= len(places) <= 7
    assert len(set(tick_labels(places))) == len(places)


def test_the_range_of_one_value_is_not_empty() -> None:
    low, high = span_of([10_000.0])
    assert low < 10_000.0 < high
    assert span_of([])[0] < 0 < span_of([])[1]


def test_the_day_of_a_change_of_the_clock_is_marked_at_its_own_hours() -> None:
    start = START.timestamp()
    found = marks(start, start + 25 * HOUR, BERLIN)
    assert [label for _, label in found] == ["25 Oct", "06:00", "12:00", "18:00", "26 Oct"]
    assert [at - start for at, _ in found] == [0, 7 * HOUR, 13 * HOUR, 19 * HOUR, 25 * HOUR]


def test_long_times_are_marked_by_months_and_years() -> None:
    start = datetime(2025, 11, 21, tzinfo=UTC).timestamp()
    assert [label for _, label in marks(start, start + 365 * DAY, UTC_ZONE)] == ["2026", "Apr", "Jul", "Oct"]
    assert [label for _, label in marks(start, start + 3_000 * DAY, UTC_ZONE)][::2] == ["2026", "2030", "2034"]


@given(st.floats(0, 4e9), st.floats(1, 1e9), st.sampled_from([UTC_ZONE, BERLIN, ZoneInfo("Asia/Kathmandu")]))
def test_marks_of_time_are_few_in_order_and_inside(start: float, length: float, zone: ZoneInfo) -> None:
    found = [at for at, _ in marks(start, start + length, zone)]
    assert len(found) <= 6
    assert found == sorted(set(found))
    assert all(start <= at <= start + length for at in found)


def test_a_time_is_called_by_its_days_or_by_its_hours() -> None:
    start = START.timestamp()
    assert days(start, start + 30 * DAY, BERLIN) == "25 Oct – 23 Nov 2026"
    assert days(start, start + 100 * DAY, BERLIN) == "25 Oct 2026 – 1 Feb 2027"
    assert days(start, start + 6 * HOUR, BERLIN) == "25 Oct 2026, 00:00 – 05:00"
    assert days(start - HOUR, start + 6 * HOUR, UTC_ZONE) == "24 Oct, 21:00 – 25 Oct 2026, 04:00"


def test_gaps_that_lie_over_each_other_are_one() -> None:
    span = Span(START, START + timedelta(hours=10))
    gaps = [
        Gap(bot, START + timedelta(hours=begins), START + timedelta(hours=ends))
        for bot, begins, ends in (("b", 3, 5), ("a", -2, 1), ("a", 4, 6), ("a", 20, 30))
    ]
    start = span.start.timestamp()
    assert Reach.of(span, gaps).gaps == ((start, start + HOUR), (start + 3 * HOUR, start + 6 * HOUR))


def test_a_line_is_parted_where_nothing_is_known() -> None:
    reach = Reach(0, 100, ((41, 59),))
    line = Series("", (-1, 0, 10, 20, 30, 40, 60, 70), (1, 2, 3, nan, 5, 6, 7, 8))
    assert [run.at for run in runs(line, reach)] == [(0, 10), (30, 40), (60, 70)]


def test_what_is_no_number_is_not_drawn() -> None:
    assert all(map(isnan, [number(None), number(float("inf")), number(1e16)]))
