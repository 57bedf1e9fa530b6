"""`kill -9` of a bot in the middle of a confirmed close, its gateway living on: nothing is claimed, or done twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from bot_integration import Event, Outcome, PositionChanged, PositionStage, SetParameter
from bot_integration.control import RemoteBot
from tests.faults.desk import BOT, DeskFiles, log_of, wait_until_settled
from tests.faults.program import PATIENCE_S, program


async def begins_to_close(events: AsyncIterator[Event]) -> None:
    """Wait until the bot says of a position that it closes it."""
    async with asyncio.timeout(PATIENCE_S):
        async for event in events:
            if isinstance(event, PositionChanged) and event.after and event.after.stage is PositionStage.CLOSING:
                return


async def test_what_a_killed_bot_was_closing_is_unknown_and_can_be_asked_for_again(desk: DeskFiles) -> None:
    socket = desk.folder / "bot.sock"
    desk.write(f"unix://{socket}")
    paper = ("paper", "--listen", f"unix:{socket}", "--name", BOT, "--speed", "1", "--scenario", "calm")
    slowly = SetParameter(
        id=uuid4(),
        by="test",
        not_after=datetime.now(UTC) + timedelta(seconds=30),
        key="order_latency_s",
        value=10.0,
    )
    async with program(*paper) as first, RemoteBot(BOT, f"unix://{socket}") as bot, bot.follow() as events:
        await first.says("trades on paper")
        assert (await bot.execute(slowly)).outcome is Outcome.DONE
        async with desk.gateway(), desk.database() as database:
            await desk.chat.say(desk.ada, "/close SOL-1")
            question = await desk.hears("Close SOL-1?")
            await desk.chat.press(desk.ada, question, "Confirm")
            await begins_to_close(events)
            await first.kill()

            async with program(*paper) as again:
                await again.says("trades on paper")
                told = await desk.sees("UNKNOWN: alpha was restarted, and does not remember", on=question)
                assert "It may have happened. Look before you ask again." in told.text
                await desk.chat.say(desk.ada, "/close SOL-1")
                question = await desk.hears("Close SOL-1?")
                await desk.chat.press(desk.ada, question, "Confirm")
                await desk.sees("✓ SOL-1", on=question)
                snapshot = bot.snapshot()
            await wait_until_settled(database)
            closes = [row["outcome"] for row in await log_of(database) if row["word"] == "close" and row["outcome"]]
    assert closes == ["unknown", "done"]
    assert snapshot is not None
    assert [event.message for event in snapshot.timeline].count("Closing SOL-1: asked by ada") == 1
