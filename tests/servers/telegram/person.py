"""Someone with an account: a person or a bot."""

from dataclasses import dataclass
from typing import Any

from tests.servers.telegram.limits import ANONYMOUS_ADMIN, FAKE_CHANNEL


@dataclass(frozen=True, slots=True)
class Person:
    """An account; `id` never changes, names do (`dataclasses.replace`)."""

    id: int
    first_name: str
    username: str | None = None
    is_bot: bool = False
    language_code: str | None = None

    def shape(self) -> dict[str, Any]:
        """The account as a `User` of the Bot API."""
        user: dict[str, Any] = {
            "id": self.id,
            "is_bot": self.is_bot,
            "first_name": self.first_name,
        }
        if self.username:
            user["username"] = self.username
        if self.language_code:
            user["language_code"] = self.language_code
        return user


#: Who stands as sender where an admin speaks as the group.
GROUP_ANONYMOUS_BOT = Person(ANONYMOUS_ADMIN, "Group", "GroupAnonymousBot", is_bot=True)
#: Who stands as sender where a channel speaks in a group.
CHANNEL_BOT = Person(FAKE_CHANNEL, "Channel", "Channel_Bot", is_bot=True)
