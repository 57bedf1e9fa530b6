"""In whose time moments are told and meant: of who asks, else of the room; in a private chat of whose it is."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chatops.messages import Message
from chatops.owed import Kind
from chatops.room import Room
from chatops.storage.database import Database
from chatops.tasks import running
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, on_memory
from tests.flows.nights import a_night, answered, falls
from tests.flows.test_notices import until_it_follows

pytestmark = near_alone

#: Where ada alone reads.
ALONE = Room("memory", ADA)


@pytest.fixture
async def night(database: Database, clock: Clock, trader: Trader, chat: Chat) -> AsyncIterator[World]:
    async with a_night(database, clock, trader, chat) as night:
        yield night


async def confirmed(world: World, person: str, words: str) -> str:
    """The title of what was asked before it was done."""
    asked = (await answered(world, person, words)).message.title
    await world.chat.press(person, "Confirm")
    return asked


def file_of(world: World) -> str:
    file = world.chat.last.message.attachment
    assert file is not None
    return file.content.decode()


#: On a clock that stands Telegram takes no more than twenty messages, and this is longer.
on_what_takes_many = pytest.mark.parametrize("chat", ["memory", "slack"], indirect=True)


@on_what_takes_many
async def test_whoever_chose_a_zone_reads_every_moment_in_it_and_is_understood_so(night: World) -> None:
    await falls(night, 0.148)
    (number,) = [one.number for one in night.desk.alerting.open()]
    await night.chat.say(ADA, "/prefs zone Asia/Tokyo")
    assert await confirmed(night, ADA, "/hold SOL-1 23:30") == "Hold SOL-1 until 23:30 JST?"
    assert night.bot.controls.held["SOL-1"] == datetime(2037, 5, 4, 14, 30, tzinfo=UTC)
    await night.in_step()
    held = "Held by a person until 2037-05-04 23:30 JST"
    assert held in (await answered(night, ADA, "/position SOL-1")).text
    again = await answered(night, ADA, "/hold SOL-1 2037-05-05 01:00")
    assert "until 2037-05-05 01:00 JST, for 4 h" in again.text
    assert "It is held already until 2037-05-04 23:30 JST" in again.text

    # Nobody is told of the breaker in between.
    await confirmed(night, ADA, "/rules circuit_breaker on no")
    assert "on no by ada, 21:00 JST" in (await answered(night, ADA, "/rules circuit_breaker")).text
    night.bot.controls.tripped["daily_loss"] = (night.clock(), "2,600.00 USD lost today")
    night.bot.publish()
    await night.in_step()
    assert "tripped 0 s ago, at 21:00 JST" in (await answered(night, ADA, "/breakers")).text
    assert "tripped 0 s ago, at 21:00 JST" in (await answered(night, ADA, "/breaker reset daily_loss")).text
    title = (await answered(night, ADA, f"/ack {number}")).message.title
    assert title == f"You have alert {number} in hand until 21:30 JST."
    title = (await answered(night, BOB, f"/ack {number}")).message.title
    assert title == f"ada has alert {number} in hand since 12:00 UTC."
    await confirmed(night, ADA, "/pause entry")
    await night.in_step()
    assert "as ada asked 21:00 JST" in (await answered(night, ADA, "/status")).text
    assert "as ada asked 21:00 JST" in (await answered(night, ADA, "/bots")).text

    record = await answered(night, ADA, "/audit pause")
    assert record.message.title.endswith("of pause, newest first (JST)")
    assert "21:00:00 ada pause entry" in record.text
    (asked,) = [row["id"] for row in await night.log() if row["word"] == "pause"]
    assert "; times in JST" in (await answered(night, ADA, f"/audit {asked.hex[-6:]}")).text
    assert "times in Asia/Tokyo." in (await answered(night, ADA, f"/incident {number}")).text
    assert "All times are those of Asia/Tokyo." in file_of(night)
    assert "| 2037-05-04 21:00:00 | fired critical" in file_of(night)

    # Who chose none reads as the room does.
    assert "Held by a person until 2037-05-04 14:30 UTC" in (await answered(night, BOB, "/position SOL-1")).text
    await night.chat.say(BOB, "/prefs room zone Europe/Berlin")
    assert "Held by a person until 2037-05-04 16:30 CEST" in (await answered(night, BOB, "/position SOL-1")).text
    assert "as ada asked 14:00 CEST" in (await answered(night, VIC, "/status")).text
    await night.chat.say(BOB, f"/incident {number}")
    assert "All times are those of Europe/Berlin." in file_of(night)
    assert held in (await answered(night, ADA, "/position SOL-1")).text


@pytest.fixture
async def apart(world: World) -> World:
    """The room reads in Berlin, and ada, in her own chat too, in Tokyo."""
    await world.chat.say(BOB, "/prefs room zone Europe/Berlin")
    await world.chat.say(ADA, "/prefs zone Asia/Tokyo", room=ALONE)
    return world


def told(world: World, room: Room) -> str:
    return "\n".join(one.text for one in world.chat.in_room(room))


@on_memory
async def test_what_nobody_asked_for_is_told_as_the_room_reads_and_in_private_as_its_owner_does(apart: World) -> None:
    chat = apart.chat
    async with apart.desk.outbox.open(), running(apart.desk.herald.run(), "notices"):
        await chat.say(BOB, "/prefs all usual")
        await chat.say(ADA, "/prefs all usual", room=ALONE)
        await chat.say(ADA, "/pin", room=ALONE)
        await until_it_follows(apart)
        await apart.in_time(lambda: "last heard at 14:00:00 CEST" in told(apart, chat.room))
        await apart.in_time(lambda: "last heard at 21:00:00 JST" in told(apart, ALONE))
        assert re.search(r"As of 2026-05-04 21:00:\d\d JST, kept up to date", told(apart, ALONE))


@on_memory
async def test_what_comes_late_says_of_when_it_is_in_the_time_of_the_room(apart: World) -> None:
    for room in (apart.chat.room, ALONE):
        await apart.desk.outbox.owe(Message("SOL-1 opened"), room, kind=Kind.NOTICE)
    apart.clock.pass_by(minutes=5)
    async with apart.desk.outbox.open():
        await apart.in_time(lambda: "Late: this is of 14:00 CEST." in told(apart, apart.chat.room))
        await apart.in_time(lambda: "Late: this is of 21:00 JST." in told(apart, ALONE))
