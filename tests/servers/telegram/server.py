"""A strict Bot API server on this machine, with a human face for tests."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from time import time
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.servers.common.bell import Bell
from tests.servers.common.calls import Violation
from tests.servers.common.faults import Fault, Rule
from tests.servers.common.listener import Listener
from tests.servers.common.refusal import Dropped
from tests.servers.common.seen import PATIENCE_S, NotSeen
from tests.servers.telegram.api import Api
from tests.servers.telegram.callbacks import CallbackAnswer, CallbackQueries
from tests.servers.telegram.calls import Call
from tests.servers.telegram.chat import Chat
from tests.servers.telegram.door import BODY_BYTES, Door
from tests.servers.telegram.limits import GENERAL_TOPIC
from tests.servers.telegram.menu import Command, keys_for
from tests.servers.telegram.person import Person
from tests.servers.telegram.rates import RateLimits
from tests.servers.telegram.surroundings import Surroundings
from tests.servers.telegram.updates import Update, UpdateQueue
from tests.servers.telegram.world import World

T = TypeVar("T")


class TelegramServer:
    """One bot's platform. `now` gives Unix seconds: dates, expiry, rates and what is a repeat go by it.

    `paces_repeats` makes a repeated offset wait for 3 s, as the platform does; tests rarely have the time.
    `webhook_retry_s` is the first delay after a delivery that failed.
    `swallows` are parameters of old that others' programs still give and the platform takes without a word.
    """

    def __init__(
        self,
        token: str = "123456:TEST-token",
        *,
        username: str = "deck_bot",
        now: Callable[[], float] = time,
        rate_limits: bool = False,
        privacy: bool = True,
        paces_repeats: bool = False,
        answer_window_s: float = 30.0,
        first_update_id: int = 1000,
        webhook_retry_s: float = 0.02,
        swallows: Collection[str] = (),
    ) -> None:
        self.bot = Person(int(token.partition(":")[0]), "Deck", username, is_bot=True)
        changed = Bell()
        self.updates = UpdateQueue(now, changed, first_id=first_update_id, paces_repeats=paces_repeats)
        self._around = Surroundings(
            self.bot,
            now,
            self.updates,
            CallbackQueries(now, answer_window_s),
            changed,
            privacy,
        )
        self._world = World(self._around)
        self._api = Api(token, self._world, RateLimits(now) if rate_limits else None, webhook_retry_s, swallows)
        self._listener = Listener(Door(self._api.admit, self._api.run).answer, body_bytes=BODY_BYTES)
        self._delivery: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._listener.open()
        self._delivery = asyncio.create_task(self._api.webhook.deliver())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.updates.end_poll(Dropped())
        await self._listener.close()
        if self._delivery is not None:
            self._delivery.cancel()
            with suppress(asyncio.CancelledError):
                await self._delivery

    # What the bot is given.

    @property
    def base_url(self) -> str:
        """What python-telegram-bot takes as `base_url`; the token follows it directly."""
        return self._listener.address("bot")

    @property
    def token(self) -> str:
        """The token that is right now; raises `LookupError` where it was revoked."""
        if self._api.token is None:
            raise LookupError("the token was revoked")
        return self._api.token

    # People and places.

    def person(
        self,
        id: int,  # noqa: A002 - tests read better: person(id=111)
        first_name: str,
        username: str | None = None,
        *,
        is_bot: bool = False,
        language_code: str | None = None,
    ) -> Person:
        """Someone with an account."""
        person = Person(id, first_name, username, is_bot, language_code)
        self._world.people[id] = person
        return person

    def private(self, person: Person) -> Chat:
        """The chat of a person with the bot, opened by the person if it was not yet."""
        if person.id not in self._world.chats:
            self._world.add(Chat(self._around, person.id, "private", person=person))
        return self._world.chats[person.id]

    def group(
        self,
        id: int,  # noqa: A002 - as above
        title: str = "Ops",
        *,
        forum: bool = False,
        username: str | None = None,
    ) -> Chat:
        """A group that the bot is in: a supergroup where the id begins with -100."""
        kind = "supergroup" if str(id).startswith("-100") and len(str(id)) > 10 else "group"
        if forum and kind != "supergroup":
            raise ValueError("only a supergroup has topics: give an id that begins with -100")
        chat = Chat(self._around, id, kind, title=title, forum=forum, username=username)
        return self._world.add(chat)

    def channel(
        self,
        id: int,  # noqa: A002 - as above
        title: str = "News",
        *,
        username: str | None = None,
    ) -> Chat:
        """A channel that the bot is an administrator of."""
        chat = Chat(self._around, id, "channel", title=title, username=username)
        chat.bot_status = "administrator"
        return self._world.add(chat)

    def topic(self, forum: Chat, name: str) -> int:
        """Open a topic in a forum; returns its thread id."""
        if not forum.forum:
            raise ValueError("only a forum has topics")
        thread_id = forum.next_id()
        if thread_id == GENERAL_TOPIC:
            thread_id = forum.next_id()
        forum.topics[thread_id] = name
        return thread_id

    def close_topic(self, forum: Chat, thread_id: int) -> None:
        """Nobody but an administrator writes to it any more."""
        forum.closed_topics.add(thread_id)

    def delete_topic(self, forum: Chat, thread_id: int) -> None:
        """The topic is gone, and what was written in it."""
        del forum.topics[thread_id]
        for message in forum.messages:
            if message.thread_id == thread_id:
                forum.remove(message)

    def migrate(self, group: Chat, to: int | None = None) -> Chat:
        """Upgrade a basic group to a supergroup, under a new id."""
        return self._world.migrate(group, to)

    def block(self, person: Person) -> None:
        """The person blocks the bot; the bot is told."""
        chat = self.private(person)
        chat.bot_status = "kicked"
        self._world.tell_membership(chat, person, "member", "kicked")

    def unblock(self, person: Person) -> None:
        chat = self.private(person)
        chat.bot_status = "member"
        self._world.tell_membership(chat, person, "kicked", "member")

    def deactivate(self, person: Person) -> None:
        """The person's account is gone."""
        self.private(person).deactivated = True

    def set_bot_status(self, chat: Chat, by: Person, status: str) -> None:
        """Make the bot `member`, `administrator`, `left` or `kicked`; the bot is told."""
        old, chat.bot_status = chat.bot_status, status
        self._world.tell_membership(chat, by, old, status)

    def menu(self, chat: Chat, person: Person) -> list[Command]:
        """The commands that a person's client offers in a chat."""
        is_admin = chat.members.get(person.id) in ("creator", "administrator")
        language = person.language_code or ""
        keys = keys_for(chat.kind, chat.id, person.id, is_admin, language)
        return self._world.menu.first_of(keys)

    def forget_menu(self, chat: Chat) -> None:
        """Somebody else takes away the commands of a chat."""
        self._world.menu.drop(("chat", chat.id, 0, ""))

    # What happened.

    @property
    def chats(self) -> list[Chat]:
        """Every chat that there is."""
        return list(self._world.chats.values())

    @property
    def calls(self) -> list[Call]:
        """Every call that came with the right token, in the order of arrival."""
        return self._api.log.calls

    def calls_of(self, method: str) -> list[Call]:
        return self._api.log.of(method)

    @property
    def violations(self) -> list[Violation]:
        """What the bot should never have sent; a test ends with none."""
        return self._api.log.violations

    @property
    def callback_answers(self) -> list[CallbackAnswer]:
        return self._around.queries.answers

    @property
    def chat_actions(self) -> list[tuple[int, str]]:
        """Chat ids and actions such as `typing`."""
        return self._world.chat_actions

    @property
    def hook_url(self) -> str:
        """Where updates are delivered; empty where they are polled."""
        return self._api.webhook.hook.url if self._api.webhook.hook else ""

    @property
    def webhook_errors(self) -> int:
        """How many deliveries to the webhook have failed since it was set."""
        return self._api.webhook.failures

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float = PATIENCE_S) -> T:
        """Wait until `predicate` gives something true, and return it, or raise `NotSeen`."""
        await self._around.changed.until(predicate, timeout_s)
        value = predicate()
        if not value:
            raise NotSeen(f"it did not happen within {timeout_s:g} s\n{self.picture()}")
        return value

    async def answer_to(self, query_id: str, timeout_s: float = PATIENCE_S) -> CallbackAnswer:
        """Wait for the answer to a press."""
        found = await self.wait_for(lambda: self._around.queries.find(query_id), timeout_s)
        assert found is not None
        return found

    def picture(self) -> str:
        """All chats, the last calls and the violations, for a person to read."""
        lines = [chat.picture() for chat in self._world.chats.values()]
        lines += [f"call {one.method} -> {one.status}" for one in self.calls[-12:]]
        lines += [f"violation {one.method}: {one.reason}" for one in self.violations]
        return "\n".join([*lines, f"{len(self.updates.pending)} updates pending"])

    # What the bot is handed besides.

    def push(self, raw: Mapping[str, Any]) -> int:
        """Owe the bot an update of any form, also a malformed one; returns its id."""
        return self.updates.push_raw(raw)

    def redeliver(self, count: int = 1) -> list[Update]:
        """Hand the last delivered updates over again under their old ids."""
        return self.updates.redeliver(count)

    def reorder(self) -> None:
        """Hand the next batch of several updates over with the newest first."""
        self.updates.reorder()

    # What goes wrong.

    def fail(
        self,
        error: Fault,
        *,
        method: str | None = None,
        chat: Chat | int | None = None,
        times: int | None = 1,
    ) -> Rule:
        """Order a fault for the next `times` calls that match; None is for ever."""
        return self._api.faults.order(error, method, chat.id if isinstance(chat, Chat) else chat, times)

    def heal(self) -> None:
        """Take every order for faults back."""
        self._api.faults.clear()

    async def stop_listening(self) -> None:
        """Cut every connection; from now on connections are refused."""
        self.updates.end_poll(Dropped())
        await self._listener.shut()

    async def start_listening(self) -> None:
        """Listen again, on the same port."""
        await self._listener.open()

    def forget_files(self) -> None:
        """No id of a file that was given until now is good any more."""
        self._world.forget_files()

    def revoke_token(self) -> None:
        """Every call is answered 401."""
        self._api.token = None

    def rotate_token(self, token: str) -> None:
        """The old token is answered 401, the new one is right."""
        self._api.token = token
        self._api.is_logged_out = False
