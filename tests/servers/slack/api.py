"""One call of the Web API, from its method and raw arguments to its answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web

from tests.servers.common.faults import Faults, after_accept, before_accept
from tests.servers.slack import asking, marking, posting, uploading, viewing
from tests.servers.slack.arguments import check
from tests.servers.slack.bodies import read
from tests.servers.slack.calls import CallLog
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.methods import COMMON_ERRORS, METHODS
from tests.servers.slack.rates import RateLimits
from tests.servers.slack.world import World

T = TypeVar("T")
Handler = Callable[[World, Mapping[str, Any]], dict[str, Any]]

_HANDLERS: Mapping[str, Handler] = {
    "auth.test": asking.auth_test,
    "chat.update": posting.update,
    "chat.delete": posting.delete,
    "chat.postEphemeral": posting.post_ephemeral,
    "chat.getPermalink": posting.get_permalink,
    "conversations.info": asking.conversations_info,
    "conversations.members": asking.conversations_members,
    "conversations.history": asking.conversations_history,
    "conversations.replies": asking.conversations_replies,
    "conversations.open": asking.conversations_open,
    "pins.add": marking.add_pin,
    "pins.remove": marking.remove_pin,
    "pins.list": marking.list_pins,
    "reactions.add": marking.add_reaction,
    "reactions.remove": marking.remove_reaction,
    "users.info": asking.users_info,
    "views.open": viewing.open_view,
    "views.push": viewing.push_view,
    "views.update": viewing.update_view,
    "views.publish": viewing.publish_view,
    "files.completeUploadExternal": uploading.complete_upload,
    "files.delete": uploading.delete_file,
}


class Api:
    """Checks the token, the arguments, the orders for faults and the rates; then acts."""

    def __init__(
        self,
        world: World,
        log: CallLog,
        rates: RateLimits | None,
        *,
        upload_address: Callable[[str], str],
        open_connection: Callable[[], str],
        posted: Callable[[str, str], None],
    ) -> None:
        self.log = log
        self.faults = Faults()
        self._world = world
        self._rates = rates
        self._upload_address = upload_address
        self._open_connection = open_connection
        #: Is told the channel and the ts of what the app has posted.
        self._posted = posted

    async def read(self, request: web.BaseRequest, method: str) -> tuple[dict[str, Any], str]:
        """The raw arguments and the token of a request."""
        try:
            return await read(request, method)
        except Breach as error:
            self.log.breach(method, error.reason)
            raise

    async def run(self, method: str, raw: Mapping[str, Any], token: str) -> dict[str, Any]:
        """The answer to one call; raises `ApiError`, or `Dropped` where none is given."""
        return await self.watched(method, raw, lambda: self._run(method, raw, token))

    async def watched(self, method: str, raw: Mapping[str, Any], act: Callable[[], Awaitable[T]]) -> T:
        """Await `act()` as one call: it is listed with what became of it, and a breach is recorded."""
        call = self.log.begin(method, raw)
        self._world.changed.ring()
        status, refused = 0, ""
        try:
            result = await act()
            status = 200
        except ApiError as error:
            status, refused = error.status, error.error
            if isinstance(error, Breach):
                self.log.breach(method, error.reason, raw)
            raise
        finally:
            self.log.finish(call, status, refused)
            self._world.changed.ring()
        return result

    async def upload(self, file_id: str, content: bytes) -> None:
        """Take the bytes of a file, as the call `upload`."""

        async def act() -> None:
            fault = self.faults.meet("upload", None)
            await before_accept(fault)
            self._world.files.take(file_id, content)
            await after_accept(fault)

        await self.watched("upload", {"file_id": file_id, "bytes": len(content)}, act)

    async def _run(self, method: str, raw: Mapping[str, Any], token: str) -> dict[str, Any]:
        table = METHODS.get(method)
        if table is None:
            raise Breach("this server has no such method", "unknown_method")
        channel_id = _channel_id(raw)
        known = self._world.channels.get(channel_id or "")
        self._world.tokens.admit(token, table, known.kind if known else None)
        fault = self.faults.meet(method, channel_id)
        await before_accept(fault)
        if self._rates is not None:
            self._rates.check(method, table.tier, channel_id)
        try:
            result = self._act(method, check(method, raw))
        except ApiError as error:
            if error.error not in table.errors | COMMON_ERRORS:
                raise RuntimeError(f"by its table {method} never answers {error.error}") from error
            raise
        self._world.changed.ring()
        await after_accept(fault)
        return {"ok": True, **result}

    def _act(self, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
        match method:
            case "files.getUploadURLExternal":
                return uploading.get_upload_url(self._world, given, self._upload_address)
            case "apps.connections.open":
                return {"url": self._open_connection()}
            case "chat.postMessage":
                answer = posting.post_message(self._world, given)
                self._posted(answer["channel"], answer["ts"])
                return answer
            case _:
                return _HANDLERS[method](self._world, given)


def _channel_id(raw: Mapping[str, Any]) -> str | None:
    found = raw.get("channel", raw.get("channel_id"))
    return found if isinstance(found, str) else None
