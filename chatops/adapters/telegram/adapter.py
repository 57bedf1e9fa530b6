"""Telegram as one of the platforms: shows messages, and hands over what people write and press."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from telegram.error import TelegramError

from chatops.adapters.base import Receive, SendError
from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.errors import is_unchanged, is_uneditable, reason, send_error
from chatops.adapters.telegram.inbound import PLATFORM, Me, Nothing, Unreadable, Update, query_id, read
from chatops.adapters.telegram.link import Link
from chatops.adapters.telegram.menu import publish
from chatops.adapters.telegram.own_tasks import OwnTasks
from chatops.adapters.telegram.polling import Polling
from chatops.adapters.telegram.render import render
from chatops.adapters.telegram.request import AiohttpRequest
from chatops.messages import Posting, Receipt, Room
from chatops.people import Directory
from chatops.storage.errors import StorageError
from chatops.storage.inbox import Inbox

log = logging.getLogger(__name__)

BASE_URL = "https://api.telegram.org/bot"
#: How many updates are handled at one moment.
AT_ONCE = 64
#: The topic that every forum has; it is written to without its id (contract, semantics.groups.topics).
GENERAL_TOPIC = "1"


class TelegramAdapter:
    """An `Adapter`, from `start` to `close`.

    Telegram may be away when it starts, and for as long as it likes: `state` tells. `base_url` is followed by the
    token directly. `now` gives aware moments, `jitter` 0 to 1. A press that may have waited for longer than
    `stale_after` while nobody polled has no time. An empty poll is answered after `wait_s`.
    """

    def __init__(
        self,
        token: str,
        inbox: Inbox,
        directory: Directory,
        *,
        now: Callable[[], datetime],
        base_url: str = BASE_URL,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        stale_after: timedelta = timedelta(seconds=60),
        wait_s: int = 25,
    ) -> None:
        self._inbox = inbox
        self._directory = directory
        self._request = AiohttpRequest()
        self._api = BotApi(self._request, base_url, token)
        self._me = Me(int(token.partition(":")[0]))
        self._tasks = OwnTasks(AT_ONCE)
        self._receive: Receive | None = None
        self._polling = Polling(
            self._api,
            inbox,
            seen=self._answer_press,
            hand_on=self._hand_on,
            before_poll=self._learn_name,
            now=now,
            sleep=sleep,
            jitter=jitter,
            stale_after=stale_after,
            wait_s=wait_s,
        )

    @property
    def platform(self) -> str:
        """As rooms and identities name it."""
        return PLATFORM

    @property
    def state(self) -> Link:
        """Whether Telegram answers our polls, since when, and if not why."""
        return self._polling.link

    async def start(self, receive: Receive) -> None:
        """Begin to hand over to `receive`: first what was stored and not handled, then what comes. Returns at once."""
        self._receive = receive
        await self._request.initialize()
        self._tasks.begin("polling", self._polling.run)

    async def close(self) -> None:
        """Stop asking, cancel what is being handled, close the connections. What was not handled is stored."""
        await self._tasks.close()
        await self._request.shutdown()

    async def send(self, room: Room, posting: Posting) -> str:
        """Show a new message; gives its id. Raises `SendError`, whose cause is the library's own error."""
        try:
            shown = await self._api.call("sendMessage", _parameters(room, posting))
        except TelegramError as error:
            raise send_error(error) from error
        try:
            return str(shown["message_id"])
        except (KeyError, TypeError) as error:
            raise SendError("Telegram took a message without telling its id", permanent=True) from error

    async def edit(self, room: Room, message_id: str, posting: Posting) -> str:
        """Make a message say this, or show it anew where it cannot be edited; gives its id. Raises `SendError`."""
        parameters = _parameters(room, posting)
        # A message is in its topic already, and edits make no sound.
        parameters.pop("message_thread_id", None)
        parameters.pop("disable_notification", None)
        try:
            await self._api.call("editMessageText", {**parameters, "message_id": _integer(message_id, "a message")})
        except TelegramError as error:
            if is_uneditable(error):
                return await self.send(room, posting)
            if not is_unchanged(error):
                raise send_error(error) from error
        return message_id

    async def _learn_name(self) -> None:
        """Ask for our own name until it is known; groups need it. With it the menus are set."""
        if self._me.username is not None:
            return
        try:
            told = await self._api.call("getMe", {})
        except TelegramError as error:
            log.info("telegram: own name not learned yet: %s", reason(error))
            return
        name = told.get("username") if isinstance(told, dict) else None
        if isinstance(name, str):
            self._me = Me(self._me.id, name)
            self._tasks.begin("setting the menus", partial(publish, self._api, self._directory.people))

    def _answer_press(self, update: Update) -> None:
        """End the waiting that a client shows on a button, whatever comes of the press."""
        found = query_id(update)
        if found is not None:
            self._tasks.begin("answering a press", partial(self._answer, found))

    async def _answer(self, query: str) -> None:
        try:
            await self._api.call("answerCallbackQuery", {"callback_query_id": query})
        except TelegramError as error:
            # Too late, or answered before: the press itself is handled all the same.
            log.info("telegram: press %s not answered: %s", query, reason(error))

    async def _hand_on(self, update: Update, receipt: Receipt, pressed_at: datetime | None) -> None:
        await self._tasks.begin_when_free("handling an update", partial(self._handle, update, receipt, pressed_at))

    async def _handle(self, update: Update, receipt: Receipt, pressed_at: datetime | None) -> None:
        assert self._receive is not None
        try:
            incoming = read(update, self._me, pressed_at, receipt)
        except Unreadable as error:
            log.warning("telegram: stored update %s cannot be read: %s", receipt.inbox_id, error)
            await self._pass_over(receipt, f"cannot be read: {error}")
            return
        if isinstance(incoming, Nothing):
            log.info("telegram: stored update %s asks nothing: %s", receipt.inbox_id, incoming.reason)
            await self._pass_over(receipt, incoming.reason)
            return
        await self._receive(incoming)

    async def _pass_over(self, receipt: Receipt, note: str) -> None:
        try:
            await self._inbox.done(receipt, note)
        except StorageError as error:
            # It is passed over once more after a restart.
            log.warning("telegram: stored update %s not marked: %s", receipt.inbox_id, error)


def _parameters(room: Room, posting: Posting) -> dict[str, Any]:
    rendered = render(posting)
    parameters: dict[str, Any] = {
        "chat_id": _integer(room.id, "a chat"),
        "text": rendered.text,
        "entities": rendered.entities,
        "link_preview_options": {"is_disabled": True},
    }
    if room.topic and room.topic != GENERAL_TOPIC:
        parameters["message_thread_id"] = _integer(room.topic, "a topic")
    if posting.message.silent:
        parameters["disable_notification"] = True
    if rendered.keyboard:
        parameters["reply_markup"] = {"inline_keyboard": rendered.keyboard}
    return parameters


def _integer(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise SendError(f"“{text}” is no id of {what} on Telegram", permanent=True) from error
