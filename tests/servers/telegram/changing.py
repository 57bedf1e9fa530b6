"""The methods that change or mark a message that is already there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.servers.telegram.chat import Chat
from tests.servers.telegram.entities import accept_caption, accept_text
from tests.servers.telegram.errors import bad_request
from tests.servers.telegram.limits import DELETE_WITHIN_S
from tests.servers.telegram.markup import accept_markup
from tests.servers.telegram.message import Attachment, Message
from tests.servers.telegram.pictures import keep_document, keep_photo
from tests.servers.telegram.texts import Text, UnlistedText
from tests.servers.telegram.world import World

Parameters = Mapping[str, Any]

#: What a person, and a bot, may react with (core.telegram.org/bots/api#reactiontypeemoji).
_REACTIONS = (
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤️\u200d🔥 🌚 🌭 💯 🤣 "
    "⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 "
    "🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂️ 🤷 🤷\u200d♀️ 😡"
)
REACTIONS = frozenset(_REACTIONS.split())


def edit_message_text(world: World, given: Parameters) -> dict[str, Any]:
    chat, message = _own(world, given)
    text, entities = accept_text(given.get("text", ""), given.get("entities", ()))
    if message.has_media:
        raise bad_request(UnlistedText.NO_TEXT_TO_EDIT)
    preview = given.get("link_preview_options")
    return _edit(world, chat, message, given, text=text, entities=entities, link_preview=preview)


def edit_message_caption(world: World, given: Parameters) -> dict[str, Any]:
    chat, message = _own(world, given)
    text, entities = accept_caption(given.get("caption", ""), given.get("caption_entities", ()))
    if not message.has_media:
        raise bad_request(UnlistedText.NO_CAPTION_TO_EDIT)
    return _edit(world, chat, message, given, text=text, entities=entities)


def edit_message_media(world: World, given: Parameters) -> dict[str, Any]:
    """Another file, or the first one of what was a text: which of the two it is, nobody has to say."""
    chat, message = _own(world, given)
    media = given["media"]
    text, entities = accept_caption(media.get("caption", ""), media.get("caption_entities", ()))
    kept: dict[str, Attachment | None] = {"photo": None, "document": None}
    kept[media["type"]] = (keep_photo if media["type"] == "photo" else keep_document)(world, media["media"])
    return _edit(world, chat, message, given, text=text, entities=entities, link_preview=None, **kept)


def edit_message_reply_markup(world: World, given: Parameters) -> dict[str, Any]:
    chat, message = _own(world, given)
    return _edit(world, chat, message, given)


def delete_message(world: World, given: Parameters) -> bool:
    chat = world.open(given["chat_id"])
    message = _find(chat, given, Text.DELETE_NOT_FOUND)
    is_own = _is_own(world, message)
    if not is_own and chat.kind != "private" and chat.bot_status != "administrator":
        raise bad_request(UnlistedText.DELETE_REFUSED)
    if world.around.now() - message.date > DELETE_WITHIN_S:
        raise bad_request(UnlistedText.DELETE_TOO_LATE)
    chat.remove(message)
    return True


def pin_chat_message(world: World, given: Parameters) -> bool:
    chat = world.open(given["chat_id"])
    _admit_pinning(chat)
    message = _find(chat, given, UnlistedText.PIN_NOT_FOUND)
    chat.pinned = [one for one in chat.pinned if one != message.message_id]
    chat.pinned.append(message.message_id)
    return True


def unpin_chat_message(world: World, given: Parameters) -> bool:
    chat = world.open(given["chat_id"])
    _admit_pinning(chat)
    message_id = given.get("message_id", chat.pinned[-1] if chat.pinned else None)
    if message_id not in chat.pinned:
        raise bad_request(UnlistedText.UNPIN_NOT_FOUND)
    chat.pinned.remove(message_id)
    return True


def set_message_reaction(world: World, given: Parameters) -> bool:
    chat = world.open(given["chat_id"])
    message = _find(chat, given, UnlistedText.REACT_NOT_FOUND)
    reactions = given.get("reaction", [])
    if len(reactions) > 1:
        raise bad_request(UnlistedText.REACTIONS_TOO_MANY)
    if any(one.get("emoji") not in REACTIONS for one in reactions):
        raise bad_request(UnlistedText.REACTION_INVALID)
    chat.put(replace(message, reactions=tuple(one["emoji"] for one in reactions)))
    return True


def _own(world: World, given: Parameters) -> tuple[Chat, Message]:
    if "chat_id" not in given:
        raise bad_request(UnlistedText.CHAT_ID_EMPTY)
    if "message_id" not in given:
        raise bad_request(UnlistedText.MESSAGE_ID_EMPTY)
    chat = world.open(given["chat_id"])
    message = _find(chat, given, Text.EDIT_NOT_FOUND)
    if not _is_own(world, message):
        raise bad_request(Text.EDIT_REFUSED)
    return chat, message


def _find(chat: Chat, given: Parameters, not_found: str) -> Message:
    message = chat.find(given["message_id"])
    if message is None:
        raise bad_request(not_found)
    return message


def _is_own(world: World, message: Message) -> bool:
    return message.sender is not None and message.sender.id == world.around.bot.id


def _edit(world: World, chat: Chat, message: Message, given: Parameters, **content: Any) -> dict[str, Any]:
    # To leave the markup out is to take the buttons away.
    content["markup"] = accept_markup(given.get("reply_markup"))
    # Another link preview alone does not make another message.
    compared = content.keys() - {"link_preview"}
    if all(getattr(message, name) == content[name] for name in compared):
        raise bad_request(Text.NOT_MODIFIED)
    return chat.shape_of(chat.put(message.edited(world.around.seconds(), **content)))


def _admit_pinning(chat: Chat) -> None:
    if chat.kind != "private" and not chat.bot_may_pin:
        raise bad_request(UnlistedText.PIN_RIGHTS)
