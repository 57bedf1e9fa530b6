"""The methods that this server plays, with the type of every parameter."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Types = Mapping[str, str]

_CHAT = {"chat_id": "Integer|String"}
_MESSAGE = {**_CHAT, "message_id": "Integer"}
_MARKUP = "InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply"
_SEND = {
    "business_connection_id": "String",
    "message_thread_id": "Integer",
    "direct_messages_topic_id": "Integer",
    "parse_mode": "String",
    "disable_notification": "Boolean",
    "protect_content": "Boolean",
    "allow_paid_broadcast": "Boolean",
    "message_effect_id": "String",
    "suggested_post_parameters": "SuggestedPostParameters",
    "reply_parameters": "ReplyParameters",
    "reply_markup": _MARKUP,
}
_CAPTION = {"caption": "String", "caption_entities": "Array of MessageEntity"}
_EDIT = {
    "business_connection_id": "String",
    **_MESSAGE,
    "inline_message_id": "String",
    "reply_markup": "InlineKeyboardMarkup",
}
_SCOPE = {"scope": "BotCommandScope", "language_code": "String"}


@dataclass(frozen=True, slots=True)
class Fields:
    """What a method or an object takes: names to types, in the words of the Bot API's pages."""

    required: Types = field(default_factory=dict)
    optional: Types = field(default_factory=dict)


METHODS: Mapping[str, Fields] = {
    "getMe": Fields(),
    "logOut": Fields(),
    "close": Fields(),
    "getUpdates": Fields(
        optional={
            "offset": "Integer",
            "limit": "Integer",
            "timeout": "Integer",
            "allowed_updates": "Array of String",
        }
    ),
    "setWebhook": Fields(
        {"url": "String"},
        {
            "certificate": "InputFile",
            "ip_address": "String",
            "max_connections": "Integer",
            "allowed_updates": "Array of String",
            "drop_pending_updates": "Boolean",
            "secret_token": "String",
        },
    ),
    "deleteWebhook": Fields(optional={"drop_pending_updates": "Boolean"}),
    "getWebhookInfo": Fields(),
    "sendMessage": Fields(
        {**_CHAT, "text": "String"},
        {
            **_SEND,
            "entities": "Array of MessageEntity",
            "link_preview_options": "LinkPreviewOptions",
        },
    ),
    "sendPhoto": Fields(
        {**_CHAT, "photo": "InputFile|String"},
        {
            **_SEND,
            **_CAPTION,
            "show_caption_above_media": "Boolean",
            "has_spoiler": "Boolean",
        },
    ),
    "sendDocument": Fields(
        {**_CHAT, "document": "InputFile|String"},
        {
            **_SEND,
            **_CAPTION,
            "thumbnail": "InputFile|String",
            "disable_content_type_detection": "Boolean",
        },
    ),
    "sendChatAction": Fields(
        {**_CHAT, "action": "String"},
        {"business_connection_id": "String", "message_thread_id": "Integer"},
    ),
    "editMessageText": Fields(
        optional={
            **_EDIT,
            "text": "String",
            "parse_mode": "String",
            "entities": "Array of MessageEntity",
            "link_preview_options": "LinkPreviewOptions",
            "rich_message": "InputRichMessage",
        }
    ),
    "editMessageCaption": Fields(
        optional={
            **_EDIT,
            **_CAPTION,
            "parse_mode": "String",
            "show_caption_above_media": "Boolean",
        }
    ),
    "editMessageMedia": Fields({"media": "InputMedia"}, _EDIT),
    "editMessageReplyMarkup": Fields(optional=_EDIT),
    "deleteMessage": Fields(_MESSAGE),
    "pinChatMessage": Fields(
        _MESSAGE,
        {"business_connection_id": "String", "disable_notification": "Boolean"},
    ),
    "unpinChatMessage": Fields(_CHAT, {"business_connection_id": "String", "message_id": "Integer"}),
    "setMessageReaction": Fields(_MESSAGE, {"reaction": "Array of ReactionType", "is_big": "Boolean"}),
    "answerCallbackQuery": Fields(
        {"callback_query_id": "String"},
        {
            "text": "String",
            "show_alert": "Boolean",
            "url": "String",
            "cache_time": "Integer",
        },
    ),
    "setMyCommands": Fields({"commands": "Array of BotCommand"}, _SCOPE),
    "getMyCommands": Fields(optional=_SCOPE),
    "deleteMyCommands": Fields(optional=_SCOPE),
    "getChat": Fields(_CHAT),
    "getChatMember": Fields({**_CHAT, "user_id": "Integer"}),
}

#: Known to the platform, and not played here: to send one is a breach, so that nobody
#: believes that it was tested.
NOT_PLAYED: frozenset[str] = frozenset(
    {
        "business_connection_id",
        "direct_messages_topic_id",
        "allow_paid_broadcast",
        "message_effect_id",
        "suggested_post_parameters",
        "inline_message_id",
        "rich_message",
        "certificate",
        "ip_address",
        "thumbnail",
    }
)
