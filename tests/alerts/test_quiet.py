"""Quiet hours, in three zones and on the nights on which their clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.quiet import QuietHours, parse_hours
from tests.alerts.zones import BERLIN, LORD_HOWE, NEW_YORK, zones

MINUTE = timedelta(minutes=1)


def hours(typed: str, zone: ZoneInfo) -> QuietHours:
    return QuietHours(*parse_hours(typed), zone)


def moment(said: str) -> datetime:
    return datetime.fromisoformat(said)


def test_a_night_is_quiet_over_midnight() -> None:
    night = hours("22:00-07:00", BERLIN)
    quiet = ["2026-05-04T20:00Z", "2026-05-04T23:30Z", "2026-05-05T04:59Z"]
    loud = ["2026-05-04T19:59Z", "2026-05-05T05:00Z", "2026-05-05T12:00Z"]
    assert [night.is_quiet(moment(one)) for one in [*quiet, *loud]] == [True] * 3 + [False] * 3
    assert {night.ends_at(moment(one)) for one in quiet} == {moment("2026-05-05T05:00Z")}
    assert {night.ends_at(moment(one)) for one in loud} == {None}


def test_a_noon_is_quiet_on_its_own_day() -> None:
    noon = hours("12:00-13:30", NEW_YORK)
    assert noon.ends_at(moment("2026-05-04T16:00Z")) == moment("2026-05-04T17:30Z")
    assert not noon.is_quiet(moment("2026-05-04T12:00Z"))


@pytest.mark.parametrize(
    ("zone", "start", "end", "length"),
    [
        (BERLIN, "2026-03-28T21:00Z", "2026-03-29T05:00Z", 8),
        (BERLIN, "2026-10-24T20:00Z", "2026-10-25T06:00Z", 10),
        (NEW_YORK, "2026-03-08T03:00Z", "2026-03-08T11:00Z", 8),
        (NEW_YORK, "2026-11-01T02:00Z", "2026-11-01T12:00Z", 10),
        (LORD_HOWE, "2026-10-03T11:30Z", "2026-10-03T20:00Z", 8.5),
        (LORD_HOWE, "2026-04-04T11:00Z", "2026-04-04T20:30Z", 9.5),
    ],
)
def test_a_night_of_a_change_is_as_long_as_it_is(zone: ZoneInfo, start: str, end: str, length: float) -> None:
    night = hours("22:00-07:00", zone)
    first, last = moment(start), moment(end)
    assert last - first == timedelta(hours=length)
    assert [night.is_quiet(at) for at in (first - MINUTE, first, last - MINUTE, last)] == [False, True, True, False]
    assert night.ends_at(first) == night.ends_at(last - MINUTE) == last


def test_an_end_that_the_clock_jumps_over_is_the_jump() -> None:
    assert hours("22:00-02:30", BERLIN).ends_at(moment("2026-03-29T00:00Z")) == moment("2026-03-29T01:00Z")


def test_an_end_that_comes_twice_is_the_first_and_quiet_does_not_begin_again() -> None:
    night = hours("22:00-02:30", BERLIN)
    assert night.ends_at(moment("2026-10-25T00:15Z")) == moment("2026-10-25T00:30Z")
    # 02:15 once more.
    assert not night.is_quiet(moment("2026-10-25T01:15Z"))


def test_a_start_that_comes_twice_is_the_first() -> None:
    night = hours("02:30-07:00", BERLIN)
    # 02:15 of winter, after 02:30 of summer.
    assert night.is_quiet(moment("2026-10-25T01:15Z"))


def test_hours_that_the_clock_jumps_over_as_a_whole_are_not_that_night() -> None:
    brief = hours("02:15-02:45", BERLIN)
    around = [moment("2026-03-29T01:00Z") + n * MINUTE for n in range(-60, 60)]
    assert not any(brief.is_quiet(at) for at in around)


def test_nights_without_a_gap_end_once() -> None:
    # On the day of the jump the one ends at 03:00, where the next begins.
    long = hours("03:00-02:30", BERLIN)
    assert long.ends_at(moment("2026-03-28T12:00Z")) == moment("2026-03-30T00:30Z")


def test_a_day_cannot_be_quiet_as_a_whole() -> None:
    with pytest.raises(ValueError, match="never end"):
        hours("07:00-07:00", BERLIN)


@pytest.mark.parametrize("typed", ["", "22-7", "22:00", "22:00-24:00", "22:61-07:00", "22:00 to 07:00", "22:00-07:00!"])
def test_what_are_no_hours_is_answered_with_how_they_go(typed: str) -> None:
    with pytest.raises(ValueError, match="it goes: 22:00-07:00"):
        parse_hours(typed)


def test_hours_are_read_as_people_write_them() -> None:
    assert parse_hours(" 22:00 – 7:05 ") == (time(22, 0), time(7, 5))


#: From 1990 to 2037.
MOMENTS = st.integers(631_152_000, 2_114_380_800).map(lambda at: datetime.fromtimestamp(at, UTC))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(MOMENTS, st.tuples(TIMES, TIMES).filter(lambda both: both[0] != both[1]), zones)
def test_whoever_waits_for_the_end_finds_it_loud_and_all_before_it_quiet(
    at: datetime, both: tuple[time, time], zone: ZoneInfo
) -> None:
    night = QuietHours(*both, zone)
    end = night.ends_at(at)
    assert (end is not None) == night.is_quiet(at)
    checked = end or at
    assert not night.is_quiet(checked)
    assert all(night.ends_at(at + share * (checked - at)) == end for share in (0.25, 0.5, 0.99))


@given(MOMENTS, st.tuples(TIMES, TIMES).filter(lambda both: both[0] != both[1]), zones)
def test_what_is_held_is_given_within_a_day_as_the_clock_goes(
    at: datetime, both: tuple[time, time], zone: ZoneInfo
) -> None:
    end = QuietHours(*both, zone).ends_at(at)
    # Two hours for clocks that change, a day for zones that left one out, twice for hours that touch.
    assert end is None or at < end <= at + timedelta(hours=50)
