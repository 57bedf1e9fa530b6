"""Reports are told once: on both nights of a change of the clock, after a restart, after days."""

from datetime import timedelta

import pytest

from chatops.charts.studio import Studio
from chatops.report_kinds import Choice, ReportKind
from chatops.storage.database import Database
from chatops.storage.retention import REPORTS_LAST, forgotten
from tests.chatops.reports.nights import OPS, PATIENCE_S, Nights, at
from tests.plug import Plug


async def test_a_day_is_told_when_it_is_over_with_all_that_it_made(nights: Nights) -> None:
    await nights.lived()
    await nights.at("2026-03-27T23:59")
    assert await nights.told() == []
    await nights.at("2026-03-28T00:00")
    assert await nights.titles() == ["Daily report, Fri 27 Mar: +10.00 USD"]
    assert await nights.told() == ["Covers 2026-03-27 (Europe/Berlin)."]
    (text,) = await nights.texts()
    for line in (
        "Realized",
        "Unrealized",
        "Funding",
        "Fees",
        "Total",
        "Equity         1,080.00",
        "Trades  1, 100.0% won",
    ):
        assert " ".join(line.split()) in " ".join(text.split())
    assert "SOL-27 +10.00" in text
    # What is held, and how near its end it stands.
    assert "Open now: 1" in text
    assert "SOL-1" in text
    assert "Alerts: none." in text


async def test_a_report_comes_with_its_chart_and_without_one_where_none_is_drawn(database: Database) -> None:
    async with Studio(within_s=PATIENCE_S, drawn_within_s=PATIENCE_S) as studio:
        nights = Nights(database, studio=studio)
        nights.clock.moment = at("2026-03-27T09:00")
        await nights.lived()
        await nights.desk.reports.look()
        await nights.at("2026-03-28T00:00")
    # It draws no more.
    await nights.at("2026-03-29T00:00")
    async with nights.sending():
        pass
    drawn, plain = nights.chat.shown
    assert drawn.file is not None
    assert drawn.file.is_picture
    assert drawn.file.content.startswith(b"\x89PNG")
    assert (plain.file, plain.message.title) == (None, "Daily report, Sat 28 Mar: +10.00 USD")


@pytest.mark.parametrize(
    ("days", "hours"),
    [(("2026-03-28", "2026-03-29", "2026-03-30"), 23), (("2026-10-24", "2026-10-25", "2026-10-26"), 25)],
)
async def test_on_both_nights_of_a_change_each_day_is_told_once(
    database: Database, days: tuple[str, str, str], hours: int
) -> None:
    nights = Nights(database)
    nights.clock.moment = at(f"{days[0]}T12:00")
    # Somebody looks every quarter of an hour of both days and nights.
    for _ in range(4 * 48):
        await nights.look(nights.clock() + timedelta(minutes=15))
    assert await nights.told() == [f"Covers {day} (Europe/Berlin)." for day in days[:2]]
    spans = await database.fetch(
        "SELECT ends_at - starts_at AS length FROM reports WHERE step = 'told' ORDER BY number"
    )
    assert [row["length"] for row in spans] == [timedelta(hours=24), timedelta(hours=hours)]


async def test_a_restart_in_that_very_second_tells_it_once(nights: Nights) -> None:
    await nights.at("2026-03-28T00:00")
    await nights.again()
    await nights.desk.reports.look()
    await nights.look(nights.clock() + timedelta(seconds=1))
    assert await nights.told() == ["Covers 2026-03-27 (Europe/Berlin)."]


async def test_a_restart_before_that_second_and_after_it_tells_it_once(nights: Nights) -> None:
    await nights.look(at("2026-03-28T00:00"))
    assert await nights.told() == []
    await nights.again()
    await nights.at("2026-03-28T00:00")
    assert await nights.told() == ["Covers 2026-03-27 (Europe/Berlin)."]


async def test_what_was_missed_in_days_away_is_told_as_one(nights: Nights) -> None:
    await nights.lived()
    await nights.away_until("2026-03-30T09:30")
    assert await nights.told() == ["Covers 2026-03-27 to 2026-03-29: the desk was away (Europe/Berlin)."]
    assert await nights.titles() == ["Daily report, 27 Mar to 29 Mar: +30.00 USD"]
    (text,) = await nights.texts()
    assert [line.split() for line in text.splitlines() if line.startswith(("Fri", "Sat", "Sun"))] == [
        ["Fri", "27", "Mar", "+10.00"],
        ["Sat", "28", "Mar", "+10.00"],
        ["Sun", "29", "Mar", "+10.00"],
    ]
    await nights.at("2026-03-31T00:00")
    assert (await nights.told())[1:] == ["Covers 2026-03-30 (Europe/Berlin)."]
    assert await nights.rows() == [("daily", "begun", 0), ("daily", "told", 3), ("daily", "told", 1)]


async def test_one_that_is_late_says_why(nights: Nights) -> None:
    await nights.away_until("2026-03-28T07:00")
    assert await nights.told() == ["Covers 2026-03-27: the desk was away (Europe/Berlin)."]


async def test_while_the_database_is_away_a_report_waits_and_says_so(
    nights: Nights, postgres_url: str, database_url: str
) -> None:
    plug = Plug(postgres_url, database_url)
    await nights.look(at("2026-03-27T23:59"))
    await plug.pull()
    await nights.at("2026-03-28T00:00")
    await nights.at("2026-03-28T02:00")
    await plug.put_back()
    await nights.at("2026-03-28T03:00")
    await nights.look(nights.clock() + timedelta(minutes=1))
    assert await nights.told() == ["Covers 2026-03-27: the database was away (Europe/Berlin)."]


async def test_two_gateways_tell_it_once(nights: Nights) -> None:
    other = nights.another()
    nights.clock.moment = at("2026-03-28T00:01")
    # Both read what is due before either has stored it.
    last = await other.reports.store.last()
    await nights.desk.reports.look()
    (plan,) = other.reports.plans.all()
    await other.reports._look_at((plan.room, plan.times.kind), plan, last[plan.room, plan.times.kind])
    assert await nights.told() == ["Covers 2026-03-27 (Europe/Berlin)."]


async def test_killed_between_the_row_and_the_message_neither_is_there_and_it_is_told_later(nights: Nights) -> None:
    await nights.database.execute("""
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
        CREATE TRIGGER die BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION die()
    """)
    await nights.at("2026-03-28T00:00")
    assert await nights.rows() == [("daily", "begun", 0)]
    await nights.database.execute("DROP TRIGGER die ON deliveries")
    await nights.again()
    async with nights.sending():
        await nights.look(nights.clock() + timedelta(minutes=1))
    assert [shown.text.partition("\n\n")[2][:19] for shown in nights.chat.shown] == ["Covers 2026-03-27 ("]
    assert await nights.rows() == [("daily", "begun", 0), ("daily", "told", 1)]


async def test_weeks_and_months_are_told_too_and_all_of_one_night(database: Database) -> None:
    kinds = {kind: Choice(is_on=True) for kind in ReportKind if kind.has_time}
    nights = Nights(database, {OPS: kinds})
    nights.clock.moment = at("2026-05-31T12:00")
    await nights.lived()
    await nights.desk.reports.look()
    # The last of May 2026 is a Sunday.
    await nights.at("2026-06-01T00:00")
    assert [title.partition(":")[0] for title in await nights.titles()] == [
        "Daily report, Sun 31 May",
        "Weekly report, week to 31 May",
        "Monthly report, May 2026",
    ]


async def test_the_heartbeat_is_one_silent_card_that_is_changed_every_hour(database: Database) -> None:
    nights = Nights(database, {OPS: {ReportKind.HEARTBEAT: Choice(is_on=True)}})
    nights.clock.moment = at("2026-03-27T09:30")
    await nights.desk.reports.look()
    async with nights.sending():
        await nights.at("2026-03-27T10:00")
    (first,) = nights.chat.shown
    assert first.message.silent
    assert "As of 2026-03-27 10:00 Europe/Berlin, every hour." in first.text
    await nights.again()
    async with nights.sending():
        # Away for hours: of what was, nothing is told.
        await nights.at("2026-03-27T15:00")
    (now,) = nights.chat.shown
    assert now.id == first.id
    assert "As of 2026-03-27 15:00" in now.text
    assert len(now.earlier) == 1


async def test_who_was_told_what_is_forgotten_after_a_year_but_never_where_to_go_on(nights: Nights) -> None:
    for day in (28, 29, 30):
        await nights.at(f"2026-03-{day}T00:00")
    assert (await forgotten(nights.database, nights.clock() + REPORTS_LAST + timedelta(hours=1)))["reports"] == 3
    assert await nights.rows() == [("daily", "told", 1)]
    await nights.at("2026-03-31T00:00")
    assert (await nights.told())[-1] == "Covers 2026-03-30 (Europe/Berlin)."
