"""What the tests of a control API say and hear over HTTP."""

from typing import Any

from aiohttp import ClientResponse

TOKEN = "quarterdeck-test-token"


async def said(response: ClientResponse) -> tuple[int, Any]:
    async with response:
        assert response.content_type == "application/json"
        return response.status, await response.json()


def error(code: str, message: str) -> dict[str, str]:
    return {"error": code, "message": message}
