"""What rooms and people choose: reports and when they come, zones, light or dark, quiet hours."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from alerts.quiet import QuietHours
from bot_integration import EventCategory, TimelineEvent
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.charts.style import Theme
from chatops.habits import Habit
from chatops.people import Directory, Identity, Principal, Role
from chatops.report_kinds import Choice, ReportKind
from chatops.room import Room
from chatops.storage.database import Database
from tests.chatops.notices.looks import look, sol
from tests.chatops.reports.nights import DESK, Nights, at, timed
from tests.flows.conftest import BOB, VIC

DAILY = ReportKind.DAILY
ELSEWHERE = Room("memory", "elsewhere")


@pytest.fixture
async def nights(database: Database) -> Nights:
    """The room is in New York, and is told of each day at 08:30."""
    nights = Nights(database, {DESK: timed(8, 30)})
    nights.clock.moment = at("2026-03-27T12:00", "America/New_York")
    await nights.desk.reports.look()
    return nights


async def test_a_room_says_what_comes_when(nights: Nights) -> None:
    await nights.chat.say(VIC, "/reports")
    assert nights.chat.last.message.title == "This room is told reports: daily"
    assert "daily     08:30 Sat 28 Mar 08:30" in nights.chat.text
    assert "Days and times are those of America/New_York: /prefs zone." in nights.chat.text
    # Who may not change it has no button that would.
    assert nights.chat.labels == ["Daily", "Weekly", "Monthly", "Heartbeat"]


async def test_an_operator_turns_reports_on_and_off_and_says_when(nights: Nights) -> None:
    await nights.chat.say(BOB, "/reports")
    await nights.chat.press(BOB, "✕ weekly")
    assert nights.chat.last.message.title == "The weekly report is at 00:00 now"
    assert nights.chat.labels[:2] == ["🔔 daily", "🔔 weekly"]
    await nights.chat.press(BOB, "Weekly")
    await nights.chat.press(BOB, "09:00")
    assert nights.chat.last.message.title == "The weekly report is at 09:00 now"
    assert "Next: Mon 30 Mar 09:00 (America/New_York)." in nights.chat.text
    assert "· 09:00 ·" in nights.chat.labels
    await nights.chat.say(BOB, "/reports daily 7.15")
    assert nights.chat.last.message.title == "The daily report is at 07:15 now"
    await nights.chat.say(BOB, "/reports daily off")
    assert nights.chat.last.message.title == "The daily report is off now"
    await nights.again()
    plans = nights.desk.reports.plans
    assert (plans.choice(DESK, DAILY).is_on, plans.choice(DESK, DAILY).at.hour) == (False, 7)


async def test_one_that_is_turned_off_does_not_come_and_one_that_is_later_comes_later(nights: Nights) -> None:
    await nights.chat.say(BOB, "/reports daily 10:00")
    await nights.at("2026-03-28T08:30", "America/New_York")
    assert await nights.told(DESK) == []
    await nights.at("2026-03-28T10:00", "America/New_York")
    assert await nights.told(DESK) == ["Covers 2026-03-27 (America/New_York)."]
    await nights.chat.say(BOB, "/reports daily off")
    await nights.at("2026-03-30T10:00", "America/New_York")
    assert len(await nights.told(DESK)) == 1


async def test_a_viewer_looks_and_has_one_now_and_changes_nothing(nights: Nights) -> None:
    await nights.lived()
    await nights.chat.say(VIC, "/reports daily now")
    assert nights.chat.last.message.title.startswith("Daily report, Fri 27 Mar: +10.00 USD")
    assert "so far" in nights.chat.text
    await nights.chat.say(VIC, "/reports heartbeat now")
    assert "every hour" in nights.chat.text
    await nights.chat.say(VIC, "/reports daily off")
    assert "/reports is for operators and above" in nights.chat.last.message.title
    # What was shown to somebody counts for nothing that the room is told.
    await nights.at("2026-03-28T08:30", "America/New_York")
    assert await nights.told(DESK) == ["Covers 2026-03-27 (America/New_York)."]


async def test_a_report_says_what_pnl_says_of_the_same_time(nights: Nights) -> None:
    await nights.lived()
    await nights.chat.say(VIC, "/reports daily now")
    report = nights.chat.text.splitlines()
    await nights.chat.say(VIC, "/pnl today")
    pnl = nights.chat.text.splitlines()
    for part in ("Realized", "Unrealized", "Funding", "Fees", "Equity"):
        (told,), (asked,) = ([line.split() for line in said if line.startswith(part)] for said in (report, pnl))
        assert told == asked
    assert nights.chat.last.message.title.endswith("+10.00 USD")


async def test_what_there_is_not_is_answered_with_what_there_is(nights: Nights) -> None:
    await nights.chat.say(BOB, "/reports dayly")
    assert nights.chat.last.message.title == "There is no report “dayly”. Did you mean daily?"
    await nights.chat.say(BOB, "/reports daily 25:00")
    assert nights.chat.last.message.title == "“25:00” will not do for daily: on, off, now, or a time such as 08:30."
    await nights.chat.say(BOB, "/reports heartbeat 08:00")
    assert nights.chat.last.message.title == "“08:00” will not do for heartbeat: on, off or now."


async def test_who_may_see_some_bots_changes_what_all_hear_nowhere_but_in_their_own_chat(database: Database) -> None:
    eve = Principal("eve", Role.OPERATOR, frozenset({Identity("memory", "9")}), frozenset({"beta"}))
    nights = Nights(database, {DESK: timed(8, 30)}, Directory([eve]))
    await nights.chat.say("9", "/reports daily off")
    assert "Reports in a room tell of every bot" in nights.chat.last.message.title
    await nights.chat.say("9", "/reports daily 07:00", room=Room("memory", "9"))
    assert nights.chat.last.message.title == "The daily report is at 07:00 now"
    (hers,) = [plan for plan in nights.desk.reports.plans.all() if plan.room.id == "9"]
    assert hers.bots == ("beta",)


async def test_a_persons_zone_holds_for_them_in_every_room_and_for_nobody_else(nights: Nights) -> None:
    await nights.chat.say(VIC, "/prefs zone tokyo")
    assert nights.chat.last.message.title == "You read times of Asia/Tokyo now"
    await nights.again()
    assert nights.habit_of("vic", DESK).zone.key == nights.habit_of("vic", ELSEWHERE).zone.key == "Asia/Tokyo"
    assert nights.habit_of("bob", DESK).zone.key == "America/New_York"
    await nights.chat.say(VIC, "/prefs zone")
    assert nights.chat.last.message.title == "You read times of Asia/Tokyo (chosen for you)"
    await nights.chat.say(VIC, "/prefs")
    assert "You: Asia/Tokyo, charts light, quiet off." in nights.chat.last.text
    await nights.chat.say(VIC, "/prefs zone")
    await nights.chat.press(VIC, "As usual")
    assert nights.habit_of("vic", DESK).zone.key == "America/New_York"


async def test_moments_are_told_in_the_zone_of_who_asks(nights: Nights) -> None:
    opened = TimelineEvent(at=nights.clock(), category=EventCategory.EXECUTION, message="SOL-1 opened")
    nights.bot.publish(look(sol(), seq=2, timeline=(opened,)))
    await nights.chat.say(VIC, "/events")
    assert "(times in EDT)" in nights.chat.last.message.title
    assert "12:00:00 alpha: SOL-1 opened" in nights.chat.text
    await nights.chat.say(VIC, "/prefs zone Asia/Tokyo")
    await nights.chat.say(VIC, "/events")
    assert "(times in JST)" in nights.chat.last.message.title
    assert "01:00:00 alpha: SOL-1 opened" in nights.chat.text


async def test_the_zone_of_a_room_is_an_operators_to_choose_and_moves_its_reports(nights: Nights) -> None:
    await nights.chat.say(VIC, "/prefs zone UTC room")
    assert "/prefs is for operators and above" in nights.chat.last.message.title
    await nights.chat.say(BOB, "/prefs room zone Asia/Tokyo")
    assert nights.chat.last.message.title == "This room reads times of Asia/Tokyo now"
    await nights.chat.say(VIC, "/reports")
    assert "Days and times are those of Asia/Tokyo" in nights.chat.text
    assert nights.habit_of("bob", DESK).zone.key == "Asia/Tokyo"


async def test_a_zone_that_there_is_not_is_answered_with_the_nearest(nights: Nights) -> None:
    await nights.chat.say(VIC, "/prefs zone Europe/Berln")
    assert nights.chat.last.message.title == "There is no zone “Europe/Berln”. Did you mean Europe/Berlin?"
    await nights.chat.press(VIC, "Europe/Berlin")
    assert nights.chat.last.message.title == "You read times of Europe/Berlin now"
    await nights.chat.say(VIC, "/prefs zone qqq")
    assert nights.chat.last.message.title == "There is no zone “qqq”. It goes: Europe/Berlin, or a large city."


async def test_light_or_dark_is_by_buttons_too(nights: Nights) -> None:
    await nights.chat.say(VIC, "/prefs")
    await nights.chat.press(VIC, "Light or dark")
    await nights.chat.press(VIC, "dark")
    assert nights.chat.last.message.title == "Charts are dark for you now"
    assert nights.habit_of("vic", DESK) == Habit(nights.habit_of("bob", DESK).zone, Theme.DARK)
    await nights.chat.say(BOB, "/prefs room dark")
    assert nights.chat.last.message.title == "Charts are dark here now"
    assert nights.habit_of("bob", DESK).theme is Theme.DARK
    await nights.chat.say(VIC, "/prefs theme blue")
    assert nights.chat.last.message.title == "“blue” will not do for theme: light, dark or usual."


async def test_quiet_hours_of_the_settings_go_with_a_chat_that_got_another_id(database: Database) -> None:
    hours = QuietHours(time(22), time(7), ZoneInfo("UTC"))
    nights = Nights(database, {DESK: timed(8, 30)}, alerts=AlertTerms(places=(Place("desk", DESK, quiet=hours),)))
    moved = Room("memory", "desk-2")
    nights.desk.preferences.moved("memory", DESK.id, moved.id)
    await database.execute("INSERT INTO moved_chats (platform, old, new) VALUES ('memory', 'desk', 'desk-2')")
    await nights.chat.say(BOB, "/prefs quiet room", room=moved)
    assert nights.chat.last.message.title == "This room is quiet 22:00-07:00 (from the settings)"


async def test_quiet_hours_are_ones_own_or_the_rooms(nights: Nights) -> None:
    await nights.chat.say(VIC, "/prefs quiet 22:30-6:00")
    assert nights.chat.last.message.title == "You are not disturbed 22:30-06:00 now"
    await nights.chat.say(BOB, "/prefs quiet 22:00-07:00 room")
    assert nights.chat.last.message.title == "This room is quiet 22:00-07:00 now"
    assert "Critical and emergency never wait." in nights.chat.text
    await nights.chat.say(BOB, "/prefs quiet never")
    assert nights.chat.last.message.title == "“never” will not do for quiet: 22:00-07:00, off or usual."
    await nights.chat.say(VIC, "/prefs quiet off")
    assert nights.chat.last.message.title == "You have no quiet hours now"


async def test_somebody_of_the_same_name_does_not_inherit_what_was_chosen(nights: Nights) -> None:
    await nights.database.execute("INSERT INTO people (name, role, created_by) VALUES ('dan', 'viewer', 'ada')")
    await nights.desk.personal.choose("dan", "zone", "Asia/Tokyo")
    await nights.database.execute("DELETE FROM people WHERE name = 'dan'")
    await nights.again()
    assert nights.desk.personal.of("dan") == {}


async def test_what_another_version_stored_counts_as_not_chosen(nights: Nights) -> None:
    for key, value in (("zone", "Mars/Olympus"), ("theme", "sepia"), ("quiet", "always"), ("report:daily", ["on"])):
        await nights.desk.preferences.choose(DESK, key, value, "bob")
        await nights.desk.personal.choose("vic", key, value)
    assert nights.habit_of("vic", DESK).zone.key == "America/New_York"
    assert nights.desk.reports.plans.choice(DESK, DAILY) == Choice(is_on=True, at=timed(8, 30)[DAILY].at)
