"""The words that a client offers while one types: in every chat those that its people may use."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from telegram.error import TelegramError

from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.errors import Paused, reason
from chatops.adapters.telegram.inbound import PLATFORM
from chatops.asks import ASKS, Ask, Help, Start
from chatops.guard.permissions import Permissions
from chatops.people import Principal, Role
from chatops.room import Room
from chatops.words import OURS, Words

log = logging.getLogger(__name__)

#: Contract, limits.bot_commands.
COMMANDS = 100
DESCRIPTION_CHARACTERS = 256
#: What anybody is offered: a stranger learns no more than that this is a bot.
_FOR_STRANGERS = (Start, Help)

Scope = Mapping[str, str | int]
Menu = list[dict[str, str]]


def menu_of(role: Role | None, permissions: Permissions, kinds: Iterable[type[Ask]] = ASKS) -> Menu:
    """Words and what they do: of a role, or with None those for anyone known."""
    # A menu has single words alone: "close all" is found under "close".
    typed = (ask for ask in kinds if not ask.hidden and " " not in ask.word)
    return _menu(ask for ask in typed if (permissions.may_ever(role, ask) if role else ask.role is None))


def describe(ask: type[Ask]) -> str:
    """The first sentence of what an ask says of itself."""
    first, stop, _ = ask.summary().partition(". ")
    said = first + stop.rstrip()
    return said if len(said) <= DESCRIPTION_CHARACTERS else said[: DESCRIPTION_CHARACTERS - 1] + "…"


def menus(
    people: Iterable[Principal], rooms: Iterable[Room], permissions: Permissions, words: Words = OURS
) -> Iterator[tuple[Scope, Menu]]:
    """Every scope that gets a menu, the widest first: a client shows the narrowest that it is in."""
    yield {"type": "default"}, _menu(_FOR_STRANGERS)
    # Somebody who was invited since the start is no stranger, and writes in private first.
    yield {"type": "all_private_chats"}, menu_of(None, permissions, words.kinds)
    groups = dict.fromkeys(int(room.id) for room in rooms if room.platform == PLATFORM and room.id.startswith("-"))
    for group in groups:
        yield {"type": "chat", "chat_id": group}, menu_of(Role.VIEWER, permissions, words.kinds)
    for person in people:
        menu = menu_of(person.role, permissions, words.seen_by(person))
        for identity in person.identities:
            if identity.platform != PLATFORM or not identity.id.isdecimal():
                continue
            account = int(identity.id)
            # A private chat has the id of its person.
            yield {"type": "chat", "chat_id": account}, menu
            if person.role is not Role.VIEWER:
                for group in groups:
                    yield {"type": "chat_member", "chat_id": group, "user_id": account}, menu


class Menus:
    """Sets the menus of one bot, and keeps them so. What fails is logged: words work without."""

    def __init__(
        self,
        api: BotApi,
        rooms: Iterable[Room],
        permissions: Permissions,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        words: Callable[[], Words] = lambda: OURS,
    ) -> None:
        self._api = api
        self._words = words
        self._rooms = tuple(rooms)
        self._permissions = permissions
        self._sleep = sleep
        self._due = asyncio.Event()
        #: What this run of the program knows to be set: each scope, by its name.
        self._set: dict[str, tuple[Scope, Menu]] = {}

    def look(self) -> None:
        """People or words have changed: have `run` look at their menus."""
        self._due.set()

    async def run(self, people: Callable[[], Iterable[Principal]]) -> None:
        """Publish now, and after each `look`, until cancelled."""
        while True:
            self._due.clear()
            await self.publish(people())
            await self._due.wait()

    async def publish(self, people: Iterable[Principal]) -> None:
        """Set the menu of every scope where it is another one now, and take away those that are nobody's any more."""
        every = menus(people, self._rooms, self._permissions, self._words())
        wanted = {_named(scope): (scope, menu) for scope, menu in every}
        for name in [name for name in self._set if name not in wanted]:
            # First of all: who was revoked is offered what a stranger is.
            await self._until_done(partial(self._delete, name), name)
        for name, (scope, menu) in wanted.items():
            if self._set.get(name) != (scope, menu):
                await self._until_done(partial(self._put, name, scope, menu), name)

    async def _until_done(self, call: Callable[[], Awaitable[None]], name: str) -> None:
        """Call it, after each pause that Telegram wants; what is refused is left."""
        while True:
            try:
                await call()
            except Paused as error:
                log.info("telegram: menus wait for %g s", error.seconds)
                await self._sleep(error.seconds)
            except TelegramError as error:
                # Mostly somebody who has never opened the chat, or is not in that room.
                log.info("telegram: menu of %s not set: %s", name, reason(error))
                return
            else:
                return

    async def _put(self, name: str, scope: Scope, menu: Menu) -> None:
        if await self._api.call("getMyCommands", {"scope": scope}) != menu:
            await self._api.call("setMyCommands", {"commands": menu, "scope": scope})
        self._set[name] = scope, menu

    async def _delete(self, name: str) -> None:
        scope, _ = self._set[name]
        await self._api.call("deleteMyCommands", {"scope": scope})
        del self._set[name]


def _menu(asks: Iterable[type[Ask]]) -> Menu:
    return [{"command": ask.word, "description": describe(ask)} for ask in list(asks)[:COMMANDS]]


def _named(scope: Mapping[str, Any]) -> str:
    return " ".join(str(part) for part in scope.values())
