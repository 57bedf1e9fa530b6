"""The one door of the server: the path of a request is a token and a method."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from tests.servers.telegram.bodies import read
from tests.servers.telegram.errors import ApiError
from tests.servers.telegram.limits import FILE_BYTES
from tests.servers.telegram.texts import Text, UnlistedText

#: A file, and what is said about it.
BODY_BYTES = FILE_BYTES + 1024 * 1024
_PATH = re.compile(r"/bot([^/]+)/([^/]+)")

Admit = Callable[[str], None]
Run = Callable[[str, Mapping[str, Any]], Awaitable[Any]]


class Door:
    """Answers in the shape of the Bot API, the HTTP status being the error code."""

    def __init__(self, admit: Admit, run: Run) -> None:
        self._admit = admit
        self._run = run

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
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
        return web.json_response({"ok": True, "result": result})


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
