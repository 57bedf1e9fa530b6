"""Private asks where platforms show nothing to one person alone: in the chat of whoever asks."""

import pytest

from chatops.people import Directory, Principal, Role
from chatops.room import Room
from chatops.storage.database import Database
from tests.flows.conftest import (
    ADA,
    BOB,
    VIC,
    Clock,
    Trader,
    World,
    accounts,
    near_alone,
    on_memory,
    world_of,
)

directly = pytest.mark.parametrize("chat", ["memory", "telegram"], indirect=True)
pytestmark = near_alone


def own(world: World, person_id: str) -> Room:
    return world.chat.direct(world.chat.identity(person_id))


@directly
async def test_what_reads_is_shown_to_who_asked_alone_and_is_on_record_where_it_was_asked(world: World) -> None:
    there = own(world, VIC)
    await world.chat.say(VIC, "/start", room=there)
    await world.chat.say(VIC, "/private positions")
    assert "SOL-1" in world.chat.in_room(there)[-1].text
    assert world.chat.in_room(world.chat.room) == []
    row = (await world.log())[-1]
    assert (row["word"], row["room"], row["state"]) == ("positions", world.chat.room.key, "finished")


@directly
async def test_what_acts_is_asked_and_answered_there_too(world: World) -> None:
    there = own(world, BOB)
    await world.chat.say(BOB, "/start", room=there)
    await world.chat.say(BOB, "/private close SOL-1")
    assert "Close SOL-1" in world.chat.in_room(there)[-1].text
    await world.chat.press(BOB, "Confirm", room=there)
    assert world.bot.closed == [("SOL-1", 100.0)]
    assert "SOL-1 closed" in world.chat.in_room(there)[-1].text
    assert world.chat.in_room(world.chat.room) == []
    _, row = await world.log()
    assert (row["word"], row["room"], row["outcome"]) == ("close", there.key, "done")
    events = "SELECT data FROM command_events WHERE command_id = $1 ORDER BY seq LIMIT 2"
    first, second = await world.database.fetch(events, row["id"])
    assert ("asked_in" in first["data"], second["data"]["asked_in"]) == (False, world.chat.room.key)


@on_memory
async def test_the_same_may_be_asked_as_without_it(world: World) -> None:
    await world.chat.say(VIC, "/private close SOL-1")
    assert world.chat.last.text == "/close is for operators and above; you are a viewer."
    await world.chat.say(VIC, "/private stats")
    assert world.chat.last.message.title == "I do not know “stats”. Did you mean /status?"
    await world.chat.say(VIC, "/private")
    assert world.chat.last.message.title == "Say what you ask behind it: /private positions."
    assert [shown.room for shown in world.chat.shown] == [world.chat.room] * 3


@on_memory
async def test_said_twice_or_by_oneself_it_is_said_once(world: World) -> None:
    await world.chat.say(VIC, "private private whoami")
    await world.chat.say(VIC, "private whoami", room=own(world, VIC))
    assert len(world.chat.in_room(own(world, VIC))) == 2


@on_memory
async def test_who_is_bound_to_a_room_reads_privately_and_does_nothing_there(
    world: World, database: Database, clock: Clock, trader: Trader
) -> None:
    bound = Principal("bob", Role.OPERATOR, accounts(BOB), rooms=frozenset({world.chat.room}))
    bound_world = world_of(database, clock, trader, world.chat, directory=Directory([bound]))
    world.chat.connect(bound_world.desk.gateway.receive)
    await world.chat.say(BOB, "private positions")
    assert len(world.chat.in_room(own(world, BOB))) == 1
    await world.chat.say(BOB, "/private close SOL-1")
    assert world.chat.last.room == world.chat.room
    assert world.chat.last.text.startswith("You may not do that privately")
    await world.chat.say(BOB, "close SOL-1")
    assert "Confirm" in world.chat.last.labels


@on_memory
async def test_a_code_behind_it_is_on_no_record(world: World) -> None:
    await world.chat.say(ADA, "private code 123456", room=own(world, ADA))
    await world.chat.say(ADA, "private 123456")
    assert "123456" not in str([dict(row) for row in await world.log()])


@pytest.mark.parametrize("chat", ["telegram"], indirect=True)
async def test_who_has_not_written_to_the_bot_is_told_to(telling: World) -> None:
    for count, ask in enumerate(("positions", "close SOL-1"), 1):
        await telling.chat.say(BOB, f"/private {ask}")
        await telling.shows(count)
        assert telling.chat.last.text.startswith(
            "I may not write to you by yourself. Open a chat with me and say /start"
        )
    assert telling.bot.closed == []
