"""Each room hears what it chose, when it chose, and what it could not hear: muted, moved, dead, or somebody's own."""

import asyncio
from datetime import time, timedelta

import pytest

from chatops.adapters.base import Fault, SendError
from chatops.people import Directory, Identity, Principal, Role
from chatops.report_kinds import Choice, ReportKind
from chatops.room import Room
from chatops.storage.database import Database
from chatops.tasks import running
from tests.chatops.reports.nights import DAILY, DESK, OPS, PATIENCE_S, Nights, at, timed
from tests.flows.conftest import BOB


async def test_rooms_are_told_in_their_own_zones(database: Database) -> None:
    nights = Nights(database, {OPS: DAILY, DESK: timed(8, 30)})
    nights.clock.moment = at("2026-03-27T15:00")
    await nights.desk.reports.look()
    await nights.at("2026-03-28T00:00")
    assert (len(await nights.told(OPS)), len(await nights.told(DESK))) == (1, 0)
    await nights.at("2026-03-28T08:30", "America/New_York")
    assert await nights.told(DESK) == ["Covers 2026-03-27 (America/New_York)."]
    spans = await database.fetch("SELECT ends_at FROM reports WHERE step = 'told' ORDER BY ends_at")
    assert [row["ends_at"] for row in spans] == [at("2026-03-28T00:00"), at("2026-03-28T00:00", "America/New_York")]


async def test_what_a_dead_chat_did_not_take_comes_with_the_next_that_it_takes(nights: Nights) -> None:
    await nights.lived()
    async with nights.sending():
        nights.chat.broken = SendError("bot was blocked", Fault.DEAD_RECIPIENT)
        await nights.at("2026-03-28T00:00")
    assert nights.chat.shown == []
    nights.chat.broken = None
    await nights.look(nights.clock() + timedelta(hours=1))
    assert len(await nights.told()) == 1
    async with nights.sending():
        await nights.at("2026-03-29T00:00")
    (shown,) = nights.chat.shown
    assert shown.message.title == "Daily report, 27 Mar to 28 Mar: +20.00 USD"
    assert "Covers 2026-03-27 to 2026-03-28: this room took none before" in shown.text
    async with nights.sending():
        await nights.at("2026-03-30T00:00")
    assert nights.chat.shown[-1].message.title == "Daily report, Sun 29 Mar: +10.00 USD"


async def test_a_muted_room_is_told_nothing_and_nothing_is_made_up_for(nights: Nights) -> None:
    await nights.desk.preferences.mute(OPS, "ada", on=True)
    await nights.at("2026-03-28T00:00")
    await nights.at("2026-03-29T00:00")
    await nights.desk.preferences.mute(OPS, "ada", on=False)
    await nights.at("2026-03-29T12:00")
    assert await nights.told() == []
    await nights.at("2026-03-30T00:00")
    assert await nights.told() == ["Covers 2026-03-29 (Europe/Berlin)."]
    assert [step for _, step, _ in await nights.rows()] == ["begun", "ended", "begun", "told"]


async def test_muted_for_an_hour_and_told_again_no_day_is_told_twice(nights: Nights) -> None:
    await nights.at("2026-03-28T00:00")
    for on in (True, False):
        await nights.desk.preferences.mute(OPS, "ada", on=on)
        await nights.look(nights.clock() + timedelta(hours=1))
    await nights.at("2026-03-29T00:00")
    assert await nights.told() == [f"Covers 2026-03-{day} (Europe/Berlin)." for day in (27, 28)]


async def test_while_it_runs_what_somebody_changes_is_looked_at_at_once(database: Database) -> None:
    nights = Nights(database)
    async with running(nights.desk.reports.run(), "reports"), asyncio.timeout(PATIENCE_S):
        while await nights.rows() != [("daily", "begun", 0)]:
            # Not before what bots did while we were away is on record.
            nights.clock.pass_by(seconds=1)
            await asyncio.sleep(0.002)
        await nights.chat.say(BOB, "/reports weekly on", room=OPS)
        while await nights.rows() != [("daily", "begun", 0), ("weekly", "begun", 0)]:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.002)


async def test_a_chat_that_got_another_id_goes_on_there(nights: Nights) -> None:
    await nights.at("2026-03-28T00:00")
    await nights.database.execute("INSERT INTO moved_chats (platform, old, new) VALUES ('memory', 'ops', 'ops-2')")
    nights.desk.preferences.moved("memory", "ops", "ops-2")
    await nights.at("2026-03-29T00:00")
    await nights.again()
    await nights.at("2026-03-30T00:00")
    assert len(await nights.told()) == 1
    moved = await nights.told(Room("memory", "ops-2"))
    assert moved == [f"Covers 2026-03-{day} (Europe/Berlin)." for day in (28, 29)]


async def test_turned_off_and_on_again_for_later_tells_no_day_twice(nights: Nights) -> None:
    await nights.at("2026-03-28T00:00")
    ada = Principal("ada", Role.ADMIN)
    for choice in (Choice(is_on=False), Choice(is_on=True, at=time(18, 0))):
        await nights.desk.reports.plans.choose(OPS, ReportKind.DAILY, choice, ada)
        await nights.look(nights.clock() + timedelta(hours=1))
    await nights.at("2026-03-28T18:00")
    assert len(await nights.told()) == 1
    await nights.at("2026-03-29T18:00")
    assert await nights.told() == [f"Covers 2026-03-{day} (Europe/Berlin)." for day in (27, 28)]


async def test_turned_off_and_on_again_for_later_in_a_room_that_took_none_goes_on_with_the_day_after(
    nights: Nights,
) -> None:
    async with nights.sending():
        nights.chat.broken = SendError("bot was blocked", Fault.DEAD_RECIPIENT)
        await nights.at("2026-03-28T00:00")
    nights.chat.broken = None
    ada = Principal("ada", Role.ADMIN)
    for choice in (Choice(is_on=False), Choice(is_on=True, at=time(18, 0))):
        await nights.desk.reports.plans.choose(OPS, ReportKind.DAILY, choice, ada)
        await nights.look(nights.clock() + timedelta(hours=1))
    await nights.at("2026-03-28T18:00")
    await nights.at("2026-03-29T18:00")
    assert (await nights.told())[1:] == ["Covers 2026-03-28 (Europe/Berlin)."]


async def test_somebody_alone_is_told_of_their_bots_in_their_zone_and_nothing_once_they_are_nobody(
    database: Database,
) -> None:
    eve = Principal("eve", Role.OPERATOR, frozenset({Identity("memory", "9")}), frozenset({"beta"}))
    hers = Room("memory", "9")
    nights = Nights(database, {OPS: DAILY}, Directory([eve]))
    nights.clock.moment = at("2026-03-27T09:00")
    await nights.lived()
    await nights.desk.personal.choose("eve", "zone", "Asia/Tokyo")
    await nights.desk.reports.plans.choose(hers, ReportKind.DAILY, Choice(is_on=True), eve)
    await nights.desk.reports.look()
    await nights.at("2026-03-28T00:00", "Asia/Tokyo")
    (text,) = await nights.texts(hers)
    assert text.startswith("Covers 2026-03-27 (Asia/Tokyo).")
    assert "Nothing was recorded of beta by then." in text
    assert "SOL" not in text
    nights.directory = Directory([])
    await nights.again()
    await nights.at("2026-03-29T00:00", "Asia/Tokyo")
    assert len(await nights.told(hers)) == 1


async def test_a_report_comes_without_a_sound_in_quiet_hours(nights: Nights) -> None:
    await nights.desk.preferences.choose(OPS, "quiet", "22:00-07:00", "ada")
    await nights.at("2026-03-28T00:00")
    query = "SELECT (payload ->> 'silent')::boolean FROM deliveries WHERE kind = 'report'"
    assert await nights.database.fetchval(query)


@pytest.mark.parametrize(("chosen", "silent"), [("usual", True), ("off", False), ("08:00-09:00", False)])
async def test_who_reads_alone_has_their_own_quiet_hours_before_those_of_the_room(
    database: Database, chosen: str, silent: bool
) -> None:
    hers = Room("memory", BOB)
    nights = Nights(database, {})
    nights.clock.moment = at("2026-03-27T12:00", "UTC")
    await nights.chat.say(BOB, "/prefs quiet 22:00-07:00 room", room=hers)
    await nights.chat.say(BOB, "/reports daily on", room=hers)
    await nights.chat.say(BOB, f"/prefs quiet {chosen}", room=hers)
    await nights.desk.reports.look()
    await nights.at("2026-03-28T00:00", "UTC")
    query = "SELECT coalesce((payload ->> 'silent')::boolean, false) FROM deliveries WHERE kind = 'report'"
    assert await database.fetchval(query) is silent
