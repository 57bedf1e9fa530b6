"""Commands to a far bot on a bad day: nothing is called failed that may have happened, and nothing runs twice."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from bot_integration.commands import Custom, Outcome
from bot_integration.control import RemoteBot
from bot_integration.errors import Unreachable
from tests.bot_integration.control.alpha import NOW, Alpha, close, rebalance
from tests.bot_integration.control.clock import Clock, hurry
from tests.bot_integration.control.faulty_line import FaultyLine
from tests.bot_integration.control.remote import by_clock


async def test_a_lost_answer_is_asked_for_by_id(alpha: Alpha, faulty: FaultyLine) -> None:
    faulty.lose_answers = True
    command = close()
    async with RemoteBot("alpha", faulty.url, now=Clock().now, sleep=hurry) as far:
        result = await far.execute(command)
    assert (result.outcome, result.message) == (Outcome.PARTIAL, "One leg.")
    assert alpha.closed == [command.id]
    assert faulty.posts == 1


async def test_a_connection_that_breaks_while_the_bot_works_is_asked_about_until_it_is_done(
    alpha: Alpha, faulty: FaultyLine
) -> None:
    command = rebalance()
    asked = 0

    async def patience(seconds: float) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        if asked == 5:
            alpha.may_rebalance.set()

    async with RemoteBot("alpha", faulty.url, now=Clock().now, sleep=patience) as far:
        asking = asyncio.create_task(far.execute(command))
        await alpha.rebalancing.wait()
        asked = 0
        await faulty.go_down()
        await faulty.come_up()
        result = await asking
    assert (result.outcome, result.message) == (Outcome.DONE, "Balanced.")
    assert alpha.rebalanced == [command.id]


async def test_a_lost_request_is_unknown_and_never_sent_again(alpha: Alpha, faulty: FaultyLine) -> None:
    faulty.lose_requests = True
    clock = Clock()
    async with by_clock(faulty.url, clock) as far:
        result = await far.execute(close())
    assert result.outcome is Outcome.UNKNOWN
    assert result.message == ("No answer from alpha. It may have happened, or still happen: look before you ask again.")
    assert 28 < clock.passed_s <= 30
    assert (alpha.closed, faulty.posts) == ([], 1)


async def test_a_bot_that_dies_with_the_command_leaves_it_unknown(alpha: Alpha, faulty: FaultyLine) -> None:
    clock = Clock()
    async with by_clock(faulty.url, clock) as far:
        asking = asyncio.create_task(far.execute(rebalance()))
        await alpha.rebalancing.wait()
        await faulty.go_down()
        result = await asking
        await faulty.come_up()
    alpha.may_rebalance.set()
    assert result.outcome is Outcome.UNKNOWN


async def test_what_still_runs_when_the_time_is_up_is_unknown_in_the_bots_words(
    alpha: Alpha, faulty: FaultyLine
) -> None:
    clock = Clock()
    async with by_clock(faulty.url, clock) as far:
        asking = asyncio.create_task(far.execute(rebalance()))
        await alpha.rebalancing.wait()
        await faulty.go_down()
        await faulty.come_up()
        result = await asking
    alpha.may_rebalance.set()
    assert (result.outcome, result.message) == (Outcome.UNKNOWN, "It is still running.")


async def test_a_command_to_a_bot_that_is_not_there_surely_did_not_happen(faulty: FaultyLine) -> None:
    await faulty.go_down()
    clock = Clock()
    async with by_clock(faulty.url, clock) as far:
        result = await far.execute(close())
        with pytest.raises(Unreachable, match="connection refused"):
            await far.recall(result.command_id)
        with pytest.raises(Unreachable, match="connection refused"):
            await far.preview(close())
    await faulty.come_up()
    assert result.outcome is Outcome.FAILED
    assert result.message == "alpha could not be reached (connection refused). Nothing was sent."


async def test_a_bot_that_comes_back_in_time_still_gets_the_command(alpha: Alpha, faulty: FaultyLine) -> None:
    await faulty.go_down()
    tries = 0

    async def patience(seconds: float) -> None:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        if tries == 5:
            await faulty.come_up()

    command = close()
    async with RemoteBot("alpha", faulty.url, now=Clock().now, sleep=patience) as far:
        result = await far.execute(command)
    assert result.outcome is Outcome.PARTIAL
    assert alpha.closed == [command.id]


async def test_a_command_that_is_too_late_is_not_waited_with(faulty: FaultyLine) -> None:
    await faulty.go_down()
    clock = Clock()
    async with RemoteBot("alpha", faulty.url, now=clock.now, sleep=hurry) as far:
        result = await far.execute(close().model_copy(update={"not_after": NOW - timedelta(seconds=1)}))
    await faulty.come_up()
    assert (result.outcome, clock.slept) == (Outcome.FAILED, [])


async def test_a_command_that_json_cannot_say_is_not_sent(alpha: Alpha, faulty: FaultyLine) -> None:
    command = Custom(
        id=UUID(int=7), by="ada", not_after=NOW + timedelta(seconds=30), custom="tune", values={"by": object()}
    )
    async with RemoteBot("alpha", faulty.url, now=Clock().now, sleep=hurry) as far:
        result = await far.execute(command)
    assert result.outcome is Outcome.FAILED
    assert result.message == "Custom holds a value that cannot be written as JSON. Nothing was done."
    assert faulty.posts == 0
