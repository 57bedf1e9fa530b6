"""A control socket that closes: answers go out, and nobody else is waited for."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from bot_integration.control.socket import FAREWELL_S, ControlSocket
from tests.bot_integration.control.alpha import Alpha, facts, now, rebalance
from tests.bot_integration.control.socket_caller import Caller, asked
from tests.own_time import own_time

#: Far less than answers are waited for.
SOON_S = FAREWELL_S / 2


def talkative() -> Alpha:
    """A bot whose state does not fit into what the system keeps for a reader."""
    alpha = Alpha()
    alpha.publish(facts(session={**facts()["session"], "strategy": "x" * 16_000_000}))
    return alpha


@asynccontextmanager
async def lazy_caller(socket: ControlSocket) -> AsyncIterator[Caller]:
    """One that reads nothing but the hello."""
    plug = sockets.socket()
    plug.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    plug.setblocking(False)
    address = urlsplit(socket.url)
    await asyncio.get_running_loop().sock_connect(plug, (address.hostname, address.port))
    reader, writer = await asyncio.open_connection(sock=plug, limit=1024)
    caller = Caller(reader, writer)
    assert (await caller.hear())["type"] == "hello"
    try:
        yield caller
    finally:
        writer.transport.abort()


async def test_who_has_asked_for_nothing_is_not_waited_for() -> None:
    async with AsyncExitStack() as serving:
        socket = await serving.enter_async_context(ControlSocket(talkative(), "127.0.0.1:0", now=now))
        async with lazy_caller(socket), own_time(), asyncio.timeout(SOON_S):
            await serving.aclose()


async def test_who_leaves_while_it_closes_is_not_waited_for() -> None:
    alpha = talkative()
    async with AsyncExitStack() as serving:
        socket = await serving.enter_async_context(ControlSocket(alpha, "127.0.0.1:0", now=now))
        async with lazy_caller(socket) as caller:
            caller.send(asked(rebalance()))
            await alpha.rebalancing.wait()
            alpha.may_rebalance.set()
            closing = asyncio.create_task(serving.aclose())
            # It has not read its answer: that is waited for.
            await asyncio.wait([closing], timeout=0.2)
            assert not closing.done()
            caller.writer.transport.abort()
            async with own_time(), asyncio.timeout(SOON_S):
                await closing
