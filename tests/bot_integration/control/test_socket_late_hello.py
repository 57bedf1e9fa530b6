"""A bot that is held up while a gateway connects: what it takes is heard late, and not guessed at before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot_integration.commands import Outcome
from bot_integration.control.errors import NothingSent, WrongBot
from bot_integration.control.socket_line import SocketLine
from bot_integration.control.socket_wire import ACCEPTS, PROTOCOL
from bot_integration.errors import Unreachable
from bot_integration.frames import Frame
from tests.bot_integration.control.alpha import NOW, close
from tests.bot_integration.control.plain_server import STATE, PlainServer
from tests.bot_integration.control.socket_caller import Message

HELLO: Message = {"type": "hello", "bot": "alpha", "protocol": PROTOCOL, "accepts": list(ACCEPTS)}


def done(asked: Message) -> list[Message]:
    result = {"command_id": asked["command"]["id"], "outcome": "done", "message": "Closed.", "finished_at": str(NOW)}
    return [{"type": "command_result", "id": asked["command"]["id"], "result": result}]


@asynccontextmanager
async def held_up(line: SocketLine) -> AsyncIterator[AsyncIterator[Frame]]:
    """The line follows; the bot has said nothing so far."""
    async with asyncio.timeout(30), line, line.follow(None) as frames:
        yield frames


async def test_what_it_takes_is_not_guessed_at(alpha_line: SocketLine, server: PlainServer) -> None:
    async with held_up(alpha_line):
        with pytest.raises(NothingSent, match=r"^it is silent$"):
            await alpha_line.execute(close(), 1)
        with pytest.raises(Unreachable, match=r"^it is silent$"):
            await alpha_line.preview(close())
    assert server.heard == []


async def test_a_hello_that_comes_late_counts(alpha_line: SocketLine, server: PlainServer) -> None:
    async with held_up(alpha_line) as frames:
        server.push(HELLO, STATE)
        await anext(frames)
        reading = asyncio.ensure_future(anext(frames))
        answered = await alpha_line.execute(close(), 30)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert (answered.result.outcome, answered.result.message) == (Outcome.DONE, "Closed.")


async def test_another_bot_is_told_apart_also_when_it_says_hello_late(
    alpha_line: SocketLine, server: PlainServer
) -> None:
    async with held_up(alpha_line) as frames:
        server.push({**HELLO, "bot": "beta"})
        with pytest.raises(WrongBot, match="This is beta, not alpha"):
            await anext(frames)


@pytest.fixture
async def server() -> AsyncIterator[PlainServer]:
    async with PlainServer(answer=done) as server:
        yield server


@pytest.fixture
def alpha_line(server: PlainServer) -> SocketLine:
    return SocketLine("alpha", server.url, None, hello_s=0.05)
