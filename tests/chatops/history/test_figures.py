"""Figures that are read from a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from chatops.history.figures import Figures
from chatops.money.parts import cents
from chatops.money.spans import Calendar, days, last
from chatops.ranges import span_of
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from tests.earnings import DAY, earned, record

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


async def test_how_deep_a_drawdown_was_is_the_same_beside_bars(database: Database) -> None:
    alpha = earned("alpha", NOW)
    (of,) = alpha.marks
    dip = NOW.replace(hour=18, minute=10) - DAY
    alpha.samples = [one for one in alpha.samples if one.at < dip]
    for minutes, mark in ((0, -900), (20, 0), (200, 0)):
        alpha.marks[of] = Decimal(mark)
        alpha.look(dip + timedelta(minutes=minutes))
    await record(PostgresHistory(database), [alpha], NOW)
    figures, span, zone = Figures(PostgresHistory(database)), last(30 * DAY, NOW), ZoneInfo("Asia/Kathmandu")
    # Its days begin at 18:15 UTC: the dip is the last that is known of one.
    calendar = Calendar(days(span, zone))
    read = await figures.books(["alpha"], span, calendar=calendar)
    beside = await figures.summary(["alpha"], span, zone, books=read)
    assert beside == await figures.summary(["alpha"], span, zone)
    assert min(one.parts.total for one in await figures.bars(["alpha"], calendar, books=read) if one.parts) < -800


async def test_what_was_paid_between_an_old_sample_and_the_beginning_is_missing_nowhere(database: Database) -> None:
    alpha = earned("alpha", NOW)
    now = NOW + timedelta(minutes=7)
    (of,) = alpha.marks
    # Of long ago one sample of a quarter of an hour is left, or of an hour here; this is between two of them.
    paid_at = now - 30 * DAY - timedelta(minutes=5)
    alpha.fund(paid_at, of, Decimal(50), None)
    alpha.look(now)
    alpha.samples = [replace(one, equity=one.equity + 50) if paid_at <= one.at < now else one for one in alpha.samples]
    await record(PostgresHistory(database), [alpha], now)
    figures, zone = Figures(PostgresHistory(database)), ZoneInfo("UTC")
    found = await figures.summary(["alpha"], span_of("30d", now, zone), zone)
    assert cents(found.unexplained) == 0
    assert cents(found.equity.made) == cents(found.parts.total)


async def test_a_bot_that_came_in_the_time_falls_from_how_it_came(database: Database) -> None:
    alpha = earned("alpha", NOW)
    (of,) = alpha.marks
    came = NOW.replace(hour=9, minute=7)
    alpha.samples = []
    for minutes, mark in ((0, 0), (10, -900), (50, -500)):
        alpha.marks[of] = Decimal(mark)
        alpha.look(came + timedelta(minutes=minutes))
    await record(PostgresHistory(database), [alpha], NOW)
    figures, zone = Figures(PostgresHistory(database)), ZoneInfo("UTC")
    for span in (last(30 * DAY, NOW), last(365 * DAY, NOW)):
        # Of the hours, and of the day, one sample each: beside these the first is there.
        found = await figures.summary(["alpha"], span, zone)
        fall = found.worst_drawdown
        assert fall is not None
        assert (fall.peak_at, fall.trough_at) == (came, came + timedelta(minutes=50))
        assert cents(fall.usd) == Decimal(-500)
        assert [one.at for one in found.points] == [came, came + timedelta(minutes=50)]
