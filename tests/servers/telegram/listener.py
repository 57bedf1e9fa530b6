"""The HTTP door of the server, which can be shut and opened again on the same port."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from tests.servers.telegram.bodies import read
from tests.servers.telegram.errors import ApiError, Dropped
from tests.servers.telegram.limits import FILE_BYTES
from tests.servers.telegram.texts import Text, UnlistedText

_PATH = re.compile(r"/bot([^/]+)/([^/]+)")
_HOST = "127.0.0.1"
#: A file, and what is said about it.
_BODY_BYTES = FILE_BYTES + 1024 * 1024

Admit = Callable[[str], None]
Run = Callable[[str, Mapping[str, Any]], Awaitable[Any]]


class Listener:
    """Answers in the shape of the Bot API, the HTTP status being the error code."""

    def __init__(self, admit: Admit, run: Run) -> None:
        self._admit = admit
        self._run = run
        self._runner: web.ServerRunner | None = None
        self._port = 0

    @property
    def port(self) -> int:
        if self._port == 0:
            raise RuntimeError("the server has not been started")
        return self._port

    async def open(self) -> None:
        """Listen: on a free port at first, later on the same one."""
        if self._runner is not None:
            return
        # A client that has gone needs no answer: its poll ends with it.
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
        try:
            path = _PATH.fullmatch(request.path)
            if path is None:
                raise ApiError(404, Text.NOT_FOUND)
            self._admit(path[1])
            result = await self._run(path[2], await read(request))
        except ApiError as error:
            return _refusal(error)
        except web.HTTPRequestEntityTooLarge:
            return _refusal(ApiError(413, UnlistedText.BODY_TOO_LARGE))
        except Dropped:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return web.json_response({"ok": True, "result": result})


def _large_request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_BODY_BYTES)


def _refusal(error: ApiError) -> web.Response:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    headers = {}
    if error.parameters:
        body["parameters"] = error.parameters
    if "retry_after" in error.parameters:
        headers["Retry-After"] = str(error.parameters["retry_after"])
    return web.json_response(body, status=error.code, headers=headers)
