"""All accounts and chats of one server."""

from typing import Any

from tests.servers.telegram.chat import Chat
from tests.servers.telegram.errors import Breach, bad_request
from tests.servers.telegram.menu import CommandMenu
from tests.servers.telegram.message import Attachment, Message
from tests.servers.telegram.parameters import Upload
from tests.servers.telegram.person import Person
from tests.servers.telegram.surroundings import Surroundings
from tests.servers.telegram.texts import Text, UnlistedText

#: What a group's id is moved by when it becomes a supergroup.
_SUPERGROUPS = -1_000_000_000_000


class World:
    """Who exists, and where they talk."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.people: dict[int, Person] = {around.bot.id: around.bot}
        self.chats: dict[int, Chat] = {}
        self.menu = CommandMenu()
        #: What sendChatAction has shown: chat ids and actions.
        self.chat_actions: list[tuple[int, str]] = []
        self._files: dict[str, Attachment] = {}
        self._last_file = 0

    def add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        return chat

    def find(self, chat_id: int | str) -> Chat:
        """The chat of an id or an @name; raises `ApiError` where there is none."""
        if isinstance(chat_id, int) and chat_id in self.chats:
            return self.chats[chat_id]
        for chat in self.chats.values():
            if chat.kind != "private" and chat.username and chat_id == f"@{chat.username}":
                return chat
        raise bad_request(Text.CHAT_NOT_FOUND)

    def open(self, chat_id: int | str) -> Chat:
        """The chat, if the bot may speak there; raises `ApiError` otherwise."""
        chat = self.find(chat_id)
        chat.admit()
        return chat

    def keep_file(self, content: Upload | str, *, width: int = 0, height: int = 0, default_name: str) -> Attachment:
        """Store an upload under a new id, or find what was sent under an old one."""
        if isinstance(content, str):
            if "://" in content:
                raise Breach("this test server fetches no addresses: upload the file")
            if content not in self._files:
                raise bad_request(Text.FILE_INVALID)
            found = self._files[content]
            if found.is_photo != (default_name == "photo"):
                raise bad_request(UnlistedText.FILE_OF_ANOTHER_KIND)
            return found
        self._last_file += 1
        attachment = Attachment(
            file_id=f"file-{self._last_file}",
            name=content.name or default_name,
            mime_type=content.mime_type,
            content=content.content,
            width=width,
            height=height,
        )
        self._files[attachment.file_id] = attachment
        return attachment

    def forget_files(self) -> None:
        """The ids of what was uploaded before are good no more."""
        self._files.clear()

    def tell_membership(self, chat: Chat, by: Person, old: str, new: str) -> None:
        """Owe the bot a `my_chat_member`: somebody changed what it is in a chat."""
        bot = self.around.bot
        self.around.updates.push(
            "my_chat_member",
            {
                "chat": chat.shape(),
                "from": by.shape(),
                "date": self.around.seconds(),
                "old_chat_member": member_shape(bot, old),
                "new_chat_member": member_shape(bot, new),
            },
        )

    def migrate(self, group: Chat, to: int | None = None) -> Chat:
        """Upgrade a basic group: a supergroup under a new id, and both service messages."""
        if group.kind != "group":
            raise ValueError(f"only a basic group becomes a supergroup, not a {group.kind}")
        new_id = _SUPERGROUPS + group.id if to is None else to
        upgraded = self.add(Chat(self.around, new_id, "supergroup", title=group.title))
        upgraded.members.update(group.members)
        upgraded.bot_status = group.bot_status
        self._service(group, {"migrate_to_chat_id": new_id})
        self._service(upgraded, {"migrate_from_chat_id": group.id})
        group.migrated_to = new_id
        return upgraded

    def _service(self, chat: Chat, extra: dict[str, Any]) -> None:
        at = self.around.seconds()
        message = chat.put(Message(chat.id, chat.next_id(), at, None, extra=extra))
        self.around.updates.push("message", chat.shape_of(message))


_ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


def member_shape(person: Person, status: str) -> dict[str, Any]:
    """A `ChatMember` of the Bot API."""
    body: dict[str, Any] = {"status": status, "user": person.shape()}
    if status == "creator":
        body["is_anonymous"] = False
    if status == "administrator":
        body.update(can_be_edited=False, is_anonymous=False)
        body.update(dict.fromkeys(_ADMIN_RIGHTS, True))
    if status == "kicked":
        body["until_date"] = 0
    return body
