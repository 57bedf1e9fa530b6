"""Who is let in to a control API, and how whatever goes wrong inside is answered."""

import asyncio
import hmac
import logging
from collections.abc import Mapping

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bot_integration.control import wire
from bot_integration.control.address import is_loopback
from bot_integration.control.seldom import Seldom
from bot_integration.control.wire import ErrorAnswer, ErrorCode
from bot_integration.errors import Refused, Unreachable

log = logging.getLogger(__name__)

BROKE = "The bot broke on this. Its log has the whole story."
#: The header of that name.
SERVER = "quarterdeck"
#: What aiohttp says by itself, in our words.
SAID_BY_AIOHTTP = {
    404: (ErrorCode.NOT_FOUND, "There is nothing at this path."),
    405: (ErrorCode.METHOD_NOT_ALLOWED, "This path does not take this method."),
    413: (ErrorCode.TOO_LARGE, f"The body is larger than {wire.BODY_LIMIT} bytes."),
}


class Declined(Exception):
    """This request is answered with an error."""

    def __init__(self, status: int, code: ErrorCode, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


async def sign(_: web.Request | web.BaseRequest, response: web.StreamResponse) -> None:
    """Say no versions of libraries, as aiohttp does by itself."""
    response.headers[hdrs.SERVER] = SERVER


def error(status: int, code: ErrorCode, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer that is an error."""
    return web.Response(
        status=status,
        body=wire.encode(ErrorAnswer(error=code, message=message)),
        content_type="application/json",
        headers=headers,
    )


def in_our_words(said: web.HTTPException) -> web.Response:
    """An answer of aiohttp's own that is an error."""
    code, message = SAID_BY_AIOHTTP.get(said.status, (ErrorCode.MALFORMED, said.reason))
    allowed = {name: value for name, value in said.headers.items() if name == hdrs.ALLOW}
    return error(said.status, code, message, allowed)


def answer_errors(bot: str) -> Middleware:
    """Answer every error as JSON, and tell nothing of our inside: no traceback, no type."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Declined as declined:
            return error(declined.status, declined.code, str(declined), declined.headers)
        except Refused as refusal:
            return error(409, ErrorCode.REFUSED, str(refusal))
        except Unreachable as away:
            return error(503, ErrorCode.UNREACHABLE, str(away))
        except web.HTTPException as said:
            return in_our_words(said)
        except Exception:
            log.exception("the control API of %s broke on %s %s", bot, request.method, request.path)
            return error(500, ErrorCode.BROKEN, BROKE)

    return middleware


def end_who_does_not_read(within_s: float) -> Middleware:
    """Send the answer, and cut off who has not read it by then: it waits in the bot's memory."""
    seldom = Seldom(log)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        # Who reads a stream is looked after there.
        if not isinstance(response, web.WebSocketResponse):
            try:
                async with asyncio.timeout(within_s):
                    await response.prepare(request)
                    await response.write_eof()
            except TimeoutError:
                message = "%s does not read the answer to %s, and is cut off"
                seldom.warning("unread", message, request.remote, request.path)
                if request.transport is not None:
                    request.transport.abort()
        return response

    return middleware


def demand_token(token: str) -> Middleware:
    """Let in who sends `Authorization: Bearer` with this token."""
    expected = token.encode()
    seldom = Seldom(log)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        # Compared in constant time, whatever was sent, so that the answer's time tells nothing.
        right = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), expected)
        if scheme.lower() != "bearer" or not right:
            seldom.warning("token", "request without the right token from %s", request.remote)
            raise Declined(401, ErrorCode.UNAUTHORIZED, "Send the bot's token as 'Authorization: Bearer TOKEN'.")
        return await handler(request)

    return middleware


def turn_browsers_away() -> Middleware:
    """Without a token, any page that is open on this machine could ask through its browser.

    A browser names the page in `Origin` when it posts, and a name that was bent to this machine (DNS rebinding) in
    `Host` when it reads.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if hdrs.ORIGIN in request.headers or not is_loopback(_host_name(request.host)):
            raise Declined(403, ErrorCode.FORBIDDEN, "Set a token to let browsers and other hosts' names in.")
        return await handler(request)

    return middleware


def demand_name(bot: str) -> Middleware:
    """Take nothing on that was meant for another bot."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        meant = wire.name_from_header(request.headers.get(wire.BOT_HEADER, wire.name_to_header(bot)))
        if meant != bot:
            raise Declined(421, ErrorCode.WRONG_BOT, f"This is {bot}, not {meant}.")
        return await handler(request)

    return middleware


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
