"""Hearing what happens in the bots, and choosing what to hear."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot_integration import BotController
from chatops.notices.kinds import Loudness, NoticeKind
from chatops.room import Room
from chatops.tasks import running
from tests.flows.conftest import BOB, VIC, Trader, World, near_alone, on_memory, settle_in
from tests.flows.platform_chat import PATIENCE_S


async def kept(world: World) -> str:
    """What is kept of what was told."""
    return str(await world.database.fetchval("SELECT value FROM desk WHERE key = 'told:alpha'"))


async def until_it_follows(world: World) -> None:
    """What is kept it has heard: what comes from now on is news."""
    async with asyncio.timeout(PATIENCE_S):
        while "SOL-1" not in await kept(world):
            world.clock.pass_by(seconds=0.1)
            await asyncio.sleep(0.005)


@pytest.fixture
async def hearing(world: World) -> AsyncIterator[World]:
    """A desk that sends what it owes, in a room where an operator has turned the notices on."""
    async with world.desk.outbox.open(), running(world.desk.herald.run(), "notices"):
        await world.chat.say(BOB, "/prefs all usual")
        assert world.chat.last.message.title == "All kinds are as usual now"
        await until_it_follows(world)
        yield world


async def test_what_is_opened_and_closed_is_told_and_hangs_together(hearing: World) -> None:
    hearing.clock.pass_by(seconds=2)
    hearing.bot.open.append("BTC-1")
    hearing.bot.publish()
    await hearing.reads("BTC-1 opened: 202.00 USD gross, carry")
    opened = hearing.chat.last
    assert opened.labels == ["Position"]
    hearing.clock.pass_by(seconds=2)
    hearing.bot.open.remove("BTC-1")
    hearing.bot.publish()
    await hearing.reads("BTC-1 is gone: +4.25 USD when last seen")
    assert hearing.chat.last.reply_to == opened.id


async def test_a_notice_leads_to_the_position(hearing: World) -> None:
    hearing.clock.pass_by(seconds=2)
    hearing.bot.open.append("BTC-1")
    hearing.bot.publish()
    await hearing.reads("BTC-1 opened")
    hearing.clock.pass_by(seconds=2)
    await hearing.chat.press(VIC, "Position")
    assert hearing.chat.last.message.title == "BTC-1 · +4.25 USD"


async def test_a_room_that_chose_nothing_hears_nothing(world: World) -> None:
    async with world.desk.outbox.open(), running(world.desk.herald.run(), "notices"):
        await world.chat.say(VIC, "/prefs")
        assert world.chat.last.message.title == "This room hears of 0 of 13 kinds of notices"
        world.bot.open.append("BTC-1")
        world.bot.publish()
        world.clock.pass_by(seconds=2)
        await world.chat.say(BOB, "/prefs mode on")
    assert len(world.chat.shown) == 2
    assert await world.database.fetchval("SELECT count(*) FROM deliveries WHERE kind = 'notice'") == 0


@on_memory
async def test_a_silent_kind_makes_no_sound_and_one_that_is_off_is_not_told(hearing: World) -> None:
    await hearing.chat.say(BOB, "/prefs closed silent")
    await hearing.chat.say(BOB, "/prefs opened off")
    hearing.bot.open[:] = ["ETH-1", "BTC-1"]
    hearing.bot.publish()
    await hearing.reads("SOL-1 is gone")
    assert hearing.chat.last.message.silent
    assert not any("BTC-1" in shown.text for shown in hearing.chat.shown)


@on_memory
async def test_a_bot_that_falls_silent_is_told_and_its_return_too(hearing: World) -> None:
    await hearing.in_time(lambda: "⚠ alpha is away: last heard at 12:00:00 UTC" in hearing.chat.last.text)
    away = hearing.chat.last
    hearing.bot.publish()
    await hearing.reads("alpha is back after")
    assert hearing.chat.last.reply_to == away.id


@near_alone
async def test_pressing_a_kind_turns_it_on_silent_and_off(world: World) -> None:
    await world.chat.say(BOB, "/prefs")
    assert world.chat.last.labels[:2] == ["✕ opened", "✕ closed"]
    for shown in ("🔔 opened", "🔕 opened", "✕ opened"):
        await world.chat.press(BOB, world.chat.last.labels[0])
        assert world.chat.last.labels[0] == shown
    assert len(world.chat.shown) == 1
    rows = await world.log()
    assert [(row["word"], row["arguments"].get("to"), row["state"]) for row in rows] == [
        ("prefs", None, "finished"),
        ("prefs", "on", "finished"),
        ("prefs", "silent", "finished"),
        ("prefs", "off", "finished"),
    ]


@near_alone
async def test_a_change_that_is_typed_is_answered_with_what_is_so_now_and_no_more(world: World) -> None:
    await world.chat.say(BOB, "/prefs opened off")
    assert world.chat.last.text == "opened is off now"
    assert world.chat.last.labels == ["On", "Silent", "Off", "All kinds"]
    await world.chat.say(BOB, "/prefs usual")
    assert world.chat.last.text == "All kinds are as usual now"
    await world.chat.press(BOB, "All kinds")
    assert world.chat.last.message.title == "This room hears of 13 of 13 kinds of notices"
    await world.chat.press(BOB, "🔔 opened")
    assert world.chat.last.message.title == "opened is silent now"
    assert "🔕 opened" in world.chat.last.labels


@on_memory
async def test_a_reason_is_told_to_the_other_rooms_too(hearing: World) -> None:
    elsewhere = Room(hearing.chat.platform, "elsewhere")
    await hearing.desk.preferences.set_loudness(elsewhere, {NoticeKind.CONTROL: Loudness.ON}, "ada")
    await hearing.chat.say(BOB, "/pause entry too wild")
    await hearing.chat.press(BOB, "Confirm")
    await hearing.until(lambda: hearing.chat.last.room == elsewhere)
    assert hearing.chat.last.message.title == "bob used /pause on alpha: ✓ Paused entry. Reason: too wild"


async def down(world: World) -> World:
    """Run the desk until what it told is kept, stop it, and give the next one."""
    await world.desk.settling.take_stock()
    async with world.desk.outbox.open(), running(world.desk.herald.run(), "notices"):
        await world.chat.say(BOB, "/prefs all usual")
        await until_it_follows(world)
        world.bot.open.append("BTC-1")
        world.bot.publish()
        await world.reads("BTC-1 opened")
        world.clock.pass_by(seconds=2)
        async with asyncio.timeout(PATIENCE_S):
            while "BTC-1" not in await kept(world):
                world.clock.pass_by(seconds=0.1)
                await asyncio.sleep(0.005)
    again = settle_in(world.database, world.clock, world.bot, world.chat)
    await again.desk.settling.take_stock()
    await again.desk.preferences.load()
    return again


async def test_what_was_opened_and_closed_while_the_desk_was_down_is_told_when_it_is_back(world: World) -> None:
    again = await down(world)
    opened = again.chat.last
    again.bot.open[:] = ["SOL-1", "ETH-1", "XRP-1"]
    again.clock.pass_by(minutes=30)
    again.bot.publish()
    await again.in_step()
    async with again.desk.outbox.open(), running(again.desk.herald.run(), "notices"):
        await again.until(lambda: "XRP-1 opened while I was away" in again.chat.last.text)
        closed = again.chat.shown[-2]
    assert closed.message.title == "BTC-1 was closed while I was away: its PnL is not known here"
    assert "When last seen, 2026-05-04 12:00 UTC: +4.25 USD." in closed.text
    assert closed.reply_to == opened.id


async def test_a_bot_that_was_restarted_with_the_desk_tells_what_it_lost(world: World) -> None:
    again = await down(world)
    fresh = Trader(BotController("alpha", now=again.clock), again.clock, open=["ETH-1"])
    third = settle_in(again.database, again.clock, fresh, again.chat)
    await third.desk.preferences.load()
    async with third.desk.outbox.open(), running(third.desk.herald.run(), "notices"):
        await third.reads("⚠ alpha was restarted")
    assert "No longer held: SOL-1, BTC-1." in third.chat.last.text


@near_alone
async def test_a_viewer_may_look_and_change_nothing(world: World) -> None:
    await world.chat.say(VIC, "/prefs")
    # Their own zone and hours, and none of the room's kinds.
    assert world.chat.last.labels == ["Zone", "Light or dark", "Quiet", "Reports"]
    await world.chat.say(VIC, "/prefs opened on")
    assert "/prefs is for operators and above" in world.chat.last.message.title
    await world.chat.say(BOB, "/prefs")
    await world.chat.press(VIC, "✕ opened")
    assert "/prefs is for operators and above" in world.chat.last.message.title
    assert await world.database.fetchval("SELECT count(*) FROM room_preferences") == 0


@near_alone
async def test_a_kind_says_what_it_tells_and_offers_the_choice(world: World) -> None:
    await world.chat.say(BOB, "/prefs Funding")
    assert world.chat.last.message.title == "funding: off in this room"
    assert "It tells that funding came in or went out." in world.chat.last.text
    await world.chat.press(BOB, "Silent")
    assert "🔕 funding" in world.chat.last.labels


@near_alone
async def test_what_there_is_not_is_answered_with_what_there_is(world: World) -> None:
    await world.chat.say(BOB, "/prefs fundin off")
    assert world.chat.last.message.title == "There are no notices “fundin”. Did you mean funding?"
    await world.chat.say(BOB, "/prefs zzz")
    assert "There is all, opened, closed" in world.chat.last.message.title
    await world.chat.say(BOB, "/prefs funding loud")
    assert world.chat.last.message.title == "“loud” will not do for funding: on, silent, off, usual."


@near_alone
async def test_a_change_that_came_while_we_were_away_is_asked_for_again(world: World) -> None:
    before = world.clock()
    world.clock.pass_by(seconds=90)
    await world.chat.say(BOB, "/prefs opened on", at=before)
    assert "came while I was away" in world.chat.last.message.title
    assert await world.database.fetchval("SELECT count(*) FROM room_preferences") == 0


@on_memory
async def test_a_word_that_acts_can_be_told_to_the_other_rooms(hearing: World) -> None:
    elsewhere = hearing.chat.room.__class__(hearing.chat.platform, "elsewhere")
    await hearing.desk.herald.used("pause", "ada", elsewhere, "alpha", "✓ Paused entry.")
    await hearing.reads("ada used /pause on alpha: ✓ Paused entry.")
