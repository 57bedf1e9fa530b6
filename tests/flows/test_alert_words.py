"""What people say about alerts, and what comes of it."""

from collections.abc import AsyncIterator

import pytest

from bot_integration import BotController
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.people import Directory, Identity, Principal, Role
from chatops.storage.database import Database
from chatops.tasks import running
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, on_memory, people, world_of
from tests.flows.nights import TERMS, a_night, answered, falls, text
from tests.plug import Plug

pytestmark = near_alone


@pytest.fixture
async def night(database: Database, clock: Clock, trader: Trader, chat: Chat) -> AsyncIterator[World]:
    async with a_night(database, clock, trader, chat) as night:
        yield night


# ---------------------------------------------------------------------------- ack


async def test_an_ack_from_the_card_leaves_the_card_and_says_who_has_it(night: World) -> None:
    card = await falls(night, 0.148)
    await night.chat.press(BOB, "Ack", card)
    await night.reads("You have alert 1 in hand until 12:30 UTC.")
    await night.in_time(lambda: "bob has it in hand until 12:30 UTC." in night.chat.shown[0].text)
    assert [one.id for one in night.chat.shown][:1] == [card.id]
    assert len(night.chat.shown) == 2
    assert night.chat.shown[0].message.title == card.message.title
    log = await night.log()
    assert [(row["word"], row["principal"], row["outcome"]) for row in log] == [("ack", "bob", "done")]
    history = await night.desk.alerting.history(1)
    assert history is not None
    assert [event.by for event in history.events if event.step == "acknowledged"] == ["bob"]


@on_memory
async def test_the_second_to_acknowledge_is_told_who_was_first_and_the_first_has_it_for_longer(night: World) -> None:
    await falls(night, 0.148)
    assert "You have alert 1 in hand until 12:30 UTC." in (await answered(night, BOB, "/ack 1")).text
    assert "bob has alert 1 in hand since 12:00 UTC." in (await answered(night, ADA, "/ack #1")).text
    night.clock.pass_by(minutes=5)
    assert "You have alert 1 in hand until 12:35 UTC." in (await answered(night, BOB, "/ack 1")).text


async def test_an_ack_of_what_has_got_worse_since_does_nothing_and_offers_the_right_one(night: World) -> None:
    card = await falls(night, 0.19)
    await falls(night, 0.148)
    # A phone that missed the edits still shows the old button.
    await night.chat.press(BOB, "Ack", card)
    await night.reads("Alert 1 has risen to critical since")
    assert night.desk.alerting.open()[0].in_hand is None
    await night.chat.press(BOB, "Ack critical")
    await night.reads("You have alert 1 in hand")
    taken = night.desk.alerting.open()[0].in_hand
    assert taken is not None
    assert (taken.by, taken.epoch) == ("bob", 2)


@on_memory
async def test_an_ack_of_what_is_over_says_so(night: World) -> None:
    card = await falls(night, 0.148)
    # A bot that has run for a while: what it does not name any more is gone.
    night.clock.pass_by(seconds=10)
    night.bot.open.remove("SOL-1")
    night.bot.publish()
    await night.in_time(lambda: not night.desk.alerting.open())
    await night.chat.press(BOB, "Ack", card)
    await night.in_time(lambda: "Alert 1 is resolved: there is nothing to acknowledge." in text(night))


@on_memory
async def test_without_a_number_there_are_buttons_and_a_wrong_one_is_said(night: World) -> None:
    assert (await answered(night, BOB, "/ack")).text.startswith("No alert stands")
    await falls(night, 0.148)
    await falls(night, 0.09, "ETH-1")
    choice = await answered(night, BOB, "/ack 77")
    assert choice.message.title == "There is no alert 77. Acknowledge which?"
    assert choice.labels == ["#2 🚨 ETH-1/bybit health_factor", "#1 🔴 SOL-1/bybit health_factor", "All 2"]
    await night.chat.press(BOB, "#2 🚨 ETH-1/bybit health_factor")
    await night.reads("You have alert 2 in hand until 12:10 UTC.")


@on_memory
async def test_all_at_once_takes_what_was_shown_and_not_what_has_come_since(night: World) -> None:
    await falls(night, 0.148)
    await falls(night, 0.19, "ETH-1")
    shown = await answered(night, BOB, "/alerts")
    night.clock.pass_by(seconds=1)
    await falls(night, 0.09, "ETH-1")
    await night.chat.press(BOB, "Ack all 2", shown)
    await night.in_time(lambda: "You have 1 alert in hand." in text(night))
    assert "Alert 2 came, or got worse, since that was shown." in text(night)
    await answered(night, BOB, "/ack all")
    assert [one.in_hand is not None for one in night.desk.alerting.open()] == [True, True]


@on_memory
async def test_a_viewer_may_look_and_has_no_button_to_answer(night: World) -> None:
    card = await falls(night, 0.148)
    assert "Ack #1" not in (await answered(night, VIC, "/alerts")).labels
    await night.chat.press(VIC, "Ack", card)
    await night.reads("/ack is for operators and above; you are a viewer.")
    assert night.desk.alerting.open()[0].in_hand is None


@on_memory
async def test_an_ack_is_never_over_a_limit(night: World) -> None:
    await falls(night, 0.148)
    for _ in range(30):
        assert "in hand" in (await answered(night, BOB, "/ack 1")).text


@on_memory
async def test_an_ack_works_while_the_database_is_away_and_is_on_record_afterwards(night: World, plug: Plug) -> None:
    card = await falls(night, 0.148)
    await plug.pull()
    await night.chat.press(BOB, "Ack", card)
    await night.until(lambda: "You have alert 1 in hand until 12:30 UTC." in text(night))
    told = len(night.chat.shown)
    for _ in range(8):
        night.clock.pass_by(minutes=2)
        await night.desk.alerting.watch.tick()
    assert len(night.chat.shown) == told
    assert "You have alert 1 in hand until 12:4" in (await answered(night, BOB, "/ack 1")).text
    assert "Last told:\n12:00:00 → ops: critical" in (await answered(night, VIC, "/alerts 1")).text
    await night.chat.say(BOB, "/silence 1 1h")
    assert "The database is away" in text(night)
    await plug.put_back()
    await night.in_time(lambda: night.desk.ledger.is_here and night.desk.alerting.watch.pulse.waiting == 0)
    history = await night.desk.alerting.history(1)
    assert history is not None
    assert [event.by for event in history.events if event.step == "acknowledged"] == ["bob", "bob"]
    assert [(row["word"], row["outcome"]) for row in await night.log()][:2] == [("ack", "done"), ("ack", "done")]


# ---------------------------------------------------------------------------- alerts, status


async def test_one_alert_tells_its_whole_story_with_every_reason(night: World) -> None:
    await falls(night, 0.19)
    night.clock.pass_by(seconds=30)
    await falls(night, 0.148)
    night.clock.pass_by(seconds=1)
    await night.chat.say(BOB, "/ack 1")
    await night.in_time(lambda: "bob has it in hand" in night.chat.shown[0].text)
    story = await answered(night, VIC, "/alerts 1")
    assert story.message.title == "🔴 CRITICAL SOL-1/bybit HF 0.148 · #1"
    assert "Rule health_factor · bot alpha · SOL-1/bybit" in story.text
    assert "In hand: bob has it until 12:30 UTC" in story.text
    lines = story.text.splitlines()
    # Whether the edit is out by now is another story.
    assert [line.removesuffix(" [not sent yet]") for line in lines if line.startswith("12:00:")] == [
        "12:00:00 fired warning: HF 0.190 of the borrowed leg on bybit",
        "12:00:00 → ops: began",
        "12:00:30 rose critical: from warning",
        "12:00:30 → ops (again): rose from warning to critical",
        "12:00:31 acknowledged by bob",
        "12:00:31 → ops (edited): acknowledged by bob",
    ]


@on_memory
async def test_the_list_says_who_is_next_and_the_status_counts(night: World) -> None:
    await falls(night, 0.148)
    shown = await answered(night, VIC, "/alerts")
    assert shown.message.title == "🔴 1 alert: 1 critical"
    assert "health_factor, for 0 s: nobody has it, next: ada, 12:02:00 UTC" in shown.text
    status = await answered(night, VIC, "/status")
    assert status.message.title == "⚠ alpha has 1 critical"
    assert "🔴 CRITICAL SOL-1/bybit HF 0.148 · #1" in status.text
    assert "Alerts     1 critical" in status.text
    assert (await answered(night, VIC, "/alerts 9")).text == "There is no alert 9."


@on_memory
async def test_how_soon_people_answer_is_counted(night: World) -> None:
    await falls(night, 0.148)
    night.clock.pass_by(seconds=90)
    await night.chat.say(BOB, "/ack 1")
    stats = await answered(night, VIC, "/alerts stats 365")
    assert stats.message.title == "1 alert in the last 365 days, 1 acknowledged"
    assert "health_factor 1  1m" in stats.text


# ---------------------------------------------------------------------------- silences


async def test_a_silence_from_the_card_holds_and_its_end_tells_again(night: World) -> None:
    card = await falls(night, 0.148)
    await night.chat.press(BOB, "Silence 1 h", card)
    await night.reads("Silence 1: alert 1, until 13:00 UTC")
    told = len(night.chat.shown)
    for _ in range(6):
        night.clock.pass_by(minutes=2)
        await night.desk.alerting.watch.tick()
    assert len(night.chat.shown) == told
    listed = await answered(night, VIC, "/silences")
    assert "1: alert 1\nuntil 13:00 UTC (in 48 min), by bob" in listed.text
    assert "End 1" not in listed.labels
    assert "Silenced by bob until 13:00 UTC" in (await answered(night, VIC, "/alerts 1")).text
    await night.chat.say(BOB, "/unsilence 1")
    await night.in_time(lambda: "Told again: what held it back is over." in text(night))


@on_memory
async def test_a_silence_asks_for_what_was_left_out(night: World) -> None:
    await falls(night, 0.148)
    which = await answered(night, BOB, "/silence")
    assert which.labels == ["#1 🔴 SOL-1/bybit health_factor", "health_factor"]
    await night.chat.press(BOB, "health_factor", which)
    assert night.chat.last.message.title == "Silence health_factor for how long?"
    assert night.chat.last.labels == ["1h", "4h", "1d"]
    await night.chat.press(BOB, "4h")
    assert night.chat.last.message.title == "Silence 1: health_factor, until 16:00 UTC"


@on_memory
async def test_what_may_be_silenced(night: World) -> None:
    for words, said in (
        ("/silence sol-1 2h", "Silence 1: SOL-1, until 14:00 UTC"),
        ("/silence alpha bybit 30m", "Silence 2: bybit of alpha, until 12:30 UTC"),
        ("/silence Venue_Down for 1h 30m", "Silence 3: venue_down, until 13:30 UTC"),
        ("/silence alpha 2h", "A bot is not silenced whole: name a rule, a position, a leg or a venue of alpha."),
        ("/silence nonsense 2h", "“nonsense” is no alert that stands, no rule, no position, leg or venue."),
        ("/silence venue_down soon", "It goes: 30s, 5m, 1h 30m or 2d, or until resolved."),
        ("/silence venue_down until resolved", "Until resolved is for one alert: give a length, as in 4h."),
        ("/unsilence 5", "There is no silence 5 in force."),
    ):
        assert (await answered(night, BOB, words)).message.title.startswith(said)


@on_memory
async def test_an_emergency_is_silenced_for_an_hour_at_most(night: World) -> None:
    await falls(night, 0.09)
    refused = await answered(night, BOB, "/silence 1 4h")
    assert refused.message.title.startswith("An emergency is silenced for 1h at most.")
    assert refused.labels == ["1h"]


@on_memory
async def test_whoever_is_bound_to_another_bot_sees_and_silences_nothing_of_this_one(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    clock.moment = clock.moment.replace(year=2037)
    bound = Principal("eve", Role.ADMIN, frozenset({Identity("memory", "9")}), bots=frozenset({"beta"}))
    trader.publish()
    beta = BotController("beta", now=clock)
    told = AlertTerms(places=(Place("ops", chat.room),), terms=TERMS)
    everybody = Directory([*people().people, bound])
    world = world_of(database, clock, trader, chat, others=[beta], directory=everybody, alerts=told)
    chat.connect(world.desk.gateway.receive)
    async with world.desk.outbox.open(), running(world.desk.alerting.run(), "alerts"):
        await world.until(lambda: world.desk.alerting.watch.pulse.evaluated_at is not None)
        card = await falls(world, 0.148)
        assert (await answered(world, "9", "/alerts")).text == "No alert stands."
        assert (await answered(world, "9", "/alerts 1")).text == "There is no alert 1."
        assert (await answered(world, "9", "/incident 1")).text == "There is no alert 1."
        assert "There is no alert 1." in (await answered(world, "9", "/ack 1")).text
        await chat.press("9", "Ack", card)
        await answered(world, "9", "/ack all")
        assert world.desk.alerting.open()[0].in_hand is None
        assert "“SOL-1” is no alert" in (await answered(world, "9", "/silence SOL-1 1h")).text
        assert "health_factor of beta" in (await answered(world, "9", "/silence health_factor 1h")).text
        changing = await answered(world, "9", "/rules health_factor dwell 2m")
        assert changing.text == "A rule is for every bot, and the settings bind you to some. Nothing was done."
