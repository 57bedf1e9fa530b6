"""The command menu: lists of commands, one for each scope and language."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.servers.telegram.errors import bad_request
from tests.servers.telegram.limits import COMMAND_DESCRIPTION_CHARS, COMMAND_PATTERN, COMMANDS
from tests.servers.telegram.texts import UnlistedText

Command = dict[str, str]
#: Type, chat, user and language: what a list of commands is kept under.
Key = tuple[str, int, int, str]


class CommandMenu:
    """What setMyCommands has stored."""

    def __init__(self) -> None:
        self._lists: dict[Key, list[Command]] = {}

    def put(self, key: Key, commands: Sequence[Mapping[str, Any]]) -> None:
        """Replace the list under a key; an empty one removes it."""
        if len(commands) > COMMANDS:
            raise bad_request(UnlistedText.COMMANDS_TOO_MANY)
        accepted = [_accept(command) for command in commands]
        if accepted:
            self._lists[key] = accepted
        else:
            self.drop(key)

    def drop(self, key: Key) -> None:
        self._lists.pop(key, None)

    def under(self, key: Key) -> list[Command]:
        return list(self._lists.get(key, ()))

    def first_of(self, keys: Iterable[Key]) -> list[Command]:
        """The list that a client shows: the narrowest scope that has one."""
        return next((list(self._lists[key]) for key in keys if key in self._lists), [])


def key_of(scope: Mapping[str, Any] | None, chat_id: int = 0, language: str = "") -> Key:
    """The key of a `BotCommandScope`, whose chat the caller has looked up."""
    scope = scope or {"type": "default"}
    return scope["type"], chat_id, int(scope.get("user_id", 0)), language


def keys_for(kind: str, chat_id: int, user_id: int, is_admin: bool, language: str) -> list[Key]:
    """Where a client looks, narrowest first (core.telegram.org/bots/api#botcommandscope)."""
    wide = "all_private_chats" if kind == "private" else "all_group_chats"
    scopes: list[tuple[str, int, int]] = []
    if kind == "private":
        scopes.append(("chat", chat_id, 0))
    else:
        scopes.append(("chat_member", chat_id, user_id))
        if is_admin:
            scopes.append(("chat_administrators", chat_id, 0))
        scopes.append(("chat", chat_id, 0))
        if is_admin:
            scopes.append(("all_chat_administrators", 0, 0))
    scopes += [(wide, 0, 0), ("default", 0, 0)]
    languages = dict.fromkeys((language, ""))
    return [(*scope, spoken) for scope in scopes for spoken in languages]


def _accept(command: Mapping[str, Any]) -> Command:
    # The platform takes a leading slash and strips it.
    word = str(command["command"]).removeprefix("/")
    if not COMMAND_PATTERN.fullmatch(word):
        raise bad_request(UnlistedText.COMMAND_INVALID)
    description = str(command["description"]).strip()
    least, most = COMMAND_DESCRIPTION_CHARS
    if not least <= len(description) <= most:
        raise bad_request(UnlistedText.COMMAND_DESCRIPTION_INVALID)
    return {"command": word, "description": description}
