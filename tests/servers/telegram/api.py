"""One call of the Bot API, from its method and raw parameters to its result."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from tests.servers.common.calls import CallLog
from tests.servers.common.faults import Faults, after_accept, before_accept
from tests.servers.common.refusal import Dropped
from tests.servers.telegram import asking, changing, sending
from tests.servers.telegram.calls import Call
from tests.servers.telegram.errors import ApiError, Breach
from tests.servers.telegram.methods import METHODS
from tests.servers.telegram.parameters import check
from tests.servers.telegram.rates import COUNTED_METHODS, RateLimits
from tests.servers.telegram.texts import Text, UnlistedText
from tests.servers.telegram.webhook import Webhook
from tests.servers.telegram.world import World

Handler = Callable[[World, Mapping[str, Any]], Any]

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_HANDLERS: Mapping[str, Handler] = {
    "getMe": asking.get_me,
    "getChat": asking.get_chat,
    "getChatMember": asking.get_chat_member,
    "answerCallbackQuery": asking.answer_callback_query,
    "setMyCommands": asking.set_my_commands,
    "getMyCommands": asking.get_my_commands,
    "deleteMyCommands": asking.delete_my_commands,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": changing.edit_message_text,
    "editMessageCaption": changing.edit_message_caption,
    "editMessageMedia": changing.edit_message_media,
    "editMessageReplyMarkup": changing.edit_message_reply_markup,
    "deleteMessage": changing.delete_message,
    "pinChatMessage": changing.pin_chat_message,
    "unpinChatMessage": changing.unpin_chat_message,
    "setMessageReaction": changing.set_message_reaction,
}


class Api:
    """Checks the token, the parameters, the orders for faults and the rates; then acts."""

    def __init__(
        self, token: str, world: World, rates: RateLimits | None, retry_s: float, swallowed: Collection[str] = ()
    ) -> None:
        if not _TOKEN.fullmatch(token):
            raise ValueError("a token reads 123456:letters-and-digits")
        self.token: str | None = token
        self.is_logged_out = False
        self.log = CallLog(Call)
        self.faults = Faults()
        self.webhook = Webhook(world.around.updates, world.around.now, self.run, retry_s, world.around.changed)
        self._world = world
        self._rates = rates
        self._swallowed = swallowed

    def admit(self, token: str) -> None:
        """Raise `ApiError` where a call comes with a token that is not the bot's."""
        if not _TOKEN.fullmatch(token):
            raise ApiError(404, Text.NOT_FOUND)
        if token != self.token:
            raise ApiError(401, Text.UNAUTHORIZED)
        if self.is_logged_out:
            raise ApiError(400, UnlistedText.LOGGED_OUT)

    async def run(self, method: str, raw: Mapping[str, Any]) -> Any:
        """The result of one call; raises `ApiError`, or `Dropped` where none is given."""
        call = self.log.begin(method, raw)
        self._world.around.changed.ring()
        status = 0
        try:
            result = await self._run(method, raw)
            status = 200
        except ApiError as error:
            status = error.code
            if isinstance(error, Breach):
                self.log.breach(method, error.reason, raw)
            raise
        finally:
            self.log.finish(call, status)
            self._world.around.changed.ring()
        return result

    async def _run(self, method: str, raw: Mapping[str, Any]) -> Any:
        if method not in METHODS:
            self.log.breach(method, "this server has no such method", raw)
            raise ApiError(404, Text.METHOD_NOT_FOUND)
        given = check(method, {name: value for name, value in raw.items() if name not in self._swallowed})
        fault = self.faults.meet(method, given.get("chat_id"))
        await before_accept(fault)
        self._limit(method, given)
        result = await self._act(method, given)
        self._world.around.changed.ring()
        await after_accept(fault)
        return result

    def _limit(self, method: str, given: Mapping[str, Any]) -> None:
        if self._rates is not None and method in COUNTED_METHODS and "chat_id" in given:
            chat = self._world.find(given["chat_id"])
            self._rates.check(chat.id, chat.kind in ("group", "supergroup"))

    async def _act(self, method: str, given: Mapping[str, Any]) -> Any:
        match method:
            case "getUpdates":
                return await self._get_updates(given)
            case "setWebhook":
                return self.webhook.set(given)
            case "deleteWebhook":
                return self.webhook.delete(given)
            case "getWebhookInfo":
                return self.webhook.info()
            case "logOut":
                self.is_logged_out = True
                return True
            case "close":
                self._world.around.updates.end_poll(Dropped())
                return True
            case _:
                return _HANDLERS[method](self._world, given)

    async def _get_updates(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        if self.webhook.hook is not None:
            raise ApiError(409, Text.WEBHOOK_ACTIVE)
        updates = self._world.around.updates
        if "allowed_updates" in given:
            updates.allow(given["allowed_updates"])
        return await updates.poll(
            offset=given.get("offset", 0),
            limit=given.get("limit", 100),
            timeout_s=given.get("timeout", 0),
        )
