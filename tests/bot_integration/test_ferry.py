"""A bot across loops: nothing is claimed of a command that nobody knows of."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot_integration.commands import Outcome
from bot_integration.errors import Refused, Unreachable
from bot_integration.ferry import Ferry
from bot_integration.own_loop import OwnLoop
from tests.bot_integration.control.alpha import Alpha, close, facts, now, rebalance


@pytest.fixture
async def over_there() -> AsyncIterator[OwnLoop]:
    own = OwnLoop("the bot")
    own.start()
    yield own
    await own.stop()


@pytest.fixture
async def alpha(over_there: OwnLoop) -> Alpha:
    async def made() -> Alpha:
        return Alpha()

    alpha = await over_there.run(made())
    alpha.publish(facts())
    return alpha


async def test_commands_run_over_there_and_answer_here(alpha: Alpha, over_there: OwnLoop) -> None:
    ferry = Ferry(alpha, over_there.loop, now)
    command = close()
    result = await ferry.execute(command)
    assert (result.outcome, alpha.closed) == (Outcome.PARTIAL, [command.id])
    assert await ferry.recall(command.id) == result
    assert (await ferry.preview(close())) is not None
    with pytest.raises(Refused, match="closing already"):
        await ferry.preview(close("eth"))


async def test_a_bot_that_has_stopped_surely_did_nothing(alpha: Alpha, over_there: OwnLoop) -> None:
    ferry = Ferry(alpha, over_there.loop, now)
    command = close()
    await over_there.stop()
    results = [await ferry.execute(command) for _ in range(2)]
    assert [(one.outcome, one.message) for one in results] == [
        (Outcome.FAILED, "alpha does not run any more. Nothing was done."),
    ] * 2
    assert alpha.closed == []
    with pytest.raises(Unreachable, match="does not run any more"):
        await ferry.recall(close().id)
    with pytest.raises(Unreachable, match="does not run any more"):
        await ferry.preview(close())


async def test_of_a_command_that_ran_before_nobody_says_that_it_failed(alpha: Alpha, over_there: OwnLoop) -> None:
    ferry = Ferry(alpha, over_there.loop, now)
    command = close()
    await ferry.execute(command)
    await over_there.stop()
    assert (await ferry.execute(command)).outcome is Outcome.UNKNOWN


async def test_a_bot_that_stops_in_the_middle_of_a_command_leaves_it_unknown(alpha: Alpha, over_there: OwnLoop) -> None:
    ferry = Ferry(alpha, over_there.loop, now)
    running = asyncio.create_task(ferry.execute(rebalance()))
    await over_there.run(alpha.rebalancing.wait())
    await over_there.stop()
    async with asyncio.timeout(30):
        result = await running
    assert (result.outcome, alpha.rebalanced) == (Outcome.UNKNOWN, [])


async def test_whoever_stops_waiting_does_not_stop_the_command(alpha: Alpha, over_there: OwnLoop) -> None:
    async def let() -> None:
        alpha.may_rebalance.set()
        await alpha.aclose()

    ferry = Ferry(alpha, over_there.loop, now)
    command = rebalance()
    running = asyncio.create_task(ferry.execute(command))
    await over_there.run(alpha.rebalancing.wait())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await over_there.run(let())
    assert alpha.rebalanced == [command.id]
