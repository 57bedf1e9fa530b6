"""Days, weeks and months of a zone, on the nights of a change of the clock too."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatops.money import spans
from chatops.money.spans import Calendar, Span, day, day_of, days, month, months, week, weeks
from tests.alerts.zones import BERLIN, LORD_HOWE, NEW_YORK, ST_JOHNS, zones

APIA = ZoneInfo("Pacific/Apia")
#: Its clock goes forward at midnight: some days there begin at one o'clock.
BEIRUT = ZoneInfo("Asia/Beirut")
#: Its clock goes back at midnight: some days there show the last hour of the day before once more.
HAVANA = ZoneInfo("America/Havana")

moments = st.timedeltas(timedelta(0), timedelta(days=40 * 365)).map(
    lambda after: datetime(1990, 1, 1, tzinfo=UTC) + after
)
cuts = st.sampled_from([days, weeks, months])


@pytest.mark.parametrize(
    ("of", "zone", "start", "hours"),
    [
        ("2024-03-31", BERLIN, "2024-03-30T23:00Z", 23),
        ("2024-10-27", BERLIN, "2024-10-26T22:00Z", 25),
        ("2024-03-10", NEW_YORK, "2024-03-10T05:00Z", 23),
        ("2024-11-03", NEW_YORK, "2024-11-03T04:00Z", 25),
        ("2024-04-07", LORD_HOWE, "2024-04-06T13:00Z", 24.5),
        ("2024-10-06", LORD_HOWE, "2024-10-05T13:30Z", 23.5),
        ("2024-03-31", BEIRUT, "2024-03-30T22:00Z", 23),
        ("2024-11-02", HAVANA, "2024-11-02T04:00Z", 24),
        ("2024-11-03", HAVANA, "2024-11-03T04:00Z", 25),
        ("2024-06-01", BERLIN, "2024-05-31T22:00Z", 24),
        # Samoa went over the date line, and had no such day.
        ("2011-12-30", APIA, "2011-12-30T10:00Z", 0),
    ],
)
def test_a_day_is_as_long_as_the_clock_there_makes_it(of: str, zone: ZoneInfo, start: str, hours: float) -> None:
    found = day(date.fromisoformat(of), zone)
    assert found.start == datetime.fromisoformat(start)
    assert found.length == timedelta(hours=hours)


def test_an_hour_that_comes_again_after_midnight_is_of_the_day_that_has_begun() -> None:
    # A minute past midnight, St. John's put the clock back to 23:01 of the day before.
    again = datetime(2006, 10, 29, 2, 45, tzinfo=UTC)
    assert again.astimezone(ST_JOHNS).date() == date(2006, 10, 28)
    assert day_of(again, ST_JOHNS) == date(2006, 10, 29)


def test_the_payment_of_midnight_is_of_the_new_day() -> None:
    midnight = datetime(2024, 5, 31, 22, 0, tzinfo=UTC)
    assert midnight not in day(date(2024, 5, 31), BERLIN)
    assert midnight in day(date(2024, 6, 1), BERLIN)


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    of = date(2024, 10, 27)
    assert week(of, BERLIN) == Span(day(date(2024, 10, 21), BERLIN).start, day(of, BERLIN).end)
    assert month(of, BERLIN) == Span(day(date(2024, 10, 1), BERLIN).start, day(date(2024, 10, 31), BERLIN).end)
    assert month(date(2023, 12, 5), BERLIN).end == day(date(2024, 1, 1), BERLIN).start


def test_what_is_of_this_very_moment_is_in_the_last_hours() -> None:
    now = datetime(2024, 6, 1, tzinfo=UTC)
    assert now in spans.last(timedelta(hours=24), now)


def test_the_last_hours_begin_with_a_quarter_of_an_hour_and_are_no_shorter() -> None:
    now = datetime(2024, 6, 1, 12, 14, 59, tzinfo=UTC)
    assert spans.last(timedelta(hours=24), now).start == datetime(2024, 5, 31, 12, tzinfo=UTC)


def test_a_span_cannot_end_before_it_starts() -> None:
    now = datetime(2024, 6, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="cannot end"):
        Span(now, now - timedelta(seconds=1))


@given(moments, zones)
def test_every_moment_is_of_the_day_that_it_lies_in(moment: datetime, zone: ZoneInfo) -> None:
    assert moment in day(day_of(moment, zone), zone)


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=100)), zones, cuts)
def test_the_pieces_of_a_span_follow_each_other_and_leave_nothing_out(
    start: datetime, length: timedelta, zone: ZoneInfo, cut: Callable[[Span, ZoneInfo], Iterator[tuple[date, Span]]]
) -> None:
    span = Span(start, start + length)
    pieces = list(cut(span, zone))
    assert pieces[0][1].start == span.start
    assert pieces[-1][1].end == span.end
    assert all(one.end == other.start for (_, one), (_, other) in pairwise(pieces))
    assert all(name < later for (name, _), (later, _) in pairwise(pieces))


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=40)), zones, st.floats(-0.5, 1.5))
def test_a_calendar_knows_the_day_of_every_moment_in_it(
    start: datetime, length: timedelta, zone: ZoneInfo, share: float
) -> None:
    span, moment = Span(start, start + length), start + length * share
    found = Calendar(days(span, zone)).of(moment)
    assert found == {True: day_of(moment, zone), False: None}[moment in span]


@given(moments, moments, moments, moments)
def test_two_spans_have_in_common_what_lies_in_both(a: datetime, b: datetime, c: datetime, d: datetime) -> None:
    one, other = Span(*sorted((a, b))), Span(*sorted((c, d)))
    common = one.within(other)
    assume(common is not None)
    assert common == other.within(one)
    assert common is not None
    assert common.start in one
    assert common.start in other
    assert common.end <= min(one.end, other.end)
