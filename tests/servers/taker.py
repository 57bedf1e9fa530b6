"""A server that takes what channels are told: what came is a list, what it answers a queue."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from chatops.listening import Listening
from chatops.settings.address import Address


@dataclass(frozen=True, slots=True)
class Taken:
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Taker:
    """Answers 200 unless told otherwise; 0 is to hang up without an answer, -1 to hold it until `let_go`."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.taken.append(Taken(request.path, request.headers.copy(), await request.read()))
        status, headers = self.answers.popleft() if self.answers else (200, {})
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        if status == -1:
            await self.let_go.wait()
        return web.Response(status=status if status > 0 else 200, headers=headers)


@asynccontextmanager
async def taker() -> AsyncIterator[Taker]:
    made = Taker()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    listening = await Listening.open(runner, Address("127.0.0.1", 0), "taker")
    made.port = listening.port
    try:
        yield made
    finally:
        made.let_go.set()
        await listening.close()
