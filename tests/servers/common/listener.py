"""The HTTP door of a server, which can be shut and opened again on the same port."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from tests.servers.common.refusal import Dropped

_HOST = "127.0.0.1"

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Listener:
    """Hands every request to `answer`, which may raise `Dropped`. `body_bytes` is the largest body."""

    def __init__(self, answer: Answer, *, body_bytes: int) -> None:
        self._answer = answer
        self._body_bytes = body_bytes
        self._runner: web.ServerRunner | None = None
        self._port = 0

    def address(self, path: str, scheme: str = "http", host: str = _HOST) -> str:
        if self._port == 0:
            raise RuntimeError("the server has not been started")
        return f"{scheme}://{host}:{self._port}/{path}"

    async def open(self) -> None:
        """Listen: on a free port at first, later on the same one."""
        if self._runner is not None:
            return
        # A client that has gone needs no answer: its poll ends with it.
        server = web.Server(self._take, request_factory=self._request, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def shut(self) -> None:
        """Cut every connection and refuse new ones."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in runner.sites:
            await site.stop()
        if runner.server is not None:
            for connection in runner.server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
        await runner.cleanup()

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
