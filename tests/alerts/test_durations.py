"""Lengths of time as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.durations import LONGEST, duration_text, parse_duration


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("0s", 0),
        ("30s", 30),
        ("5m", 300),
        ("5 min", 300),
        ("90m", 5_400),
        ("1h30m", 5_400),
        (" 1H 30Min ", 5_400),
        ("2d", 172_800),
        ("366d", 31_622_400),
    ],
)
def test_a_length_is_read_as_people_write_it(typed: str, seconds: int) -> None:
    assert parse_duration(typed) == timedelta(seconds=seconds)


@pytest.mark.parametrize("typed", ["", "5", "m", "5 minutes", "-5m", "1.5h", "5m later", "5m,3s", "\u0665m", "none"])
def test_what_is_no_length_is_answered_with_what_may_be_typed(typed: str) -> None:
    with pytest.raises(ValueError, match=r"it goes: 30s, 5m, 1h 30m or 2d"):
        parse_duration(typed)


@pytest.mark.parametrize("typed", ["367d", "366d 1s", "999999999d", "999999999d 999999999d"])
def test_nobody_means_more_than_a_year(typed: str) -> None:
    with pytest.raises(ValueError, match="longer than a year"):
        parse_duration(typed)


@given(st.integers(0, int(LONGEST.total_seconds())))
def test_what_is_shown_is_read_back(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert parse_duration(duration_text(length)) == length


def test_a_length_is_shown_by_the_parts_that_it_has() -> None:
    assert duration_text(timedelta(minutes=90)) == "1h 30m"
    assert duration_text(timedelta(days=1, seconds=5)) == "1d 5s"
    assert duration_text(timedelta()) == duration_text(timedelta(seconds=-3)) == "0s"
