"""When the clock on a wall first shows a time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.wall import first_at
from tests.alerts.zones import BERLIN, LORD_HOWE, NEW_YORK, zones

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
APIA = ZoneInfo("Pacific/Apia")


@pytest.mark.parametrize(
    ("day", "at", "zone", "moment"),
    [
        # An ordinary day.
        ("2026-05-04", "09:00", BERLIN, "2026-05-04T07:00Z"),
        # No 02:30: the clock jumps at 02:00.
        ("2026-03-29", "02:30", BERLIN, "2026-03-29T01:00Z"),
        ("2026-03-08", "02:30", NEW_YORK, "2026-03-08T07:00Z"),
        ("2026-10-04", "02:15", LORD_HOWE, "2026-10-03T15:30Z"),
        # It comes twice.
        ("2026-10-25", "02:30", BERLIN, "2026-10-25T00:30Z"),
        ("2026-11-01", "01:30", NEW_YORK, "2026-11-01T05:30Z"),
        ("2026-04-05", "01:45", LORD_HOWE, "2026-04-04T14:45Z"),
        # The edges of what is left out.
        ("2026-03-29", "01:59", BERLIN, "2026-03-29T00:59Z"),
        ("2026-03-29", "03:00", BERLIN, "2026-03-29T01:00Z"),
        # The clock goes back over midnight.
        ("2018-02-17", "23:30", SAO_PAULO, "2018-02-18T01:30Z"),
        ("2018-02-18", "00:00", SAO_PAULO, "2018-02-18T03:00Z"),
        # A day that there never was.
        ("2011-12-30", "12:00", APIA, "2011-12-30T10:00Z"),
    ],
)
def test_there_is_one_moment_for_each_time_of_a_day(day: str, at: str, zone: ZoneInfo, moment: str) -> None:
    assert first_at(date.fromisoformat(day), time.fromisoformat(at), zone) == datetime.fromisoformat(moment)


@given(st.dates(date(1971, 1, 1), date(2037, 12, 30)), st.times(), zones, st.integers(1, 26 * 3_600))
@example(date(2026, 3, 29), time(2, 30), BERLIN, 1)
@example(date(2026, 10, 25), time(2, 30), BERLIN, 1)
@example(date(2026, 4, 5), time(1, 45), LORD_HOWE, 1)
def test_then_it_is_that_late_and_never_was_before(day: date, at: time, zone: ZoneInfo, earlier_s: int) -> None:
    shown = datetime.combine(day, at)
    moment = first_at(day, at, zone)
    before = moment - timedelta(seconds=earlier_s)
    assert moment.tzinfo is UTC
    assert moment.astimezone(zone).replace(tzinfo=None) >= shown > before.astimezone(zone).replace(tzinfo=None)
