"""All who are connected to a control API, until the last of their bytes has left."""

import asyncio
import logging

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from bot_integration.control import door, wire
from bot_integration.control.seldom import Seldom
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.control.wire import ErrorAnswer, ErrorCode

log = logging.getLogger(__name__)

#: Of the path that is asked for, and of a header, in bytes. Two numbers, so that it is known which was too long.
PATH_LIMIT, HEADER_LIMIT = 8_000, 8_192


class Callers:
    """Makes aiohttp's end of each connection, and knows those that are open."""

    def __init__(self, server: web.Server, limits: StreamLimits) -> None:
        """`server` is what aiohttp calls so: what answers a request, once one has come."""
        self._server = server
        self._limits = limits
        self._open: set[asyncio.Transport] = set()
        self._seldom = Seldom(log)
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    def __call__(self) -> asyncio.Protocol:
        """The end of one more connection, as `create_server` asks for it."""
        if len(self._open) >= self._limits.clients + self._limits.others:
            message = "%d are connected to the control API: nobody else is let in"
            self._seldom.warning("connected", message, len(self._open))
            return _TurnedAway()
        return _Caller(self, self._server, self._limits)

    async def close(self) -> None:
        """Wait until what was written has left, not long, and cut off those who do not read it."""
        try:
            async with asyncio.timeout(self._limits.farewell_s):
                await self._is_empty.wait()
        except TimeoutError:
            for transport in self._open:
                transport.abort()
            await self._is_empty.wait()

    def has_come(self, transport: asyncio.Transport) -> None:
        """Somebody is connected."""
        self._open.add(transport)
        self._is_empty.clear()

    def has_gone(self, transport: asyncio.Transport) -> None:
        """Somebody's connection has ended."""
        self._open.discard(transport)
        if not self._open:
            self._is_empty.set()


class _Caller(web.RequestHandler):
    """One connection. What is no request at all is answered as JSON, too."""

    __slots__ = ("_among", "_itself")

    def __init__(self, among: Callers, server: web.Server, limits: StreamLimits) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # aiohttp takes None for none.
            # From one answer, or the beginning, to the end of the next request's head, however it trickles in.
            keepalive_timeout=limits.head_s,
            lingering_time=limits.linger_s,
            max_line_size=PATH_LIMIT,
            max_field_size=HEADER_LIMIT,
            # What is packed is not unpacked: see `routes`.
            auto_decompress=False,
        )
        self._among = among
        self._itself: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._itself = transport
        self._among.has_come(transport)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        # aiohttp lets go of its transport before the last bytes have left it.
        if self._itself is not None:
            self._among.has_gone(self._itself)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read, or broke before anybody of ours saw it."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if status < 500:
            log.info("what came from %s is no request: %s", request.remote, type(exc).__name__)
            response = _unread(exc)
        else:
            log.error("the control API broke on a request", exc_info=exc)
            response = door.error(500, ErrorCode.BROKEN, door.BROKE)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send it; aiohttp answers by itself what it turns away before anybody of ours sees it (`Expect`)."""
        if isinstance(resp, web.HTTPException):
            resp = door.in_our_words(resp)
        if not resp.prepared:
            await door.sign(request, resp)
        return await super().finish_response(request, resp, start_time)


class _TurnedAway(asyncio.Protocol):
    """One connection too many. A bot has only so many files to open, and needs them itself."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        body = wire.encode(ErrorAnswer(error=ErrorCode.TOO_MANY, message="Too many are connected. Try again later."))
        transport.write(
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        transport.close()


def _unread(error: BaseException | None) -> web.Response:
    if isinstance(error, LineTooLong):
        if error.args[1] == PATH_LIMIT:
            return door.error(414, ErrorCode.TOO_LARGE, f"The path is longer than {PATH_LIMIT} bytes.")
        return door.error(431, ErrorCode.TOO_LARGE, f"A header is longer than {HEADER_LIMIT} bytes.")
    return door.error(400, ErrorCode.MALFORMED, "This is no HTTP request that can be read.")
