"""The arguments of a request, whichever way they were encoded, and the token that came with them."""

import json
from typing import Any

from aiohttp import web

from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.methods import METHODS

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def read(request: web.BaseRequest, method: str) -> tuple[dict[str, Any], str]:
    """The raw arguments and the token; raises `ApiError` where the platform could not read them."""
    given: dict[str, Any] = dict(request.query)
    body = await request.read() if request.method == "POST" else b""
    is_json = request.content_type == "application/json"
    if body:
        if is_json:
            given |= _json(body, method)
        elif request.content_type in _FORMS:
            given |= {name: str(value) for name, value in (await request.post()).items()}
        else:
            raise ApiError("invalid_post_type" if "Content-Type" in request.headers else "missing_post_type")
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
    if "token" in given:
        if method == "apps.connections.open" or is_json:
            raise Breach("the token goes into the header, nowhere else", "invalid_auth")
        token = token or str(given.pop("token"))
    return given, token


def _json(body: bytes, method: str) -> dict[str, Any]:
    if method in METHODS and not METHODS[method].takes_json:
        raise Breach(f"{method} reads no JSON: send a form or a query")
    try:
        value = json.loads(body)
    except ValueError:
        raise Breach("the body is no JSON") from None
    if not isinstance(value, dict):
        raise Breach("the body should be an object")
    return value
