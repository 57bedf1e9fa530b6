"""An address of ours that a platform calls: one path, by POST, bodies within limits. Others who find it learn nothing.

A reverse proxy in front of it does TLS.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from chatops.listening import Listening
from chatops.settings.address import Address

#: Nothing that a platform says in one call comes near it.
LARGEST_BODY = 1024 * 1024
#: How long a stop waits for what is being stored.
FAREWELL_S = 1.0

#: Looks at a call before its body is read; gives the status of one that is refused, None for the others.
Admit = Callable[[web.BaseRequest], HTTPStatus | None]
#: Answers a call with its body.
Take = Callable[[web.BaseRequest, bytes], Awaitable[web.Response]]


def everybody(_: web.BaseRequest) -> None:
    """Refuse nobody before the body is known."""


class CalledHere:
    """Listens from `open` to `close`. A body that has not come within `body_s` is given up."""

    def __init__(self, path: str, take: Take, *, body_s: float, admit: Admit = everybody) -> None:
        self._path = path
        self._take = take
        self._body_s = body_s
        self._admit = admit
        self._listening: Listening | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._listening is not None
        return self._listening.port

    async def open(self, at: Address, setting: str) -> None:
        """Listen. Raises `CannotListen`, which names the `setting` to change."""
        # Nothing that is meant for us is compressed, and what is could be large.
        server = web.Server(self._answer, access_log=None, auto_decompress=False)
        self._listening = await Listening.open(web.ServerRunner(server, shutdown_timeout=FAREWELL_S), at, setting)

    async def close(self) -> None:
        """Listen no more; what is being stored is waited for."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.close()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.rel_url.raw_path != self._path:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        if request.method != "POST":
            return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
        refused = self._admit(request)
        if refused is not None:
            return web.Response(status=refused)
        if (request.content_length or 0) > LARGEST_BODY:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            async with asyncio.timeout(self._body_s):
                body = await _body(request)
        except TimeoutError:
            return web.Response(status=HTTPStatus.REQUEST_TIMEOUT)
        except (HttpProcessingError, web.RequestPayloadError, ConnectionError):
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        if body is None:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return await self._take(request, body)


async def _body(request: web.BaseRequest) -> bytes | None:
    """The body; None where it is too large, whatever its header says."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)
