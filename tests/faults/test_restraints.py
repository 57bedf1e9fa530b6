"""`kill -9` of the bot, and of the gateway: a pause that people asked for is in force all the same."""

import asyncio

from bot_integration import SnapshotTaken
from bot_integration.control import RemoteBot
from chatops.restraints import holds
from tests.faults.desk import BOT, DeskFiles, log_of
from tests.faults.holdup import What
from tests.faults.place import Place, after_a_kill
from tests.faults.program import PATIENCE_S, program
from tests.servers.telegram import Message

#: Ada's own chat is told of restarts.
ROOM = """
[[rooms]]
name = "ada"
platform = "telegram"
id = "111"
receives = ["notices"]
"""


async def confirms_a_pause(desk: DeskFiles) -> Message:
    question = await desk.hears_after("/pause entry", "Pause entry")
    await desk.chat.press(desk.ada, question, "Confirm")
    return question


async def is_paused(bot: RemoteBot) -> None:
    """Wait until the bot itself says so."""
    async with asyncio.timeout(PATIENCE_S), bot.follow() as events:
        if (facts := bot.snapshot()) is not None and holds(facts.session.pause, "entry"):
            return
        async for event in events:
            if isinstance(event, SnapshotTaken) and holds(event.snapshot.session.pause, "entry"):
                return


async def test_a_killed_bot_that_comes_back_is_paused_again_and_that_is_told_once(desk: DeskFiles) -> None:
    socket = desk.folder / "bot.sock"
    desk.write(f"unix://{socket}", more=ROOM)
    paper = ("paper", "--listen", f"unix:{socket}", "--name", BOT, "--speed", "1", "--scenario", "calm")
    async with program(*paper) as first, RemoteBot(BOT, f"unix://{socket}") as bot:
        await first.says("trades on paper")
        async with desk.gateway(), desk.database() as database:
            question = await confirms_a_pause(desk)
            await desk.sees("✓ Paused: entry", on=question)
            await is_paused(bot)
            before = bot.snapshot()
            await first.kill()
            async with program(*paper) as again, RemoteBot(BOT, f"unix://{socket}") as anew:
                await again.says("trades on paper")
                await is_paused(anew)
                after = anew.snapshot()
                await desk.sees("alpha restarted; entry paused again as ada asked")
                answer = await desk.hears_after("/bots", "Pause of entry: as ada asked")
            rows = [(row["principal"], row["word"], row["outcome"]) for row in await log_of(database)]
    assert before is not None
    assert after is not None
    assert before.session_id != after.session_id
    assert "Runs  far" in answer.text
    assert sum("paused again" in one.text for one in desk.chat.from_bot) == 1
    assert [row for row in rows if row[1] == "pause"] == [("ada", "pause", "done"), ("quarterdeck", "pause", "done")]


async def test_a_pause_that_a_kill_of_the_gateway_kept_from_the_bot_is_in_force_after_its_start(place: Place) -> None:
    desk = place.desk
    async with desk.gateway() as gateway:
        place.way.what = What.COMMANDS
        await confirms_a_pause(desk)
        await place.way.held.wait()
        async with after_a_kill(place, gateway) as database:
            await is_paused(place.bot)
            await desk.sees("“pause entry”, which ran while I was restarted")
            # What was on its way then arrives now: it is the same command.
            place.way.released.set()
            rows = [row for row in await log_of(database) if row["word"] == "pause"]
            ran = await place.ran(rows[0]["id"])
    assert [(row["principal"], row["outcome"], str(ran)) for row in rows] == [("ada", "done", "done")]
