"""The gateway in a bot's process: how that ends, however it ends, and that the next start finds everything well."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.attached_bot import ENDED
from tests.faults.desk import DeskFiles
from tests.faults.program import Program, program


@asynccontextmanager
async def bot(desk: DeskFiles, kind: str) -> AsyncIterator[Program]:
    """The bot, whose gateway is open."""
    module = ("-m", "tests.faults.attached_bot")
    async with program(str(desk.settings), kind, module=module) as running:
        await running.says("open, changed: ")
        yield running


@pytest.fixture
def alone(desk: DeskFiles) -> DeskFiles:
    """A desk whose file names no bot: it is attached."""
    desk.write("paper")
    text = desk.settings.read_text().replace('[[bots]]\nname = "alpha"\nurl = "paper"\n', "")
    desk.settings.write_text(text)
    return desk


async def close_it(desk: DeskFiles) -> None:
    question = await desk.hears_after("/close ETH-1", "Close ETH-1?")
    await desk.chat.press(desk.ada, question, "Confirm")
    await desk.sees("✓ ETH-1 closed", on=question)


async def test_it_ends_by_itself_with_its_own_code_and_leaves_no_database_running(alone: DeskFiles) -> None:
    async with bot(alone, "asyncio") as running:
        await close_it(alone)
        running.type("end\n")
        assert await running.ends() == ENDED, running.said
    assert "open, changed: nothing" in running.said
    # Its commands run on its own loop.
    assert "closed on MainThread" in running.said
    assert "Traceback" not in running.said
    assert not alone.postgres_lives()


async def test_a_bot_of_plain_threads_is_killed_and_interrupted_and_started_again(alone: DeskFiles) -> None:
    async with bot(alone, "threads") as running:
        await running.kill()
    # Nobody was there to end it; the next start takes it over.
    assert alone.postgres_lives()
    async with bot(alone, "threads") as running:
        await close_it(alone)
        running.signal(signal.SIGINT)
        # As Python ends whoever does not catch it.
        assert await running.ends() == -signal.SIGINT, running.said
    assert "KeyboardInterrupt" in running.said
    assert not alone.postgres_lives()


async def test_its_crash_is_its_own_and_the_gateway_closes_behind_it(alone: DeskFiles) -> None:
    async with bot(alone, "asyncio") as running:
        running.type("crash\n")
        assert await running.ends() == 1, running.said
    assert "the bot's own mistake" in running.said
    assert not alone.postgres_lives()
