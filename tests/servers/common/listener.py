"""The HTTP door of a server, which can be shut and opened again on the same port."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from bot_integration.control.accepting import stop_accepting
from tests.kept_port import HOST, bound, kept_port
from tests.servers.common.refusal import Dropped

#: What is still answered when all is cut has no longer; 0 would be no limit.
_END_S = 0.01

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Listener:
    """Hands every request to `answer`, which may raise `Dropped`. `body_bytes` is the largest body."""

    def __init__(self, answer: Answer, *, body_bytes: int) -> None:
        self._answer = answer
        self._body_bytes = body_bytes
        self._runner: web.ServerRunner | None = None
        self._kept = ExitStack()
        self._port = 0
        self._accepting: asyncio.Server | None = None

    def address(self, path: str, scheme: str = "http", host: str = HOST) -> str:
        if self._port == 0:
            raise RuntimeError("the server has not been started")
        return f"{scheme}://{host}:{self._port}/{path}"

    async def open(self) -> None:
        """Listen: on a free port at first, later on the same one."""
        if self._runner is not None:
            return
        if self._port == 0:
            self._port = self._kept.enter_context(kept_port())
        # A client that has gone needs no answer: its poll ends with it.
        server = web.Server(self._take, request_factory=self._request, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=_END_S)
        await self._runner.setup()
        assert self._runner.server is not None
        self._accepting = await asyncio.get_running_loop().create_server(self._runner.server, sock=bound(self._port))

    async def shut(self) -> None:
        """Cut every connection and refuse new ones."""
        runner, self._runner = self._runner, None
        if runner is None or runner.server is None or self._accepting is None:
            return
        # Who is being accepted at this moment is cut as all others are.
        await stop_accepting(self._accepting)
        for connection in runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await runner.cleanup()

    async def close(self) -> None:
        """Shut for good: the port is anybody's again."""
        await self.shut()
        self._kept.close()

    async def _take(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._answer(request)
        except Dropped:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()

    def _request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: "asyncio.Task[None]",
    ) -> web.BaseRequest:
        loop = asyncio.get_running_loop()
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=self._body_bytes)
