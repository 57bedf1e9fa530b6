"""What stands behind each path: the Web API, uploads, Socket Mode, answers at a `response_url`."""

from collections.abc import Mapping

from aiohttp import web

from tests.servers.slack.api import Api
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.faults import after_accept, before_accept
from tests.servers.slack.listener import Door, refusal
from tests.servers.slack.responses import Responses
from tests.servers.slack.sockets import Sockets
from tests.servers.slack.tokens import Tokens


class Doors:
    """Reads requests, and writes what the platform answers."""

    def __init__(self, api: Api, tokens: Tokens, sockets: Sockets, responses: Responses) -> None:
        self._api = api
        self._tokens = tokens
        self._sockets = sockets
        self._responses = responses

    def by_name(self) -> Mapping[str, Door]:
        return {
            "api": self.answer_call,
            "upload": self.take_upload,
            "link": self._sockets.answer,
            "respond": self.take_response,
        }

    async def answer_call(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        token = ""
        try:
            given, token = await self._api.read(request, method)
            answer = web.json_response(await self._api.run(method, given, token))
        except ApiError as error:
            answer = refusal(error)
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
