"""What is on record of asks, and how a change of it is found."""

from unittest.mock import ANY

import pytest

from bot_integration import ClosePosition
from chatops.guard.verifying import Broken, Whole
from chatops.storage.record import verify_record
from tests.flows.conftest import ADA, BOB, EVE, World, near_alone, on_memory

#: Whoever has the database may do this; the chain shows it.
UNLOCK = "SET LOCAL session_replication_role = replica"


async def some_asks(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1 12.5")
    await world.chat.press(BOB, "Confirm")
    await world.chat.say(ADA, "/pause all a “reason” with ünïcödé 💥")
    await world.chat.press(ADA, "Cancel")
    await world.chat.say(ADA, "/nonsense")
    await world.chat.say(EVE, "/close \x00 SOL-1")


async def test_an_untouched_record_is_whole(world: World) -> None:
    assert await verify_record(world.database) == Whole(0, 0, ANY)
    await some_asks(world)
    assert await verify_record(world.database) == Whole(steps=12, asks=4, head=ANY)


@near_alone
@on_memory
@pytest.mark.parametrize(
    ("tampering", "where"),
    [
        ("UPDATE command_events SET by = 'bob' WHERE seq = 6", "command_events seq 6"),
        ("UPDATE command_events SET data = '{}' WHERE seq = 1", "command_events seq 1"),
        ("UPDATE command_events SET at = at + interval '1 microsecond' WHERE seq = 3", "command_events seq 3"),
        ("DELETE FROM command_events WHERE seq = 4", "command_events seq 4"),
        ("DELETE FROM command_events WHERE seq = 12", "command_events after seq 11"),
        (
            (
                "UPDATE command_events SET seq = CASE seq WHEN 2 THEN 1002 WHEN 3 THEN 2 END WHERE seq IN (2, 3);"
                "UPDATE command_events SET seq = 3 WHERE seq = 1002"
            ),
            "command_events seq 2",
        ),
        ("UPDATE command_events SET step = 'nonsense' WHERE seq = 3", "command_events seq 3"),
        ("UPDATE command_events SET at = 'infinity' WHERE seq = 3", "command_events seq 3"),
        (r"""UPDATE command_events SET data = '{"a": "\ud800"}' WHERE seq = 3""", "command_events seq 3"),
        ("""UPDATE command_events SET data = '{"a": 1e999}' WHERE seq = 3""", "command_events seq 3"),
        ("UPDATE command_events SET data = '[1]' WHERE seq = 3", "command_events seq 3"),
        (
            "UPDATE command_events SET data = (repeat('[', 3000) || repeat(']', 3000))::json WHERE seq = 3",
            "command_events seq 3",
        ),
        ("UPDATE command_log SET outcome = 'failed' WHERE word = 'close' AND principal = 'bob'", "command_log"),
        ("UPDATE command_log SET principal = 'bob' WHERE principal IS NULL", "command_log"),
        ("UPDATE command_log SET arguments = '{}' WHERE word = 'close' AND principal = 'bob'", "command_log"),
        ("UPDATE command_log SET arguments = '[1]' WHERE word = 'close' AND principal = 'bob'", "command_log"),
        ("""UPDATE command_log SET arguments = '{"a": 1e999}' WHERE word = 'pause'""", "command_log"),
        ("UPDATE command_log SET at = 'infinity' WHERE word = 'pause'", "command_log"),
        ("DELETE FROM command_log WHERE word = 'pause'", "command_log"),
    ],
)
async def test_a_changed_missing_or_reordered_row_is_named(world: World, tampering: str, where: str) -> None:
    await some_asks(world)
    async with world.database.transaction() as connection:
        await connection.execute(UNLOCK)
        await connection.execute(tampering)
    broken = await verify_record(world.database)
    assert isinstance(broken, Broken)
    assert broken.where.startswith(where)


async def test_the_act_is_on_record_before_it_runs(world: World) -> None:
    seen: list[str] = []

    @world.bot.controller.on(ClosePosition)
    async def look(command: ClosePosition) -> str:
        seen.extend([row["state"] for row in await world.log()])
        return "looked"

    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.press(BOB, "Confirm")
    assert seen == ["running"]
    assert [row["state"] for row in await world.log()] == ["finished"]
