"""The controller: commands come in, each runs once, and each is answered."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot_integration import (
    BotController,
    CloseAll,
    ClosePosition,
    Command,
    CommandFinished,
    CommandResult,
    Outcome,
    Ping,
    Preview,
    Refused,
)
from tests.bot_integration.facts import NOON, Clock


class Hasty(CloseAll):
    """A command that nobody waits for."""

    timeout_s = 0.001


def command(kind: type[Command] = CloseAll, command_id: UUID | None = None, **arguments: Any) -> Any:
    given = {"id": command_id or uuid4(), "by": "ada", "not_after": NOON + timedelta(seconds=30), **arguments}
    return kind.model_validate(given)


async def test_a_handler_answers_and_followers_hear_of_it(bot: BotController) -> None:
    @bot.on(CloseAll)
    async def close(asked: CloseAll) -> str:
        return f"closed for {asked.by}"

    asked = command()
    async with bot.follow() as events:
        result = await bot.execute(asked)
        event = await anext(events)
    assert (result.outcome, result.message) == (Outcome.DONE, "closed for ada")
    assert (result.started_at, result.finished_at) == (NOON, NOON)
    assert event == CommandFinished("alpha", asked, result)


async def test_a_refusal_is_an_outcome_with_its_reason(bot: BotController) -> None:
    @bot.on(CloseAll)
    async def close(_asked: CloseAll) -> None:
        raise Refused("No position is held.")

    result = await bot.execute(command())
    assert (result.outcome, result.message) == (Outcome.REFUSED, "No position is held.")


async def test_a_handler_that_breaks_is_failed_and_logged_whole(
    bot: BotController, caplog: pytest.LogCaptureFixture
) -> None:
    @bot.on(CloseAll)
    async def close(_asked: CloseAll) -> None:
        raise RuntimeError("division of the sea")

    with caplog.at_level(logging.ERROR):
        result = await bot.execute(command())
    assert (result.outcome, result.message) == (
        Outcome.FAILED,
        "The bot broke on this. Its log has the whole story.",
    )
    assert "division of the sea" in caplog.text


async def test_what_has_no_handler_is_refused_and_a_ping_is_answered_without(bot: BotController) -> None:
    assert (await bot.execute(command())).message == "alpha does not know how to close all."
    assert (await bot.execute(command(Ping))).message == "Here."


async def test_a_handler_cannot_answer_for_another_command(bot: BotController) -> None:
    @bot.on(CloseAll)
    async def close(_asked: CloseAll) -> CommandResult:
        return CommandResult(command_id=uuid4(), outcome=Outcome.PARTIAL)

    asked = command()
    assert (await bot.execute(asked)).command_id == asked.id


def counting(bot: BotController) -> Callable[[], int]:
    runs: list[UUID] = []

    @bot.on(CloseAll)
    async def close(asked: CloseAll) -> str:
        runs.append(asked.id)
        await asyncio.sleep(0)
        return f"run {len(runs)}"

    return lambda: len(runs)


async def test_the_same_id_runs_once_even_when_asked_at_the_same_time(bot: BotController) -> None:
    runs, asked = counting(bot), command()
    results = await asyncio.gather(*(bot.execute(asked) for _ in range(20)))
    again = await bot.execute(asked)
    assert runs() == 1
    assert {result.message for result in (*results, again)} == {"run 1"}


async def test_a_command_that_comes_too_late_is_refused_and_not_run(bot: BotController, clock: Clock) -> None:
    runs = counting(bot)
    asked = command()
    clock.move(30.5)
    result = await bot.execute(asked)
    assert result.outcome is Outcome.REFUSED
    assert result.message == "This came too late to be started. Nothing was done."
    assert runs() == 0
    assert await bot.recall(asked.id) is None


async def test_one_that_ran_in_time_still_answers_when_it_is_asked_again_late(bot: BotController, clock: Clock) -> None:
    counting(bot)
    asked = command()
    first = await bot.execute(asked)
    clock.move(60)
    assert await bot.execute(asked) == first


async def test_an_answer_that_takes_too_long_is_unknown_and_later_recalled_as_done(bot: BotController) -> None:
    go_on = asyncio.Event()

    @bot.on(Hasty)
    async def close(_asked: Hasty) -> str:
        await go_on.wait()
        return "closed after all"

    asked = command(Hasty)
    result = await bot.execute(asked)
    assert result.outcome is Outcome.UNKNOWN
    assert result.message.startswith("No answer within 0.001 s. It may still happen")
    running = await bot.recall(asked.id)
    assert running is not None
    assert (running.outcome, running.message) == (Outcome.UNKNOWN, "It is still running.")
    go_on.set()
    await bot.aclose()
    recalled = await bot.recall(asked.id)
    assert recalled is not None
    assert (recalled.outcome, recalled.message) == (Outcome.DONE, "closed after all")


async def test_a_caller_that_goes_away_does_not_stop_what_runs(bot: BotController) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    @bot.on(CloseAll)
    async def close(_asked: CloseAll) -> str:
        begun.set()
        await go_on.wait()
        return "closed"

    asked = command()
    caller = asyncio.create_task(bot.execute(asked))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    assert (await bot.execute(asked)).message == "closed"


async def test_a_preview_is_the_bots_or_none(bot: BotController) -> None:
    asked = command(ClosePosition, position_id="ETH-1")
    assert await bot.preview(asked) is None

    @bot.previews(ClosePosition)
    async def preview(asked: ClosePosition) -> Preview:
        if asked.position_id != "ETH-1":
            raise Refused("No position is called so.")
        return Preview(command=asked.name, at=NOON, message="sells 1 ETH")

    shown = await bot.preview(asked)
    assert shown is not None
    assert shown.message == "sells 1 ETH"
    with pytest.raises(Refused, match="No position"):
        await bot.preview(command(ClosePosition, position_id="BTC-1"))


async def test_a_preview_that_breaks_is_no_preview(bot: BotController, caplog: pytest.LogCaptureFixture) -> None:
    @bot.previews(ClosePosition)
    async def break_down(asked: ClosePosition) -> Preview:
        raise ZeroDivisionError

    assert await bot.preview(command(ClosePosition, position_id="SOL-1")) is None
    assert "ZeroDivisionError" in caplog.text
