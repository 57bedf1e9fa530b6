"""Telegram as one of the platforms: shows messages, and hands over what people write and press."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from telegram.error import TelegramError

from chatops.adapters.base import Ability, Pace, Receive
from chatops.adapters.hearing import OnTrouble
from chatops.adapters.own_tasks import OwnTasks
from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.credential import Credential, Reread
from chatops.adapters.telegram.errors import reason
from chatops.adapters.telegram.inbound import PLATFORM, Me, Nothing, Unreadable, Update, query_id, read
from chatops.adapters.telegram.intake import Intake, OnlyReads, Way
from chatops.adapters.telegram.line import Line
from chatops.adapters.telegram.menu import Menus
from chatops.adapters.telegram.outbound import Outbound
from chatops.adapters.telegram.polling import Polling
from chatops.adapters.telegram.render import parts
from chatops.adapters.telegram.request import AiohttpRequest
from chatops.adapters.telegram.webhook import Webhook, WebhookAt
from chatops.guard.permissions import Permissions
from chatops.link import Link
from chatops.messages import Posting, Receipt
from chatops.people import Directory, Identity
from chatops.room import Room
from chatops.storage.errors import StorageError
from chatops.storage.inbox import Inbox
from chatops.words import OURS, Words

log = logging.getLogger(__name__)

BASE_URL = "https://api.telegram.org/bot"
#: How many updates are handled at one moment.
AT_ONCE = 64
#: Contract, limits.rate_*. Of bursts Telegram says only that short ones may pass.
PACE = Pace(overall_per_s=30, per_chat_per_s=1.0, burst=3, per_group_per_min=20)


class TelegramAdapter:
    """An `Adapter`, from `start` to `close`.

    Telegram may be away when it starts, and for as long as it likes: `state` tells. `base_url` is followed by the
    token directly. `now` gives aware moments, `jitter` 0 to 1. A press that may have waited for longer than
    `stale_after` while nobody listened has no time. With `webhook` Telegram calls; without it is polled, and an empty
    poll is answered after `wait_s`. Menus are set for the people of the directory and in `rooms`. `reread` gives the
    token anew once Telegram refuses it. `on_trouble` is told why nobody is heard where a person has to mend it, and
    None when that is over; `on_back` is called each time that Telegram answers after it did not. A text that
    `only_reads` may be handled before it is stored: whoever records its ask stores it. Menus offer what `words` gives;
    when that is something else, `look_at_menus`.
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
        webhook: WebhookAt | None = None,
        rooms: Iterable[Room] = (),
        permissions: Permissions | None = None,
        reread: Reread | None = None,
        on_trouble: OnTrouble | None = None,
        on_back: Callable[[], None] | None = None,
        only_reads: OnlyReads = lambda text: False,
        words: Callable[[], Words] = lambda: OURS,
    ) -> None:
        self._inbox = inbox
        self._directory = directory
        self._request = AiohttpRequest()
        self._api = BotApi(self._request, base_url, token)
        self._outbound = Outbound(self._api)
        credential = Credential(self._api, token, reread)
        self._me = Me(credential.bot_id)
        self._menus = Menus(self._api, rooms, permissions or Permissions(), sleep, words)
        self._tasks = OwnTasks(AT_ONCE)
        self._receive: Receive | None = None
        intake = Intake(inbox, seen=self._answer_press, hand_on=self._hand_on, only_reads=only_reads)
        line = Line(now=now, sleep=sleep, jitter=jitter, renew=credential.renew, on_trouble=on_trouble, on_back=on_back)
        self._way: Way
        if webhook is None:
            self._way = Polling(
                self._api,
                intake,
                line,
                before_poll=self._learn_name,
                now=now,
                stale_after=stale_after,
                wait_s=wait_s,
            )
        else:
            self._way = Webhook(
                self._api,
                intake,
                line,
                webhook,
                before_look=self._learn_name,
                now=now,
                sleep=sleep,
                stale_after=stale_after,
            )

    @property
    def platform(self) -> str:
        """As rooms and identities name it."""
        return PLATFORM

    @property
    def pace(self) -> Pace:
        """What Telegram's own pages allow."""
        return PACE

    @property
    def state(self) -> Link:
        """Whether what people say reaches us, since when, and if not why."""
        return self._way.link

    async def start(self, receive: Receive) -> None:
        """Begin to hand over to `receive`: first what was stored and not handled, then what comes. Returns at once.

        Raises `CannotListen` where the address of the webhook cannot be had.
        """
        self._receive = receive
        self._directory.watch(self._menus.look)
        await self._way.open()
        await self._request.initialize()
        self._tasks.begin("listening to telegram", self._way.run)

    async def close(self) -> None:
        """Stop asking, cancel what is being handled, close the connections. What was not handled is stored."""
        await self._way.close()
        await self._tasks.close()
        await self._request.shutdown()

    @property
    def abilities(self) -> frozenset[Ability]:
        """None of them."""
        return frozenset()

    def is_group(self, chat: str) -> bool:
        """Whether it is a group or a channel: Telegram gives these negative ids."""
        return chat.startswith("-")

    def direct(self, identity: Identity) -> Room:
        """A private chat has the id of its person."""
        return Room(PLATFORM, identity.id)

    def is_private(self, chat: str) -> bool:
        """Whatever is no group."""
        return not self.is_group(chat)

    def invitation(self, code: str) -> str | None:
        """A deep link, once our own name is known (core.telegram.org/bots/features#deep-linking)."""
        if self._me.username is None:
            return None
        return f"https://t.me/{self._me.username}" + (f"?start={code}" if code else "")

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        """The posting in pieces that Telegram takes, with room for a mark."""
        return parts(posting)

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Show a new message; gives its id. Raises `SendError`."""
        return await self._outbound.send(room, posting, reply_to=reply_to, plain=plain)

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        """Make a message say this; gives its id. Raises `SendError`."""
        return await self._outbound.edit(room, message_id, posting, plain=plain)

    async def probe(self) -> None:
        """Ask Telegram whether it takes our token. Raises `SendError`."""
        await self._outbound.probe()

    async def pin(self, room: Room, message_id: str) -> None:
        """Keep a message in sight. Raises `SendError`."""
        await self._outbound.pin(room, message_id)

    async def unpin(self, room: Room, message_id: str) -> None:
        """Let it go. Raises `SendError`."""
        await self._outbound.unpin(room, message_id)

    async def delete(self, room: Room, message_id: str) -> None:
        """Take a message of ours away, within 48 hours. Raises `SendError`."""
        await self._outbound.delete(room, message_id)

    def look_at_menus(self) -> None:
        """There are other words now."""
        self._menus.look()

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
            self._tasks.begin("setting the menus", partial(self._menus.run, lambda: self._directory.people))

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
            log.warning("telegram: update of ask %s cannot be read: %s", receipt.command_id, error)
            await self._pass_over(receipt, f"cannot be read: {error}")
            return
        if isinstance(incoming, Nothing):
            log.info("telegram: update of ask %s asks nothing: %s", receipt.command_id, incoming.reason)
            await self._pass_over(receipt, incoming.reason)
            return
        await self._receive(incoming)

    async def _pass_over(self, receipt: Receipt, note: str) -> None:
        try:
            await self._inbox.done(receipt, note)
        except StorageError as error:
            # It is passed over once more after a restart.
            log.warning("telegram: update of ask %s not marked: %s", receipt.command_id, error)
