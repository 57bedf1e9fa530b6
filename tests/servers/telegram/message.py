"""A message as it stands in a chat now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers.telegram.entities import Entity
from tests.servers.telegram.markup import Button, Markup, rows_of
from tests.servers.telegram.person import Person

#: How many earlier forms of a message are kept; a card is edited for days.
_EDITS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo or a document: its bytes, and the id by which it can be sent again."""

    file_id: str
    name: str
    mime_type: str
    content: bytes = field(repr=False)
    width: int = 0
    height: int = 0

    @property
    def is_photo(self) -> bool:
        """Only of photos the platform knows how large they are."""
        return self.width > 0


@dataclass(frozen=True, slots=True)
class Message:
    """What a person sees; `text` is the caption where there is a photo or a document.

    `date` and `edit_date` are Unix seconds; `edits` are the earlier forms, oldest first.
    """

    chat_id: int
    message_id: int
    date: int
    sender: Person | None
    text: str = ""
    entities: tuple[Entity, ...] = ()
    markup: Markup | None = None
    thread_id: int | None = None
    #: The message that this one answers.
    reply_to: int | None = None
    photo: Attachment | None = None
    document: Attachment | None = None
    #: Sent without a sound.
    silent: bool = False
    #: May not be forwarded or saved.
    protected: bool = False
    link_preview: Mapping[str, Any] | None = None
    reactions: tuple[str, ...] = ()
    edit_date: int | None = None
    edits: tuple["Message", ...] = field(default=(), repr=False)
    #: Fields of the Bot API's `Message` that stand for themselves.
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]:
        return rows_of(self.markup)

    @property
    def labels(self) -> tuple[str, ...]:
        """What is written on the buttons, in reading order."""
        return tuple(button.label for row in self.buttons for button in row)

    @property
    def has_media(self) -> bool:
        return self.photo is not None or self.document is not None

    def edited(self, at: int, **changes: Any) -> "Message":
        """The next form of this message, which remembers this one."""
        earlier = (*self.edits, replace(self, edits=()))[-_EDITS_KEPT:]
        return replace(self, edit_date=at, edits=earlier, **changes)

    def shape(self, chat: Mapping[str, Any], reply: Mapping[str, Any] | None) -> dict[str, Any]:
        """The message as a `Message` of the Bot API, in `chat`, answering `reply`."""
        body: dict[str, Any] = {
            "message_id": self.message_id,
            "date": self.date,
            "chat": dict(chat),
        }
        if self.sender is not None:
            body["from"] = self.sender.shape()
        if self.thread_id is not None:
            body.update(message_thread_id=self.thread_id, is_topic_message=True)
        if reply is not None:
            body["reply_to_message"] = dict(reply)
        if self.edit_date is not None:
            body["edit_date"] = self.edit_date
        if self.protected:
            body["has_protected_content"] = True
        body.update(self._content())
        # Only inline keyboards travel back; the others are the client's own.
        if self.markup is not None and "inline_keyboard" in self.markup:
            body["reply_markup"] = dict(self.markup)
        body.update(self.extra)
        return body

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = {}
        if self.photo is not None:
            content["photo"] = [_photo_size(self.photo)]
        if self.document is not None:
            content["document"] = _document(self.document)
        text, entities = ("caption", "caption_entities") if self.has_media else ("text", "entities")
        if self.text:
            content[text] = self.text
        if self.entities:
            content[entities] = [dict(entity) for entity in self.entities]
        if self.link_preview is not None:
            content["link_preview_options"] = dict(self.link_preview)
        return content


def _photo_size(photo: Attachment) -> dict[str, Any]:
    return {
        "file_id": photo.file_id,
        "file_unique_id": f"unique-{photo.file_id}",
        "width": photo.width,
        "height": photo.height,
        "file_size": len(photo.content),
    }


def _document(document: Attachment) -> dict[str, Any]:
    return {
        "file_id": document.file_id,
        "file_unique_id": f"unique-{document.file_id}",
        "file_name": document.name,
        "mime_type": document.mime_type,
        "file_size": len(document.content),
    }
