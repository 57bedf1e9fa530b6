"""The methods that put something new into a chat."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.servers.telegram.chat import Chat
from tests.servers.telegram.entities import accept_caption, accept_text
from tests.servers.telegram.errors import Breach, bad_request
from tests.servers.telegram.limits import QUOTE_CHARS
from tests.servers.telegram.markup import accept_markup
from tests.servers.telegram.message import Message
from tests.servers.telegram.pictures import keep_document, keep_photo
from tests.servers.telegram.texts import Text, UnlistedText
from tests.servers.telegram.world import World

Parameters = Mapping[str, Any]

_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def send_message(world: World, given: Parameters) -> dict[str, Any]:
    chat = world.open(given["chat_id"])
    text, entities = accept_text(given["text"], given.get("entities", ()))
    return _send(
        world,
        chat,
        given,
        text=text,
        entities=entities,
        link_preview=given.get("link_preview_options"),
    )


def send_photo(world: World, given: Parameters) -> dict[str, Any]:
    chat = world.open(given["chat_id"])
    text, entities = accept_caption(given.get("caption", ""), given.get("caption_entities", ()))
    return _send(world, chat, given, text=text, entities=entities, photo=keep_photo(world, given["photo"]))


def send_document(world: World, given: Parameters) -> dict[str, Any]:
    chat = world.open(given["chat_id"])
    text, entities = accept_caption(given.get("caption", ""), given.get("caption_entities", ()))
    return _send(world, chat, given, text=text, entities=entities, document=keep_document(world, given["document"]))


def send_chat_action(world: World, given: Parameters) -> bool:
    chat = world.open(given["chat_id"])
    chat.admit_thread(given.get("message_thread_id"))
    if given["action"] not in _ACTIONS:
        raise bad_request(UnlistedText.ACTION_WRONG)
    world.chat_actions.append((chat.id, given["action"]))
    return True


def _send(world: World, chat: Chat, given: Parameters, **content: Any) -> dict[str, Any]:
    chat.admit_thread(given.get("message_thread_id"))
    message = Message(
        chat_id=chat.id,
        message_id=0,
        date=world.around.seconds(),
        sender=world.around.bot,
        markup=accept_markup(given.get("reply_markup")),
        thread_id=given.get("message_thread_id"),
        reply_to=_answered(chat, given.get("reply_parameters")),
        silent=given.get("disable_notification", False),
        protected=given.get("protect_content", False),
        **content,
    )
    return chat.shape_of(chat.put(_numbered(chat, message)))


def _numbered(chat: Chat, message: Message) -> Message:
    # The id is taken last: what was refused leaves no gap.
    return replace(message, message_id=chat.next_id())


def _answered(chat: Chat, reply: Parameters | None) -> int | None:
    if reply is None:
        return None
    if reply.get("chat_id", chat.id) != chat.id:
        raise Breach("this test server plays no reply into another chat")
    target = chat.find(reply["message_id"])
    if target is None:
        if reply.get("allow_sending_without_reply", False):
            return None
        raise bad_request(Text.REPLY_NOT_FOUND)
    quote = reply.get("quote", "")
    if len(quote) > QUOTE_CHARS[1] or quote not in target.text:
        raise bad_request("Bad Request: QUOTE_TEXT_INVALID")
    return target.message_id
