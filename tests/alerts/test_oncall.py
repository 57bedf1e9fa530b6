"""Who is on call: in turn, instead of somebody, and on the nights on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.oncall import Override, Rotation, Shift, next_on_call, on_call, shift, shifts
from tests.alerts.zones import BERLIN, LORD_HOWE, NEW_YORK, ST_JOHNS, zones

SECOND = timedelta(seconds=1)
#: Mondays at nine.
WEEKS = Rotation(("ada", "bob", "cy"), date(2026, 5, 4), 0, time(9, 0), BERLIN)


def moment(said: str) -> datetime:
    return datetime.fromisoformat(said)


def test_people_take_turns_week_by_week() -> None:
    found = [(one.who, f"{one.start:%m-%d %H:%M}") for one in islice(shifts(WEEKS, (), moment("2026-05-06T12:00Z")), 4)]
    assert found == [("ada", "05-04 07:00"), ("bob", "05-11 07:00"), ("cy", "05-18 07:00"), ("ada", "05-25 07:00")]


def test_a_hand_over_is_a_moment() -> None:
    assert on_call(WEEKS, (), moment("2026-05-11T06:59:59Z")) == "ada"
    assert on_call(WEEKS, (), moment("2026-05-11T07:00:00Z")) == "bob"


def test_the_first_turn_begins_with_the_first_hand_over_and_it_went_round_before() -> None:
    midweek = Rotation(("ada", "bob", "cy"), date(2026, 4, 29), 0, time(9, 0), BERLIN)
    assert midweek.handover(0) == WEEKS.handover(0)
    assert on_call(WEEKS, (), moment("2026-05-04T06:00Z")) == "cy"
    assert on_call(WEEKS, (), moment("2026-04-26T06:00Z")) == "bob"


def test_a_turn_may_be_some_weeks_long() -> None:
    long = Rotation(("ada", "bob"), date(2026, 5, 4), 0, time(9, 0), BERLIN, weeks=2)
    assert shift(long, (), moment("2026-05-15T00:00Z")) == Shift(
        "ada", moment("2026-05-04T07:00Z"), moment("2026-05-18T07:00Z")
    )


@pytest.mark.parametrize(
    ("zone", "sunday", "at", "handover"),
    [
        (BERLIN, date(2026, 3, 29), time(2, 30), "2026-03-29T01:00Z"),
        (BERLIN, date(2026, 10, 25), time(2, 30), "2026-10-25T00:30Z"),
        (NEW_YORK, date(2026, 3, 8), time(2, 30), "2026-03-08T07:00Z"),
        (NEW_YORK, date(2026, 11, 1), time(1, 30), "2026-11-01T05:30Z"),
        (LORD_HOWE, date(2026, 10, 4), time(2, 15), "2026-10-03T15:30Z"),
        (LORD_HOWE, date(2026, 4, 5), time(1, 45), "2026-04-04T14:45Z"),
        (ST_JOHNS, date(2010, 11, 7), time(0, 0), "2010-11-07T02:30Z"),
    ],
)
def test_a_night_of_a_change_has_one_hand_over(zone: ZoneInfo, sunday: date, at: time, handover: str) -> None:
    nights = Rotation(("ada", "bob"), sunday - timedelta(days=7), 6, at, zone)
    change = moment(handover)
    around = [on_call(nights, (), change + minutes * timedelta(minutes=1)) for minutes in range(-180, 180)]
    assert around == ["ada"] * 180 + ["bob"] * 180


def test_somebody_stands_in_and_the_turn_goes_on_after() -> None:
    stand_in = Override("dee", moment("2026-05-06T18:00Z"), moment("2026-05-07T06:00Z"))
    found = list(islice(shifts(WEEKS, [stand_in], moment("2026-05-05T00:00Z")), 4))
    assert found == [
        Shift("ada", moment("2026-05-04T07:00Z"), stand_in.start),
        Shift("dee", stand_in.start, stand_in.until, is_override=True),
        Shift("ada", stand_in.until, moment("2026-05-11T07:00Z")),
        Shift("bob", moment("2026-05-11T07:00Z"), moment("2026-05-18T07:00Z")),
    ]


def test_the_later_made_of_two_stand_ins_wins_and_the_earlier_has_the_rest() -> None:
    week = Override("dee", moment("2026-05-04T00:00Z"), moment("2026-05-16T00:00Z"))
    night = Override("bob", moment("2026-05-05T18:00Z"), moment("2026-05-06T06:00Z"))
    found = [(one.who, one.end) for one in islice(shifts(WEEKS, [week, night], moment("2026-05-05T12:00Z")), 4)]
    assert found == [
        ("dee", night.start),
        ("bob", night.until),
        ("dee", week.until),
        ("bob", moment("2026-05-18T07:00Z")),
    ]
    assert on_call(WEEKS, [night, week], moment("2026-05-05T20:00Z")) == "dee"


def test_the_next_is_somebody_else() -> None:
    at = moment("2026-05-06T12:00Z")
    assert next_on_call(WEEKS, (), at) == "bob"
    # Who stands in now hands back to whose turn it is.
    now = Override("dee", at, at + timedelta(hours=2))
    assert next_on_call(WEEKS, [now], at) == "ada"
    # Ada has bob's week too.
    both = Override("ada", moment("2026-05-11T07:00Z"), moment("2026-05-18T07:00Z"))
    assert next_on_call(WEEKS, [both], at) == "cy"


def test_alone_there_is_no_next() -> None:
    alone = Rotation(("ada",), date(2026, 5, 4), 0, time(9, 0), BERLIN)
    assert on_call(alone, (), moment("2026-05-06T12:00Z")) == "ada"
    assert next_on_call(alone, (), moment("2026-05-06T12:00Z")) is None


def test_without_a_rotation_only_who_stands_in_is_on_call() -> None:
    at = moment("2026-05-06T12:00Z")
    later = Override("dee", at + timedelta(hours=1), at + timedelta(hours=2))
    assert on_call(None, [later], at) is None
    assert shift(None, [later], at) is None
    assert list(shifts(None, [later], at)) == [Shift("dee", later.start, later.until, is_override=True)]
    assert next_on_call(None, [later], at) == "dee"
    assert on_call(None, [later], later.start) == "dee"
    assert next_on_call(None, (), at) is None


def test_what_leaves_nobody_on_call_is_refused() -> None:
    with pytest.raises(ValueError, match="a rotation has people"):
        Rotation((), date(2026, 5, 4), 0, time(9, 0), BERLIN)
    with pytest.raises(ValueError, match="0 \\(Monday\\) to 6"):
        Rotation(("ada",), date(2026, 5, 4), 7, time(9, 0), BERLIN)
    with pytest.raises(ValueError, match="a week or more"):
        Rotation(("ada",), date(2026, 5, 4), 0, time(9, 0), BERLIN, weeks=0)
    with pytest.raises(ValueError, match="ends before it begins"):
        Override("ada", moment("2026-05-06T12:00Z"), moment("2026-05-06T12:00Z"))


PEOPLE = st.lists(st.sampled_from(["ada", "bob", "cy", "dee"]), min_size=1, max_size=5).map(tuple)
DATES = st.dates(date(1990, 1, 1), date(2037, 1, 1))
rotations = st.builds(Rotation, PEOPLE, DATES, st.integers(0, 6), st.times(), zones, st.integers(1, 4))


@st.composite
def years(draw: st.DrawFn) -> tuple[datetime, list[Override]]:
    """The start of a year, with some who stand in in it."""
    start = datetime(draw(st.integers(1990, 2036)), 1, 1, tzinfo=UTC)
    made = []
    for _ in range(draw(st.integers(0, 4))):
        begins = start + timedelta(minutes=draw(st.integers(0, 500_000)))
        lasts = timedelta(minutes=draw(st.integers(1, 60_000)))
        made.append(Override(draw(st.sampled_from(["ada", "eve"])), begins, begins + lasts))
    return start, made


@settings(max_examples=40)
@given(rotations, years())
def test_in_any_zone_and_year_exactly_one_person_is_on_call_at_each_moment(
    rotation: Rotation, year: tuple[datetime, list[Override]]
) -> None:
    start, made = year
    found = list(islice(shifts(rotation, made, start), 70))
    assert found[0].start <= start < found[0].end
    # No gap, no overlap, nobody for no time.
    assert all(before.end == after.start for before, after in pairwise(found))
    assert all(one.start < one.end for one in found)
    assert found[-1].end - found[0].start >= timedelta(days=365)
    for one in found:
        inside = (one.start, one.start + (one.end - one.start) / 2, one.end - SECOND / 1_000_000)
        assert {on_call(rotation, made, at) for at in inside} == {one.who}
        assert shift(rotation, made, inside[1]) == one


#: Without the days that some zones left out, with their noons.
LATELY = st.dates(date(2013, 1, 1), date(2035, 1, 1))


@given(rotations, LATELY, st.integers(-20, 20))
@example(Rotation(("ada", "bob"), date(2026, 3, 1), 6, time(2, 30), BERLIN), date(2026, 3, 29), 1)
def test_the_same_noon_so_many_turns_later_is_so_many_people_further(rotation: Rotation, day: date, turns: int) -> None:
    here = rotation.turn(noon(day, rotation.zone))
    there = rotation.turn(noon(day + timedelta(weeks=turns * rotation.weeks), rotation.zone))
    assert there - here == turns
    assert rotation.of(there) == rotation.people[(here + turns) % len(rotation.people)]


def noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(12), zone).astimezone(UTC)
