"""`kill -9` of a bot in the middle of a confirmed close, its gateway living on: nothing is claimed, or done twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from bot_integration import Event, Outcome, PositionChanged, PositionStage, SetParameter
from bot_integration.control import RemoteBot
from bot_integration.control.http_line import HttpLine
from tests.faults.desk import BOT, DeskFiles, log_of, wait_until_settled
from tests.faults.program import PATIENCE_S, program


async def begins_to_close(events: AsyncIterator[Event]) -> None:
    """Wait until the bot says of SOL-1 that it closes it."""
    async with asyncio.timeout(PATIENCE_S):
        async for event in events:
            after = event.after if isinstance(event, PositionChanged) else None
            if after is not None and (after.id, after.stage) == ("SOL-1", PositionStage.CLOSING):
                return


async def is_followed(bot: RemoteBot, events: AsyncIterator[Event]) -> None:
    """Wait until its facts come: what happens from now on is news."""
    async with asyncio.timeout(PATIENCE_S):
        while bot.snapshot() is None:
            await anext(events)


def slowly() -> SetParameter:
    """From now on every order takes this long; a close has two."""
    not_after = datetime.now(UTC) + timedelta(seconds=30)
    return SetParameter(id=uuid4(), by="test", not_after=not_after, key="order_latency_s", value=10.0)


async def test_what_a_killed_bot_was_closing_is_unknown_and_can_be_asked_for_again(desk: DeskFiles) -> None:
    socket = desk.folder / "bot.sock"
    desk.write(f"unix://{socket}")
    paper = ("paper", "--listen", f"unix:{socket}", "--name", BOT, "--speed", "1", "--scenario", "calm")
    async with program(*paper) as first, AsyncExitStack() as stack:
        await first.says("trades on paper")
        bot = await stack.enter_async_context(RemoteBot(BOT, f"unix://{socket}"))
        events = await stack.enter_async_context(bot.follow())
        assert (await bot.execute(slowly())).outcome is Outcome.DONE
        await is_followed(bot, events)
        async with desk.gateway(), desk.database() as database:
            await desk.chat.say(desk.ada, "/close SOL-1")
            question = await desk.hears("Close SOL-1?")
            await desk.chat.press(desk.ada, question, "Confirm")
            await begins_to_close(events)
            await first.kill()

            async with program(*paper) as again, HttpLine(BOT, f"unix://{socket}", None) as line:
                await again.says("trades on paper")
                told = await desk.sees("UNKNOWN: alpha was restarted, and does not remember", on=question)
                assert "It may have happened. Look before you ask again." in told.text
                await desk.chat.say(desk.ada, "/close SOL-1")
                question = await desk.hears("Close SOL-1?")
                await desk.chat.press(desk.ada, question, "Confirm")
                await desk.sees("✓ SOL-1", on=question)
                # Facts of this moment, not the last that were heard.
                snapshot = await line.snapshot()
            await wait_until_settled(database)
            closes = [row["outcome"] for row in await log_of(database) if row["word"] == "close" and row["outcome"]]
    assert closes == ["unknown", "done"]
    assert snapshot is not None
    assert [event.message for event in snapshot.timeline].count("Closing SOL-1: asked by ada") == 1
