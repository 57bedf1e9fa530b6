"""The examples in plain standard library, run as they stand there: as processes of their own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot_integration.bot import Bot
from bot_integration.commands import KillSwitch, Outcome, SetParameter
from bot_integration.control import RemoteBot
from bot_integration.control.socket import ControlSocket
from bot_integration.state import Snapshot
from tests.bot_integration.control.alpha import Alpha, close, facts, line, position
from tests.bot_integration.control.socket_caller import Caller
from tests.kept_port import kept_port

EXAMPLES = Path(__file__).parents[3] / "deploy" / "examples"


@asynccontextmanager
async def running(name: str, *arguments: str, token: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    """Isolated from what is installed: the standard library alone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-S",
        str(EXAMPLES / name),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"QUARTERDECK_TOKEN": token},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def shown(bot: Bot, equity_moved_from: float | None = None) -> Snapshot:
    async with asyncio.timeout(60), bot.follow() as events:
        while (snapshot := bot.snapshot()) is None or float(snapshot.portfolio.equity) == equity_moved_from:
            await anext(events)
    return snapshot


def order() -> dict[str, Any]:
    return {"id": uuid4(), "by": "ada", "not_after": datetime.now(UTC) + timedelta(seconds=30)}


@pytest.fixture
def port() -> Iterator[str]:
    with kept_port() as port:
        yield str(port)


async def test_a_plain_bot_is_watched_and_commanded(port: str) -> None:
    async with running("plain_bot.py", port), RemoteBot("plain", f"tcp://127.0.0.1:{port}") as bot:
        first = await shown(bot)
        larger = await bot.execute(SetParameter(**order(), key="order_usd", value=300))
        later = await shown(bot, equity_moved_from=float(first.portfolio.equity))
        wrong = await bot.execute(SetParameter(**order(), key="venue", value="drift"))
        killed = await bot.execute(KillSwitch(**order()))
        after = bot.snapshot()
        closed = await bot.execute(close().model_copy(update=order()))
        recalled = await bot.recall(killed.command_id)
    assert (first.bot, first.session.strategy, first.session.mode) == ("plain", "plain", "paper")
    assert (larger.outcome, larger.message) == (Outcome.DONE, "order_usd is 300 now, it was 250.0.")
    assert (later.session_id, later.seq > first.seq, later.at >= first.at) == (first.session_id, True, True)
    assert wrong.outcome is Outcome.REFUSED
    assert wrong.message == "venue stays: order_usd alone may change, to less than 10000."
    assert (killed.outcome, killed.message) == (Outcome.DONE, "The kill switch is on.")
    assert after is not None
    assert after.session.pause.kill_switch is True
    assert recalled == killed
    assert (closed.outcome, closed.message) == (
        Outcome.REFUSED,
        "plain does not know how to close position: its control socket takes parameters and the kill switch alone.",
    )


async def test_a_page_in_a_browser_does_not_command_a_plain_bot(port: str) -> None:
    async with running("plain_bot.py", port), RemoteBot("plain", f"tcp://127.0.0.1:{port}") as bot:
        await shown(bot)
        async with Caller.to(f"tcp://127.0.0.1:{port}") as page:
            page.send(b"POST / HTTP/1.1\r\n", {"type": "kill_switch", "activate": True})
            assert {one["type"] for one in await page.rest()} <= {"state"}
        ping = await bot.execute(SetParameter(**order(), key="order_usd", value=100))
        snapshot = bot.snapshot()
    assert ping.outcome is Outcome.DONE
    assert snapshot is not None
    assert snapshot.session.pause.kill_switch is False


async def test_a_plain_bot_does_nothing_that_comes_too_late_and_says_what_it_does_not_know(port: str) -> None:
    late = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    async with running("plain_bot.py", port), RemoteBot("plain", f"tcp://127.0.0.1:{port}") as bot:
        await shown(bot)
        async with Caller.to(f"tcp://127.0.0.1:{port}") as caller:
            caller.send(
                {"type": "kill_switch", "activate": True, "id": "1", "not_after": late},
                {"type": "recall", "id": "2"},
                {"type": "kill_switch", "activate": False},
            )
            too_late = await caller.hear_of("kill_switch_ack")
            unknown = await caller.hear_of("error")
            in_time = await caller.hear_of("kill_switch_ack")
    assert (too_late["ok"], too_late["error"]) == (False, "This came too late to be started. Nothing was done.")
    assert (unknown["to"], unknown["id"], unknown["message"]) == ("recall", "2", "recall is not known here.")
    assert (in_time["ok"], in_time["active"]) == (True, False)


async def test_a_plain_bot_that_is_started_anew_is_another_run(port: str) -> None:
    async with RemoteBot("plain", f"tcp://127.0.0.1:{port}") as bot:
        async with running("plain_bot.py", port):
            first = await shown(bot)
        async with running("plain_bot.py", port), asyncio.timeout(60), bot.follow() as events:
            while (second := bot.snapshot()) is None or second.session_id == first.session_id:
                await anext(events)
    assert second.session.started_at > first.session.started_at


@pytest.mark.parametrize("token", ["", "a token of both ends"])
async def test_a_plain_script_watches_a_bot_and_sends_one_command(token: str) -> None:
    alpha = Alpha()
    alpha.publish(facts())
    async with AsyncExitStack() as stack:
        async with ControlSocket(alpha, "127.0.0.1:0", token or None) as socket, asyncio.timeout(60):
            script = await stack.enter_async_context(
                running("watch_socket.py", socket.url.removeprefix("tcp://"), token=token)
            )
            assert script.stdout is not None
            assert script.stderr is not None
            told = b""
            while b"done: Here." not in told:
                told += await script.stdout.readuntil()
            alpha.publish(facts(timeline=[line("something else")]))
            alpha.publish(
                facts(
                    position("sol", stage="closing"),
                    position("eth"),
                    portfolio={"equity": 9},
                    timeline=[line("a new line"), line("something else")],
                )
            )
            told += await script.stdout.readuntil()
            told += await script.stdout.readuntil()
        # The bot has stopped, and so the script ends.
        errors, status = await script.stderr.read(), await script.wait()
    lines = told.decode().splitlines()
    assert not any(one.startswith("timeline") for one in lines)
    assert any(one.startswith('{"type": "hello", "bot": "alpha"') for one in lines[:2])
    assert lines[-2:] == ["portfolio.equity: 10000.25 -> 9.0", "positions.sol.stage: open -> closing"]
    assert (status, errors) == (0, b"")


@pytest.mark.parametrize("name", ["plain_bot.py", "watch_socket.py"])
def test_they_are_under_fifty_lines_of_the_standard_library(name: str) -> None:
    lines = (EXAMPLES / name).read_text().splitlines()
    modules = {one.split()[1] for one in lines if one.startswith(("import ", "from "))}
    assert len(lines) < 50
    assert modules <= sys.stdlib_module_names
