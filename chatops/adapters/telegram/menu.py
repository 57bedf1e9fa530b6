"""The words that a client offers while one types: for everybody, and for each person by role."""

import logging
from collections.abc import Iterable, Mapping

from telegram.error import TelegramError

from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.errors import reason
from chatops.adapters.telegram.inbound import PLATFORM
from chatops.asks import ASKS, Ask
from chatops.guard.permissions import may_ever
from chatops.people import Principal, Role

log = logging.getLogger(__name__)

#: Contract, limits.bot_commands.
COMMANDS = 100
DESCRIPTION_CHARACTERS = 256


def menu_of(role: Role | None) -> tuple[tuple[str, str], ...]:
    """Words and what they do: of a role, or with None those for anyone known."""
    shown = [ask for ask in ASKS if not ask.hidden and (may_ever(role, ask) if role else ask.role is None)]
    return tuple((ask.word, describe(ask)) for ask in shown[:COMMANDS])


def describe(ask: type[Ask]) -> str:
    """The first sentence of what an ask says of itself."""
    first, stop, _ = ask.summary().partition(". ")
    said = first + stop.rstrip()
    return said if len(said) <= DESCRIPTION_CHARACTERS else said[: DESCRIPTION_CHARACTERS - 1] + "…"


async def publish(api: BotApi, people: Iterable[Principal]) -> None:
    """Set the menu for everybody, and in the private chat of each person. What fails is logged: words work without."""
    await _set(api, None, {"type": "default"})
    for person in people:
        for identity in person.identities:
            if identity.platform == PLATFORM and identity.id.isdecimal():
                # A private chat has the id of its person.
                await _set(api, person.role, {"type": "chat", "chat_id": int(identity.id)})


async def _set(api: BotApi, role: Role | None, scope: Mapping[str, str | int]) -> None:
    commands = [{"command": word, "description": said} for word, said in menu_of(role)]
    try:
        await api.call("setMyCommands", {"commands": commands, "scope": scope})
    except TelegramError as error:
        # Mostly somebody who has never opened the chat.
        log.warning("telegram: menu of %s not set: %s", role or "everybody", reason(error))
