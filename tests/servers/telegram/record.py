"""What the platform knows of one chat: who is in it, and the messages as they are now."""

from collections.abc import Mapping
from typing import Any

from tests.servers.telegram.errors import ApiError, bad_request, forbidden
from tests.servers.telegram.limits import GENERAL_TOPIC
from tests.servers.telegram.message import Message
from tests.servers.telegram.person import Person
from tests.servers.telegram.surroundings import Surroundings
from tests.servers.telegram.texts import Text, UnlistedText

#: Older ones are forgotten, as a benchmark may send without end.
_MESSAGES_KEPT = 20_000


class ChatRecord:
    """One chat. `kind` is `private`, `group`, `supergroup` or `channel`.

    Message ids count from 1 in every chat: the same id in two chats is two messages.
    """

    def __init__(
        self,
        around: Surroundings,
        chat_id: int,
        kind: str,
        *,
        title: str = "",
        person: Person | None = None,
        forum: bool = False,
        username: str | None = None,
    ) -> None:
        self.id = chat_id
        self.kind = kind
        self.title = title
        self.person = person
        self.forum = forum
        self.username = username
        self.members: dict[int, str] = {}
        #: `member`, `administrator`, `left` or `kicked`; in a private chat `kicked` is blocked.
        self.bot_status = "member"
        self.bot_may_pin = True
        #: In a channel, as an administrator.
        self.bot_may_post = True
        self.deactivated = False
        #: Thread ids and names of a forum's topics.
        self.topics: dict[int, str] = {}
        self.closed_topics: set[int] = set()
        self.migrated_to: int | None = None
        #: Message ids, the last pinned one last.
        self.pinned: list[int] = []
        self.deleted: list[Message] = []
        self._around = around
        self._messages: dict[int, Message] = {}
        self._last_id = 0

    @property
    def messages(self) -> list[Message]:
        """Everybody's messages as a person sees them now, oldest first."""
        return list(self._messages.values())

    def find(self, message_id: int) -> Message | None:
        return self._messages.get(message_id)

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def put(self, message: Message) -> Message:
        """Show a message, new or changed."""
        self._messages[message.message_id] = message
        if len(self._messages) > _MESSAGES_KEPT:
            del self._messages[next(iter(self._messages))]
        self._around.changed.ring()
        return message

    def remove(self, message: Message | int) -> None:
        """A message is deleted, by the bot or by a person."""
        gone = self._messages.pop(_id(message))
        self.deleted.append(gone)
        self.pinned = [one for one in self.pinned if one != gone.message_id]
        self._around.changed.ring()

    def admit(self) -> None:
        """Raise `ApiError` where the bot may not speak here."""
        if self.migrated_to is not None:
            raise ApiError(400, Text.UPGRADED, {"migrate_to_chat_id": self.migrated_to})
        if self.deactivated:
            raise forbidden(Text.DEACTIVATED)
        if self.bot_status == "kicked":
            kicked = {"private": Text.BLOCKED, "group": Text.KICKED_FROM_GROUP}
            raise forbidden(kicked.get(self.kind, Text.KICKED_FROM_SUPERGROUP))
        if self.bot_status == "left":
            raise forbidden(Text.NOT_A_MEMBER)

    def admit_thread(self, thread_id: int | None) -> None:
        """Raise `ApiError` where there is no such topic, or it is closed."""
        if thread_id is None:
            return
        if not self.forum or thread_id == GENERAL_TOPIC or thread_id not in self.topics:
            raise bad_request(Text.THREAD_NOT_FOUND)
        if thread_id in self.closed_topics:
            raise bad_request(UnlistedText.TOPIC_CLOSED)

    def shape(self) -> dict[str, Any]:
        """The chat as a `Chat` of the Bot API."""
        body: dict[str, Any] = {"id": self.id, "type": self.kind}
        if self.person is not None:
            body["first_name"] = self.person.first_name
            if self.person.username:
                body["username"] = self.person.username
        else:
            body["title"] = self.title
            if self.username:
                body["username"] = self.username
        if self.forum:
            body["is_forum"] = True
        return body

    def shape_of(self, message: Message) -> dict[str, Any]:
        """A message as the Bot API shows it, with what it answers, one level deep."""
        answered = None if message.reply_to is None else self.find(message.reply_to)
        reply: Mapping[str, Any] | None = None
        if answered is not None:
            reply = answered.shape(self.shape(), None)
        return message.shape(self.shape(), reply)

    def picture(self, last: int = 12) -> str:
        """What the chat shows, for a person who reads why a test failed."""
        lines = [f"{self.kind} {self.id} {self.title}".rstrip()]
        for message in self.messages[-last:]:
            who = message.sender.first_name if message.sender else "(channel)"
            what = "[photo] " if message.photo else "[document] " if message.document else ""
            edits = f" (edited {len(message.edits)}x)" if message.edits else ""
            lines.append(f"  #{message.message_id} {who}: {what}{message.text!r}{edits}")
            lines += ["      " + " ".join(f"[{button.label}]" for button in row) for row in message.buttons]
        return "\n".join(lines if self._messages else [*lines, "  (nothing)"])


def _id(message: Message | int) -> int:
    return message if isinstance(message, int) else message.message_id
