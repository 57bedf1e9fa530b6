"""The Bot port, near and far: nobody can tell which they hold."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from bot_integration.bot import Bot
from bot_integration.commands import CommandResult, Outcome, Preview
from bot_integration.control import ControlServer, RemoteBot
from bot_integration.control.socket import ControlSocket
from bot_integration.errors import Refused
from bot_integration.events import CommandFinished, PositionChanged, SnapshotTaken
from tests.bot_integration.control.alpha import (
    NOW,
    Alpha,
    close,
    facts,
    heard,
    now,
    pause,
    position,
    rebalance,
    resume,
    shows,
)

TOKEN = "a token of both ends"
ELSE = " that asked for something else"


@asynccontextmanager
async def near(alpha: Alpha, folder: Path) -> AsyncIterator[Bot]:
    yield alpha


@asynccontextmanager
async def far_over_tcp(alpha: Alpha, folder: Path) -> AsyncIterator[Bot]:
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        RemoteBot("alpha", server.url, TOKEN, now=now) as far,
    ):
        yield far


@asynccontextmanager
async def far_over_a_unix_socket(alpha: Alpha, folder: Path) -> AsyncIterator[Bot]:
    async with (
        ControlServer(alpha, listen=f"unix:{folder / 'a.sock'}") as server,
        RemoteBot("alpha", server.url, now=now) as far,
    ):
        yield far


@asynccontextmanager
async def far_over_a_control_socket(alpha: Alpha, folder: Path) -> AsyncIterator[Bot]:
    async with (
        ControlSocket(alpha, "127.0.0.1:0", TOKEN, now=now) as socket,
        RemoteBot("alpha", socket.url, TOKEN, now=now) as far,
    ):
        yield far


@asynccontextmanager
async def far_behind_far(alpha: Alpha, folder: Path) -> AsyncIterator[Bot]:
    async with (
        far_over_a_unix_socket(alpha, folder) as nearer,
        ControlServer(nearer, listen="127.0.0.1:0", token=TOKEN) as server,
        RemoteBot("alpha", server.url, TOKEN, now=now) as far,
    ):
        yield far


Held = Callable[[Alpha, Path], AbstractAsyncContextManager[Bot]]


@pytest.fixture
def alpha() -> Alpha:
    alpha = Alpha()
    assert alpha.publish(facts()) == ()
    return alpha


@pytest.fixture(
    params=[near, far_over_tcp, far_over_a_unix_socket, far_over_a_control_socket, far_behind_far],
    ids=lambda held: held.__name__,
)
async def bot(request: pytest.FixtureRequest, alpha: Alpha, tmp_path: Path) -> AsyncIterator[Bot]:
    held: Held = request.param
    async with held(alpha, tmp_path) as bot:
        await shows(bot, alpha.newest())
        yield bot


async def test_it_has_the_name_that_people_know(bot: Bot) -> None:
    assert bot.name == "alpha"


async def test_its_facts_are_those_that_were_published(bot: Bot, alpha: Alpha) -> None:
    alpha.publish(facts(position("sol", legs=[]), metrics={"loops": 7.5}))
    await shows(bot, alpha.newest())
    snapshot = bot.snapshot()
    assert snapshot is not None
    assert snapshot.portfolio.equity == Decimal("10000.25")
    assert snapshot.metrics == {"loops": 7.5}
    assert snapshot.positions[0].extra == {"lending_rate": 0.07}


async def test_a_secret_is_in_no_facts_and_in_no_event(bot: Bot, alpha: Alpha) -> None:
    api_key = {"key": "api_key", "value": "hunter2", "type": "str", "secret": True}
    async with bot.follow() as events:
        alpha.publish(facts(parameters=[api_key, {"key": "limit", "value": 8, "type": "int"}]))
        told = await heard(events, 1)
    assert "hunter2" not in repr(told)
    snapshot = bot.snapshot()
    assert snapshot is not None
    assert [(one.key, one.value, one.secret) for one in snapshot.parameters] == [
        ("api_key", None, True),
        ("limit", 8, False),
    ]


async def test_followers_hear_of_new_facts_and_of_what_changed(bot: Bot, alpha: Alpha) -> None:
    before = alpha.newest()
    async with bot.follow() as events:
        alpha.publish(facts(position("sol", stage="closing"), position("btc")))
        told = await heard(events, 4)
    after = alpha.newest()
    assert told == [
        SnapshotTaken(after),
        PositionChanged("alpha", before.position("sol"), after.position("sol")),
        PositionChanged("alpha", None, after.position("btc")),
        PositionChanged("alpha", before.position("eth"), None),
    ]


async def test_a_command_runs_once_however_often_it_is_asked(bot: Bot, alpha: Alpha) -> None:
    command = close()
    results = await asyncio.gather(*(bot.execute(command) for _ in range(5)))
    assert {result.outcome for result in results} == {Outcome.PARTIAL}
    assert await bot.execute(command) == results[0]
    assert alpha.closed == [command.id]


async def test_a_command_with_the_id_of_another_one_is_refused_and_does_nothing(bot: Bot, alpha: Alpha) -> None:
    first = close("sol")
    done = await bot.execute(first)
    refused = [
        await bot.execute(other.model_copy(update={"id": first.id})) for other in (pause(), rebalance(), close("eth"))
    ]
    again = await bot.execute(first.model_copy(update={"reason": "once more", "not_after": NOW + timedelta(hours=1)}))
    assert [one.outcome for one in refused] == [Outcome.REFUSED] * 3
    told = "Nothing was done: this id is that of an earlier close position{}. Give every command an id of its own."
    assert [one.message for one in refused] == [told.format(""), told.format(""), told.format(ELSE)]
    assert (alpha.closed, alpha.rebalanced) == ([first.id], [])
    assert again.message == done.message == "One leg."


async def test_what_was_traded_comes_back_whole(bot: Bot) -> None:
    command = close()
    result = await bot.execute(command)
    assert result.command_id == command.id
    assert result.message == "One leg."
    assert [(fill.venue, fill.size, fill.price) for fill in result.fills] == [
        ("drift", Decimal("6.17"), Decimal("151.1"))
    ]
    assert result.started_at == result.finished_at == NOW


async def test_a_refusal_comes_with_the_bots_reason(bot: Bot) -> None:
    result = await bot.execute(close("eth"))
    assert (result.outcome, result.message) == (Outcome.REFUSED, "ETH is closing already.")


async def test_what_the_bot_does_not_know_is_refused(bot: Bot) -> None:
    result = await bot.execute(pause())
    assert (result.outcome, result.message) == (Outcome.REFUSED, "alpha does not know how to pause.")


async def test_what_the_bot_breaks_on_has_failed_and_tells_nothing_of_its_inside(bot: Bot) -> None:
    result = await bot.execute(resume())
    assert (result.outcome, result.message) == (
        Outcome.FAILED,
        "The bot broke on this. Its log has the whole story.",
    )


async def test_what_came_too_late_is_refused(bot: Bot, alpha: Alpha) -> None:
    result = await bot.execute(close().model_copy(update={"not_after": NOW - timedelta(seconds=1)}))
    assert (result.outcome, result.message) == (
        Outcome.REFUSED,
        "This came too late to be started. Nothing was done.",
    )
    assert alpha.closed == []


async def test_a_result_is_recalled_by_the_id_of_its_command(bot: Bot) -> None:
    command = close()
    assert await bot.recall(command.id) is None
    result = await bot.execute(command)
    assert await bot.recall(command.id) == result


async def test_a_command_goes_on_when_its_asker_has_gone(bot: Bot, alpha: Alpha) -> None:
    command = rebalance()
    asking = asyncio.create_task(bot.execute(command))
    await alpha.rebalancing.wait()
    running = await bot.recall(command.id)
    asking.cancel()
    await asyncio.wait({asking})
    async with alpha.follow() as events:
        alpha.may_rebalance.set()
        await heard(events, 1)
    assert running is not None
    assert (running.outcome, running.message) == (Outcome.UNKNOWN, "It is still running.")
    done = await bot.recall(command.id)
    assert done is not None
    assert (done.outcome, done.message) == (Outcome.DONE, "Balanced.")
    assert alpha.rebalanced == [command.id]


async def test_followers_hear_once_that_a_command_has_ended(bot: Bot) -> None:
    command, other = close(), close()
    async with bot.follow() as events:
        result = await bot.execute(command)
        await bot.execute(command)
        await bot.execute(command.model_copy(update={"id": uuid4(), "not_after": NOW - timedelta(seconds=1)}))
        other_result = await bot.execute(other)
        told = await heard(events, 2)
    assert told == [
        CommandFinished("alpha", command, result),
        CommandFinished("alpha", other, other_result),
    ]


async def test_a_preview_says_what_closing_now_would_realize(bot: Bot, alpha: Alpha) -> None:
    assert await bot.preview(close()) == Preview(command="close_position", at=NOW, realized=Decimal("12.5"))
    assert alpha.closed == []


async def test_there_is_no_preview_where_the_bot_offers_none(bot: Bot) -> None:
    assert await bot.preview(pause()) is None


async def test_what_cannot_be_foretold_has_no_preview(bot: Bot, alpha: Alpha) -> None:
    @alpha.previews(type(pause()))
    async def broken(command: object) -> Preview:
        raise ZeroDivisionError

    assert await bot.preview(pause()) is None


async def test_a_preview_of_what_would_be_refused_says_so(bot: Bot) -> None:
    with pytest.raises(Refused, match=r"^ETH is closing already\.$"):
        await bot.preview(close("eth"))


async def test_a_result_that_names_another_command_is_still_ours(bot: Bot, alpha: Alpha) -> None:
    @alpha.on(type(pause()))
    async def mixes_ids_up(command: object) -> CommandResult:
        return CommandResult(command_id=uuid4(), outcome=Outcome.DONE)

    command = pause()
    result = await bot.execute(command)
    assert (result.command_id, result.outcome) == (command.id, Outcome.DONE)
