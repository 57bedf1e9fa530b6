"""What stands behind each path: the Web API, uploads, Socket Mode, answers at a `response_url`."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.servers.common.faults import after_accept, before_accept
from tests.servers.slack.api import Api
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.limits import FILE_BYTES
from tests.servers.slack.responses import Responses
from tests.servers.slack.sockets import Sockets
from tests.servers.slack.tokens import Tokens

#: A file, and what is said about it.
BODY_BYTES = FILE_BYTES + 1024 * 1024

#: Answers a request whose path begins with its name; it is given the rest of the path.
Door = Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]]


class Doors:
    """Reads requests, and writes what the platform answers."""

    def __init__(self, api: Api, tokens: Tokens, sockets: Sockets, responses: Responses, prefix: str = "") -> None:
        self._api = api
        self._tokens = tokens
        self._responses = responses
        self._doors: dict[str, Door] = {
            f"{prefix}api": self.answer_call,
            "upload": self.take_upload,
            "link": sockets.answer,
            "respond": self.take_response,
        }

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Behind one port there are `/api/…`, `/upload/…` and their like."""
        path = request.path.lstrip("/")
        door = next((name for name in self._doors if path.startswith(f"{name}/") or path == name), None)
        if door is None:
            return web.Response(status=404)
        try:
            return await self._doors[door](request, path[len(door) + 1 :])
        except ApiError as error:
            return _refusal(error)

    async def answer_call(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        token = ""
        try:
            given, token = await self._api.read(request, method)
            answer = web.json_response(await self._api.run(method, given, token))
        except ApiError as error:
            answer = _refusal(error)
        if token in (self._tokens.bot, self._tokens.app):
            answer.headers["X-OAuth-Scopes"] = self._tokens.provided(token)
        return answer

    async def take_upload(self, request: web.BaseRequest, file_id: str) -> web.StreamResponse:
        """The bytes of a file: raw, or as the one file of a form."""
        if request.content_type == "multipart/form-data":
            fields = await request.post()
            content = next((one.file.read() for one in fields.values() if isinstance(one, web.FileField)), b"")
        else:
            content = await request.read()
        await self._api.upload(file_id, content)
        return web.Response(text=f"OK - {len(content)}")

    async def take_response(self, request: web.BaseRequest, key: str) -> web.StreamResponse:
        try:
            said = await request.json()
        except ValueError:
            raise Breach("an answer is JSON") from None

        async def act() -> None:
            fault = self._api.faults.meet("response_url", self._responses.channel_of(key))
            await before_accept(fault)
            self._responses.take(key, said)
            await after_accept(fault)

        await self._api.watched("response_url", said, act)
        return web.Response(text="ok")


def _refusal(error: ApiError) -> web.Response:
    """The platform refuses with 200 and a word; a gateway of its own with a page."""
    if error.status >= 400 and error.retry_after is None:
        return web.Response(status=error.status, text=error.error, content_type="text/html")
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return web.json_response(error.body(), status=error.status, headers=headers)
