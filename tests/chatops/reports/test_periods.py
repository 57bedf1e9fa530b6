"""When reports are told, and what they cover, on ordinary nights and on those when the clocks change."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.money.spans import Span
from chatops.report_kinds import ReportKind
from chatops.reports.due import GATHERED, Times, begins, due, next_at
from chatops.reports.periods import period, told_at

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
DAILY, WEEKLY, MONTHLY, HEARTBEAT = ReportKind
#: Before Samoa left out a day.
LONG_AGO = datetime(2011, 11, 1, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu")


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def ready(text: str) -> datetime:
    """That moment in Berlin, once all is gathered."""
    return berlin(text) + GATHERED


def test_a_day_is_told_once_it_is_over_and_gathered() -> None:
    times = Times(DAILY, BERLIN)
    monday = Span(berlin("2026-05-04T00:00"), berlin("2026-05-05T00:00"))
    assert due(times, monday.start, ready("2026-05-05T00:00") - timedelta(seconds=1)) is None
    told = due(times, monday.start, ready("2026-05-05T00:00"))
    assert told is not None
    assert (told.span, told.periods, told.since) == (monday, 1, monday.end)
    assert due(times, monday.end, ready("2026-05-05T12:00")) is None


@pytest.mark.parametrize(("night", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_both_nights_of_a_change_are_one_day_each(night: str, hours: int) -> None:
    times = Times(DAILY, BERLIN)
    start = berlin(f"{night}T00:00")
    following = berlin(f"{(datetime.fromisoformat(night) + timedelta(days=1)).date()}T00:00")
    told = due(times, start, following + GATHERED)
    assert told is not None
    assert told.span.length == timedelta(hours=hours)
    assert due(times, told.span.end, following + GATHERED + timedelta(hours=23)) is None


def test_a_time_that_the_night_leaves_out_is_told_at_the_jump_and_one_that_comes_twice_at_the_first() -> None:
    at = Times(DAILY, BERLIN, time(2, 30))
    saturday = period(DAILY, berlin("2026-03-28T12:00"), BERLIN)
    assert at.due_at(saturday) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    saturday = period(DAILY, berlin("2026-10-24T12:00"), BERLIN)
    assert at.due_at(saturday) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_weeks_are_told_on_mondays_and_months_on_the_first_for_what_was_before() -> None:
    eight = time(8, 0)
    week = period(WEEKLY, berlin("2026-05-07T12:00"), BERLIN)
    assert week.start == berlin("2026-05-04T00:00")
    assert told_at(WEEKLY, week, eight, BERLIN) == berlin("2026-05-11T08:00")
    month = period(MONTHLY, berlin("2026-05-07T12:00"), BERLIN)
    assert month == Span(berlin("2026-05-01T00:00"), berlin("2026-06-01T00:00"))
    assert told_at(MONTHLY, month, eight, BERLIN) == berlin("2026-06-01T08:00")


def test_the_card_of_an_hour_knows_no_zone() -> None:
    hour = period(HEARTBEAT, datetime(2026, 5, 4, 12, 59, tzinfo=UTC), ZoneInfo("Asia/Kathmandu"))
    assert hour == Span(datetime(2026, 5, 4, 12, tzinfo=UTC), datetime(2026, 5, 4, 13, tzinfo=UTC))


def test_two_days_away_are_one_report_of_three_days() -> None:
    told = due(Times(DAILY, BERLIN), berlin("2026-03-27T00:00"), ready("2026-03-30T09:00"))
    assert told is not None
    assert told.span == Span(berlin("2026-03-27T00:00"), berlin("2026-03-30T00:00"))
    assert (told.periods, told.since) == (3, berlin("2026-03-28T00:00"))


def test_who_begins_to_hear_reports_hears_first_of_what_is_still_to_be_told() -> None:
    assert begins(Times(DAILY, BERLIN), berlin("2026-05-05T07:00")) == berlin("2026-05-05T00:00")
    assert begins(Times(DAILY, BERLIN, time(8, 30)), berlin("2026-05-05T07:00")) == berlin("2026-05-04T00:00")
    assert begins(Times(DAILY, BERLIN, time(8, 30)), berlin("2026-05-05T09:00")) == berlin("2026-05-05T00:00")


def test_a_new_time_changes_when_it_is_told_and_not_what() -> None:
    told_until = berlin("2026-05-05T00:00")
    later = Times(DAILY, BERLIN, time(8, 30))
    assert due(later, told_until, ready("2026-05-05T10:00")) is None
    assert next_at(later, told_until, berlin("2026-05-05T10:00")) == berlin("2026-05-06T08:30")


def test_what_a_change_of_the_zone_leaves_is_told_with_the_next_day_or_by_itself_where_it_is_more_than_half() -> None:
    # Midnight in Berlin is 18:00 in New York: six hours of that day are left.
    told_until = berlin("2026-05-05T00:00")
    assert due(Times(DAILY, NEW_YORK), told_until, ready("2026-05-05T12:00")) is None
    told = due(Times(DAILY, NEW_YORK), told_until, ready("2026-05-06T06:00"))
    assert told is not None
    assert told.span == Span(told_until, berlin("2026-05-06T06:00"))
    # Midnight in New York is 06:00 in Berlin: 18 hours are left.
    told = due(Times(DAILY, BERLIN), berlin("2026-05-05T06:00"), ready("2026-05-06T00:00"))
    assert told is not None
    assert told.span == Span(berlin("2026-05-05T06:00"), berlin("2026-05-06T00:00"))


def test_a_month_in_another_zone_does_not_tell_six_hours_of_the_last_one_at_once() -> None:
    assert due(Times(MONTHLY, NEW_YORK), berlin("2026-03-01T00:00"), berlin("2026-03-10T00:00")) is None


@settings(max_examples=40)
@given(
    kind=st.sampled_from(ReportKind),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    at=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    start=st.timedeltas(timedelta(), timedelta(days=15 * 365)).map(lambda since: LONG_AGO + since),
    waits=st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=40)), min_size=1, max_size=25),
)
def test_whenever_one_wakes_every_period_is_told_exactly_once_and_none_too_early(
    kind: ReportKind, zone: ZoneInfo, at: time, start: datetime, waits: list[timedelta]
) -> None:
    times = Times(kind, zone, at)
    until = began = begins(times, start)
    now, told = start, []
    for wait in waits:
        now += wait
        found = due(times, until, now)
        told += [found] if found is not None else []
        until = found.span.end if found is not None else until
    edges = [began, *(one.span.end for one in told)]
    assert [(one.span.start, one.span.end) for one in told] == list(pairwise(edges))
    whole = [period(kind, one.span.end - datetime.resolution, zone) for one in told]
    assert all(times.due_at(last) + GATHERED <= now for last in whole)
    # Of what is over and due nothing is left.
    assert due(times, until, now) is None
    assert next_at(times, until, now) + GATHERED > now
    following, count = began, 0
    while following < until:
        following, count = period(kind, following, zone).end, count + 1
    assert (following, count) == (until, sum(one.periods for one in told))
