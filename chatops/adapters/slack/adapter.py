"""Slack as one of the platforms: shows messages, and hands over what people write and press."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from chatops.adapters.base import Ability, Fault, Pace, Receive, SendError
from chatops.adapters.hearing import OnTrouble
from chatops.adapters.own_tasks import OwnTasks
from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.bolt import dispatching
from chatops.adapters.slack.credential import Credential, Reread
from chatops.adapters.slack.dialogue import Dialogue
from chatops.adapters.slack.home import HomeTab
from chatops.adapters.slack.inbound import PLATFORM, Me, Nothing, Unreadable, Update, account, read
from chatops.adapters.slack.inquiry import Inquiry
from chatops.adapters.slack.intake import Intake
from chatops.adapters.slack.line import Line, Lost
from chatops.adapters.slack.outbound import SlackOutbound
from chatops.adapters.slack.places import Places
from chatops.adapters.slack.render import parts
from chatops.adapters.slack.senders import Senders
from chatops.adapters.slack.signed_http import SignedHttp
from chatops.adapters.slack.socket_mode import SocketMode
from chatops.adapters.slack.standing import Standing
from chatops.adapters.slack.ways import ByHttp, BySocket, Way
from chatops.adapters.slack.within import Within
from chatops.forms import Forms
from chatops.home import Homes
from chatops.link import Link
from chatops.messages import Posting, Receipt
from chatops.people import Directory, Identity
from chatops.room import Room
from chatops.storage.errors import StorageError
from chatops.storage.inbox import Inbox
from chatops.words import OURS, Words

log = logging.getLogger(__name__)

BASE_URL = "https://slack.com/api/"
#: How many updates are handled at one moment.
AT_ONCE = 64
#: Contract, limits.rate: one message a second and channel, of which short bursts may pass.
PACE = Pace(per_chat_per_s=1.0, burst=3)


class SlackAdapter:
    """An `Adapter`, from `start` to `close`.

    Slack may be away when it starts, and for as long as it likes: `state` tells. `now` gives aware moments, `jitter` 0
    to 1. `reread` gives the tokens anew once Slack refuses them. `on_trouble` is told why nobody is heard where a
    person has to mend it, and None when that is over; `on_back` is called each time that Slack answers after it did
    not.
    """

    def __init__(
        self,
        bot_token: str,
        way: BySocket | ByHttp,
        inbox: Inbox,
        directory: Directory,
        *,
        now: Callable[[], datetime],
        base_url: str = BASE_URL,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        reread: Reread | None = None,
        on_trouble: OnTrouble | None = None,
        on_back: Callable[[], None] | None = None,
        words: Callable[[], Words] = lambda: OURS,
        homes: Callable[[], Homes | None] = lambda: None,
        forms: Callable[[], Forms | None] = lambda: None,
        within: Within | None = None,
    ) -> None:
        within = within or Within()
        self._inbox = inbox
        self._api = SlackApi(base_url, bot_token)
        self._app = SlackApi(base_url, way.app_token) if isinstance(way, BySocket) else None
        app = (self._app, way.app_token) if self._app is not None and isinstance(way, BySocket) else None
        self._credential = Credential((self._api, bot_token), app, reread, self._is_ours)
        self._outbound = SlackOutbound(self._api, words=words)
        self._inquiry = Inquiry(self._api, self._app)
        self._places = Places(self._inquiry.is_in, now)
        self._senders = Senders(directory, Standing(self._inquiry.member, now), self._places, lambda: self._me)
        self._tasks = OwnTasks(AT_ONCE)
        self._me: Me | None = None
        self._receive: Receive | None = None
        self._intake = Intake(inbox, self._tasks, hand_on=self._hand_on, now=now, within=within)
        line = Line(
            now=now,
            sleep=sleep,
            jitter=jitter,
            renew=self._credential.renew,
            on_trouble=on_trouble,
            on_back=on_back,
        )
        known, why_not = self._senders.known, self._senders.why_not
        self._home = HomeTab(self._api, homes, known=known, why_not=why_not, now=now, sleep=sleep)
        self._dialogue = Dialogue(self._api, forms, known=known, why_not=why_not, within=within)
        dispatch = dispatching(self._intake.take, self._home.told, self._dialogue)
        self._way: Way
        if isinstance(way, BySocket):
            self._way = SocketMode(self._inquiry.ticket, dispatch, line, self._tasks, begin=self._begin, sleep=sleep)
        else:
            self._way = SignedHttp(
                dispatch,
                line,
                secret=way.signing_secret,
                listen=way.listen,
                begin=self._begin,
                look=self._learn,
                now=now,
                sleep=sleep,
            )

    @property
    def platform(self) -> str:
        """As rooms and identities name it."""
        return PLATFORM

    @property
    def pace(self) -> Pace:
        """What Slack's own pages allow."""
        return PACE

    @property
    def abilities(self) -> frozenset[Ability]:
        """All: by menus with what fits what was typed, by messages that Slack calls ephemeral, by postmarks."""
        return frozenset(Ability)

    @property
    def state(self) -> Link:
        """Whether what people say reaches us, since when, and if not why."""
        return self._way.link

    async def start(self, receive: Receive) -> None:
        """Begin to hand over to `receive`: first what was stored and not handled, then what comes. Returns at once.

        Raises `CannotListen` where the address to listen on cannot be had.
        """
        self._receive = receive
        await self._api.open()
        if self._app is not None:
            await self._app.open()
        await self._way.open()
        self._tasks.begin("listening to slack", self._way.run)
        self._tasks.begin("showing homes of slack", self._home.run)
        self._tasks.begin("looking at homes of slack", self._home.tick)

    async def close(self) -> None:
        """Stop listening, cancel what is being handled, close the connections. What was not handled is stored."""
        await self._way.close()
        await self._tasks.close()
        await self._api.close()
        if self._app is not None:
            await self._app.close()

    def is_group(self, chat: str) -> bool:
        """Whether it is a channel: a person's room has the id of that person."""
        return not chat.startswith(("U", "W"))

    def direct(self, identity: Identity) -> Room:
        """By themselves: the room has the id of the member, and Slack finds their conversation with us by it."""
        return Room(PLATFORM, account(identity))

    def is_private(self, chat: str) -> bool:
        """Whatever is no channel."""
        return not self.is_group(chat)

    async def why_not(self, identity: Identity) -> str | None:
        """Guests, bots and closed accounts are not heard, whoever named them."""
        return await self._senders.why_not(identity)

    def invitation(self, code: str) -> str | None:
        """None: Slack has no address that opens a chat with an app and says something in it."""
        return None

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        """The posting in pieces that Slack takes, with room for a mark."""
        return parts(posting)

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Show a new message; gives its id. Raises `SendError`."""
        try:
            return await self._outbound.send(room, posting, reply_to=reply_to, plain=plain)
        except SendError as error:
            if error.fault is Fault.DEAD_RECIPIENT:
                self._places.closed(room.id)
            raise

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        """Make a message say this; gives its id. Raises `SendError`."""
        return await self._outbound.edit(room, message_id, posting, plain=plain)

    async def probe(self) -> None:
        """Ask Slack whether it takes our token, or the one that stands in its place now. Raises `SendError`."""
        try:
            await self._outbound.probe()
        except SendError as error:
            if error.fault is not Fault.DEAD_CREDENTIAL or not await self._credential.renew():
                raise
            await self._outbound.probe()

    async def pin(self, room: Room, message_id: str) -> None:
        """Keep a message in sight. Raises `SendError`."""
        await self._outbound.pin(room, message_id)

    async def unpin(self, room: Room, message_id: str) -> None:
        """Let it go. Raises `SendError`."""
        await self._outbound.unpin(room, message_id)

    async def delete(self, room: Room, message_id: str) -> None:
        """Take a message of ours away. Raises `SendError`."""
        await self._outbound.delete(room, message_id)

    async def _begin(self) -> None:
        await self._learn()
        await self._intake.hand_on_leftovers()

    async def _learn(self) -> None:
        self._me = await self._inquiry.me()

    async def _is_ours(self) -> bool:
        """Whether the token is one of the app that we have been; where nobody knows, what fails will tell."""
        try:
            return self._me is None or await self._inquiry.me() == self._me
        except Lost:
            return True

    async def _hand_on(self, update: Update, receipt: Receipt) -> None:
        await self._tasks.begin_when_free("handling an update of slack", partial(self._handle, update, receipt))

    async def _handle(self, update: Update, receipt: Receipt) -> None:
        assert self._receive is not None
        assert self._me is not None
        try:
            incoming = read(update, self._me, receipt)
        except Unreadable as error:
            log.warning("slack: update of ask %s cannot be read: %s", receipt.command_id, error)
            await self._pass_over(receipt, f"cannot be read: {error}")
            return
        if isinstance(incoming, Nothing):
            log.info("slack: update of ask %s asks nothing: %s", receipt.command_id, incoming.reason)
            await self._pass_over(receipt, incoming.reason)
            return
        sender = self._senders.named(incoming.sender)
        why_not = await self._senders.why_not_heard(incoming, sender)
        if why_not is not None:
            log.info("slack: ask %s is not heard: it is that of %s", receipt.command_id, why_not)
            await self._pass_over(receipt, f"said by {why_not}")
            return
        room = await self._senders.answered_in(update, incoming, sender)
        incoming = replace(incoming, sender=sender, room=room)
        if self._senders.known(sender) is not None and await self._dialogue.opens(update, incoming):
            await self._pass_over(receipt, "a form was opened")
            return
        await self._receive(incoming)

    async def _pass_over(self, receipt: Receipt, note: str) -> None:
        try:
            await self._inbox.done(receipt, note)
        except StorageError as error:
            # It is passed over once more after a restart.
            log.warning("slack: update of ask %s not marked: %s", receipt.command_id, error)
