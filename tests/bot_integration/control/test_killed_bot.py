"""A bot that the power takes in the middle of a command."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from bot_integration.commands import ClosePosition, Outcome, SetParameter
from bot_integration.control import RemoteBot
from bot_integration.events import Event, Noted, PositionChanged
from bot_integration.position import PositionStage
from tests.bot_integration.control.clock import Clock
from tests.bot_integration.control.remote import the_next
from tests.faults.program import Program, program


def _now() -> datetime:
    return datetime.now(UTC)


def close() -> ClosePosition:
    return ClosePosition(id=uuid4(), by="ada", not_after=_now() + timedelta(seconds=30), position_id="SOL-1")


def slowly() -> SetParameter:
    return SetParameter(
        id=uuid4(), by="ada", not_after=_now() + timedelta(seconds=30), key="order_latency_s", value=10.0
    )


async def test_a_bot_that_is_killed_in_the_middle_of_a_command_leaves_it_unknown_and_does_not_get_it_again() -> None:
    with tempfile.TemporaryDirectory(prefix="qd-") as folder:
        socket = Path(folder) / "bot.sock"
        start = ("paper", "--listen", f"unix:{socket}", "--name", "alpha", "--speed", "1", "--scenario", "calm")
        clock = Clock()

        async def patience(seconds: float) -> None:
            """Of people there is enough; of the machine not much is taken."""
            await clock.sleep(seconds)
            await asyncio.sleep(0.01)

        async with (
            program(*start) as first,
            RemoteBot("alpha", f"unix://{socket}", monotonic=clock.monotonic, sleep=patience) as far,
            far.follow() as events,
        ):
            await first.says("trades on paper")
            await _heard_of(far)
            assert (await far.execute(slowly())).outcome is Outcome.DONE
            command = close()
            asking = asyncio.create_task(far.execute(command))
            await _closing(events, command.position_id)
            await first.kill()
            result = await asking
            async with program(*start) as again:
                told = await _restarted(events, again)
                recalled = await far.recall(command.id)
                snapshot = far.snapshot()
    assert result.outcome is Outcome.UNKNOWN
    assert told == "alpha was restarted."
    # It is another run: it knows nothing of the command, and nobody sent it again.
    assert recalled is None
    assert snapshot is not None
    assert [one.stage for one in snapshot.positions if one.id == "SOL-1"] == [PositionStage.OPEN]


async def _closing(events: AsyncIterator[Event], position: str) -> None:
    """Until the command is under way. Its funding and the strategy's other positions change meanwhile as well."""
    while True:
        after = (await the_next(events, PositionChanged)).after
        if after is not None and (after.id, after.stage) == (position, PositionStage.CLOSING):
            return


async def _heard_of(far: RemoteBot) -> None:
    async with asyncio.timeout(60), far.follow() as events:
        while far.snapshot() is None:
            await anext(events)


async def _restarted(events: AsyncIterator[Event], again: Program) -> str:
    await again.says("trades on paper")
    while not (told := (await the_next(events, Noted)).message).endswith("restarted."):
        pass
    return told
