"""The body of a request, whichever way it was encoded."""

import json
from typing import Any

from aiohttp import BodyPartReader, web

from tests.servers.telegram.errors import ApiError, Breach
from tests.servers.telegram.limits import FILE_BYTES
from tests.servers.telegram.parameters import Upload
from tests.servers.telegram.texts import UnlistedText


async def read(request: web.BaseRequest) -> dict[str, Any]:
    """Return the raw parameters: strings, uploads, or JSON values from a JSON body.

    Raises `ApiError` where the body cannot be read or holds more than a bot may send.
    """
    raw: dict[str, Any] = dict(request.query)
    kind = request.content_type
    if kind == "application/json":
        raw.update(await _json(request))
    elif kind == "multipart/form-data":
        raw.update(await _multipart(request))
    elif kind == "application/x-www-form-urlencoded":
        raw.update({name: str(value) for name, value in (await request.post()).items()})
    return raw


async def _json(request: web.BaseRequest) -> dict[str, Any]:
    text = await request.text()
    try:
        body = json.loads(text or "{}")
    except ValueError:
        raise ApiError(400, "Bad Request: can't parse JSON object") from None
    if not isinstance(body, dict):
        raise Breach("the body should be one JSON object")
    return {name: value for name, value in body.items() if value is not None}


async def _multipart(request: web.BaseRequest) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise Breach("the parts of a form should be plain and have names")
        content = bytes(await part.read())
        size += len(content)
        if size > FILE_BYTES:
            raise ApiError(413, UnlistedText.BODY_TOO_LARGE)
        if part.filename is None:
            fields[part.name] = content.decode()
        else:
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            fields[part.name] = Upload(part.filename, mime_type, content)
    return fields
