"""The objects that travel inside parameters, with the type of every field."""

from collections.abc import Mapping

from tests.servers.telegram.methods import Fields

_KEYBOARD_HINTS = {"input_field_placeholder": "String", "selective": "Boolean"}
_TYPE = {"type": "String"}
_IN_CHAT = {**_TYPE, "chat_id": "Integer|String"}
_MEDIA = {**_TYPE, "media": "String"}
_CAPTION = {"caption": "String", "caption_entities": "Array of MessageEntity"}

#: Fields that this server does not play are left out: to send one is a breach.
SHAPES: Mapping[str, Fields] = {
    "MessageEntity": Fields(
        {"type": "String", "offset": "Integer", "length": "Integer"},
        {
            "url": "String",
            "user": "User",
            "language": "String",
            "custom_emoji_id": "String",
            "unix_time": "Integer",
            "date_time_format": "String",
        },
    ),
    "User": Fields(
        {"id": "Integer", "is_bot": "Boolean", "first_name": "String"},
        {"last_name": "String", "username": "String", "language_code": "String"},
    ),
    "LinkPreviewOptions": Fields(
        optional={
            "is_disabled": "Boolean",
            "url": "String",
            "prefer_small_media": "Boolean",
            "prefer_large_media": "Boolean",
            "show_above_text": "Boolean",
        }
    ),
    "ReplyParameters": Fields(
        {"message_id": "Integer"},
        {
            "chat_id": "Integer|String",
            "allow_sending_without_reply": "Boolean",
            "quote": "String",
            "quote_entities": "Array of MessageEntity",
            "quote_position": "Integer",
        },
    ),
    "InlineKeyboardMarkup": Fields({"inline_keyboard": "Array of Array of InlineKeyboardButton"}),
    "InlineKeyboardButton": Fields(
        {"text": "String"},
        {
            "style": "String",
            "url": "String",
            "callback_data": "String",
            "switch_inline_query": "String",
            "switch_inline_query_current_chat": "String",
            "copy_text": "CopyTextButton",
        },
    ),
    "CopyTextButton": Fields({"text": "String"}),
    "ReplyKeyboardMarkup": Fields(
        {"keyboard": "Array of Array of KeyboardButton"},
        {
            "is_persistent": "Boolean",
            "resize_keyboard": "Boolean",
            "one_time_keyboard": "Boolean",
            **_KEYBOARD_HINTS,
        },
    ),
    "KeyboardButton": Fields({"text": "String"}),
    "ReplyKeyboardRemove": Fields({"remove_keyboard": "Boolean"}, {"selective": "Boolean"}),
    "ForceReply": Fields({"force_reply": "Boolean"}, _KEYBOARD_HINTS),
    "InputMediaPhoto": Fields(_MEDIA, {**_CAPTION, "show_caption_above_media": "Boolean", "has_spoiler": "Boolean"}),
    "InputMediaDocument": Fields(_MEDIA, {**_CAPTION, "disable_content_type_detection": "Boolean"}),
    "BotCommand": Fields({"command": "String", "description": "String"}),
    "BotCommandScopeDefault": Fields(_TYPE),
    "BotCommandScopeAllPrivateChats": Fields(_TYPE),
    "BotCommandScopeAllGroupChats": Fields(_TYPE),
    "BotCommandScopeAllChatAdministrators": Fields(_TYPE),
    "BotCommandScopeChat": Fields(_IN_CHAT),
    "BotCommandScopeChatAdministrators": Fields(_IN_CHAT),
    "BotCommandScopeChatMember": Fields({**_IN_CHAT, "user_id": "Integer"}),
    "ReactionTypeEmoji": Fields({**_TYPE, "emoji": "String"}),
    "ReactionTypeCustomEmoji": Fields({**_TYPE, "custom_emoji_id": "String"}),
    "ReactionTypePaid": Fields(_TYPE),
}

#: What tells one of several apart: its `type`.
BY_TYPE: Mapping[str, Mapping[str, str]] = {
    "BotCommandScope": {
        "default": "BotCommandScopeDefault",
        "all_private_chats": "BotCommandScopeAllPrivateChats",
        "all_group_chats": "BotCommandScopeAllGroupChats",
        "all_chat_administrators": "BotCommandScopeAllChatAdministrators",
        "chat": "BotCommandScopeChat",
        "chat_administrators": "BotCommandScopeChatAdministrators",
        "chat_member": "BotCommandScopeChatMember",
    },
    "InputMedia": {
        "animation": "InputMediaAnimation",
        "audio": "InputMediaAudio",
        "document": "InputMediaDocument",
        "live_photo": "InputMediaLivePhoto",
        "photo": "InputMediaPhoto",
        "video": "InputMediaVideo",
    },
    "ReactionType": {
        "emoji": "ReactionTypeEmoji",
        "custom_emoji": "ReactionTypeCustomEmoji",
        "paid": "ReactionTypePaid",
    },
}

#: What tells one of several apart: the field that only it has.
BY_FIELD: Mapping[str, str] = {
    "inline_keyboard": "InlineKeyboardMarkup",
    "keyboard": "ReplyKeyboardMarkup",
    "remove_keyboard": "ReplyKeyboardRemove",
    "force_reply": "ForceReply",
}
