"""Everything in a gateway raises in turn, in the bot's own process: the bot trades on, and the gateway comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

import quarterdeck
from chatops.demo import demo_settings
from chatops.settings import Settings
from chatops.settings.sections import DatabaseSettings
from chatops.storage.errors import DatabaseAway
from tests.benchmarks.facts import facts
from tests.benchmarks.pairs import quantile
from tests.chatops.storage.server import kill_server, server_of
from tests.faults.beside import TRADE_S, Beside
from tests.faults.conftest import copy
from tests.faults.program import eventually
from tests.plug import Plug

#: A bot's own promise is 5 ms of delay; a machine that runs tests beside it is granted more.
GRANTED_S = 0.25
#: What a handler of ours cannot foresee, and what is not even an `Exception`.
ANYTHING = [RuntimeError("broken"), MemoryError(), SystemExit(3), KeyboardInterrupt(), GeneratorExit()]

named = pytest.mark.parametrize("error", ANYTHING, ids=lambda error: type(error).__name__)


@pytest.fixture
def settings(folder: Path, database_url: str) -> Settings:
    """A desk without a bot of its own, on a database that somebody else runs."""
    demo = demo_settings(folder / "desk")
    return demo.model_copy(update={"bots": (), "database": DatabaseSettings.model_validate({"url": database_url})})


@pytest.fixture
async def plug(postgres_url: str, database_url: str) -> AsyncIterator[Plug]:
    plug = Plug(postgres_url, database_url)
    yield plug
    await plug.put_back()


@asynccontextmanager
async def trading(settings: Settings) -> AsyncIterator[Beside]:
    """A bot that trades beside an open gateway. At the end it was never held up, and the gateway closes."""
    beside = Beside(settings)
    late_s: list[float] = []

    async def tick() -> None:
        due = monotonic()
        while True:
            due = max(due + TRADE_S, monotonic())
            await asyncio.sleep(due - monotonic())
            late_s.append(monotonic() - due)

    tasks = [asyncio.create_task(beside.trade()), asyncio.create_task(tick())]
    try:
        attached = quarterdeck.attach(beside.bot, settings, opening=beside.opening, again_s=0.01)
        beside.attached = attached
        await beside.is_open()
        yield beside
        await beside.trades_on()
        assert not any(task.done() for task in tasks)
        assert quantile(late_s, 0.95) < GRANTED_S
        assert quantile(beside.published_s, 0.95) < GRANTED_S
        assert await attached.aclose()
        assert not attached.is_running
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        if beside.attached is not None:
            await beside.attached.aclose()


@pytest.fixture
async def beside(settings: Settings) -> AsyncIterator[Beside]:
    async with trading(settings) as beside:
        yield beside


async def test_people_ask_and_command_as_if_it_were_elsewhere(beside: Beside) -> None:
    await beside.answers()
    await beside.says("/close ETH-1")
    await beside.hears("Close ETH-1?")
    await beside.presses("Confirm")
    await beside.hears("✓ ETH-1 closed")
    # On the loop that it was attached on.
    assert beside.closed_on == [asyncio.get_running_loop()]


@named
async def test_a_platform_raises(beside: Beside, error: BaseException) -> None:
    beside.chat.raises = error
    with suppress(Exception, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError):
        await beside.says("/status")
    await beside.trades_on()
    beside.chat.raises = None
    await beside.is_open()
    await beside.answers()


@named
async def test_the_facts_raise(beside: Beside, error: BaseException) -> None:
    def broken() -> None:
        raise error

    beside.bot.when_asked = [broken] * 3
    with suppress(Exception, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError):
        await beside.says("/status")
    await beside.trades_on()
    beside.bot.when_asked = []
    await beside.is_open()
    await beside.answers()


@named
async def test_the_opening_raises_again_and_again(settings: Settings, error: BaseException) -> None:
    async with trading(settings) as beside:
        assert beside.attached is not None
        beside.wont_open = [error, error]
        beside.bot.when_asked = [stop_the_loop]
        await beside.is_open(times=2)
        await beside.answers()
        assert type(beside.attached.last_error) is type(error)


def stop_the_loop() -> None:
    asyncio.get_running_loop().stop()


def kill_the_tasks() -> None:
    for task in asyncio.all_tasks():
        task.cancel()


@pytest.mark.parametrize("harm", [stop_the_loop, kill_the_tasks])
async def test_the_loop_of_the_gateway_is_harmed(
    beside: Beside, harm: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    beside.bot.when_asked = [harm]
    await beside.is_open(times=2)
    await beside.answers()
    assert "the gateway broke, and is opened again" in caplog.text


async def test_the_database_goes_away_and_comes_back(settings: Settings, plug: Plug) -> None:
    async with trading(settings) as beside:
        await plug.pull()
        await beside.says("/status")
        await beside.hears("alpha is well")
        await beside.trades_on()
        await plug.put_back()
        await beside.answers()


async def test_a_database_that_is_away_at_the_start_is_waited_for(settings: Settings, plug: Plug) -> None:
    await plug.pull()
    beside = Beside(settings)
    attached = quarterdeck.attach(beside.bot, settings, opening=beside.opening, again_s=0.01)
    beside.attached = attached
    try:
        async with asyncio.timeout(30):
            while attached.last_error is None:  # noqa: ASYNC110 - it sets no event
                await asyncio.sleep(0.01)
        assert isinstance(attached.last_error, DatabaseAway)
        await plug.put_back()
        await beside.is_open()
    finally:
        assert await attached.aclose()


async def test_its_own_postgresql_is_killed_and_ends_with_it(folder: Path, made: Path) -> None:
    copy(made, folder / "desk")
    settings = demo_settings(folder / "desk").model_copy(update={"bots": ()})

    async def lives() -> bool:
        server = server_of(folder / "desk")
        return server is not None and server.lives(folder / "desk" / "postgres")

    async with trading(settings) as beside:
        await kill_server(folder / "desk")
        await beside.trades_on()
        await eventually(lives, "PostgreSQL is back")
        await beside.answers()
    assert not await lives()


async def test_what_it_was_told_last_is_told_before_it_closes(settings: Settings) -> None:
    async with trading(settings) as beside:
        assert beside.attached is not None
        await beside.trades_on()
        await beside.is_followed()
        beside.held = 2
        await beside.hears("BTC-2")
        beside.held = 1
        assert not beside.bot.publish(facts(1))
        assert await beside.attached.aclose()
        assert any("BTC-2 is gone" in shown.text for shown in beside.chat.shown)
