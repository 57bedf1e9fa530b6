"""Moments as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.durations import LONGEST
from chatops import moments

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2h", "2026-05-04T14:00Z"),
        ("30m", "2026-05-04T12:30Z"),
        ("2h 30min", "2026-05-04T14:30Z"),
        ("for 2h", "2026-05-04T14:00Z"),
        ("until 18:00", "2026-05-04T16:00Z"),
        ("1d", "2026-05-05T12:00Z"),
        # In Berlin it is 14:00 by now.
        ("18:00", "2026-05-04T16:00Z"),
        ("13:59", "2026-05-05T11:59Z"),
        ("2026-05-04t18:00z", "2026-05-04T18:00Z"),
        ("2026-05-04T18:00+02:00", "2026-05-04T16:00Z"),
        ("2026-05-04 18:00", "2026-05-04T16:00Z"),
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_room(typed: str, moment: str) -> None:
    assert moments.read(typed, NOON, BERLIN) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("soon", "it goes: 2h, 30m"),
        ("25:00", "it goes"),
        ("2026-05-05", "it goes"),
        ("2026-05-04T11:59Z", "has passed"),
        ("0m", "has passed"),
        ("400d", "more than a year"),
        ("999999d", "more than a year"),
        ("9999-12-31t23:59-23:00", "it goes"),
    ],
)
def test_what_is_no_moment_ahead_is_refused_with_the_reason(typed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        moments.read(typed, NOON, BERLIN)


def test_a_time_of_the_day_is_right_on_a_night_of_a_clock_change() -> None:
    before = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    # 00:30 in Berlin, where the hour from two to three comes twice in that night.
    assert moments.read("06:00", before, BERLIN) - before == timedelta(hours=6, minutes=30)


@given(st.text(max_size=40))
def test_any_text_is_a_moment_ahead_or_refused(typed: str) -> None:
    try:
        moment = moments.read(typed, NOON, BERLIN)
    except ValueError:
        return
    assert NOON < moment <= NOON + LONGEST
