"""The HTTP door of the server, which can be shut and opened again on the same port."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from tests.servers.slack.errors import ApiError, Dropped
from tests.servers.slack.limits import FILE_BYTES

_HOST = "127.0.0.1"
#: A file, and what is said about it.
_BODY_BYTES = FILE_BYTES + 1024 * 1024

#: Answers a request whose path begins with its name; it is given the rest of the path.
Door = Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]]


class Listener:
    """Several doors behind one port: `/api/…`, `/upload/…` and their like."""

    def __init__(self, doors: Mapping[str, Door]) -> None:
        self._doors = doors
        self._runner: web.ServerRunner | None = None
        self._port = 0

    @property
    def port(self) -> int:
        if self._port == 0:
            raise RuntimeError("the server has not been started")
        return self._port

    def address(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://{_HOST}:{self.port}/{path}"

    async def open(self) -> None:
        """Listen: on a free port at first, later on the same one."""
        if self._runner is not None:
            return
        server = web.Server(self._answer, request_factory=_large_request, handler_cancellation=True, access_log=None)
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

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        name, _, rest = request.path.lstrip("/").partition("/")
        door = self._doors.get(name)
        if door is None:
            return web.Response(status=404)
        try:
            return await door(request, rest)
        except ApiError as error:
            return refusal(error)
        except Dropped:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()


def refusal(error: ApiError) -> web.Response:
    """The platform refuses with 200 and a word; a gateway of its own with a page."""
    if error.status >= 400 and error.retry_after is None:
        return web.Response(status=error.status, text=error.error, content_type="text/html")
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return web.json_response(error.body(), status=error.status, headers=headers)


def _large_request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_BODY_BYTES)
