"""The methods that this server plays: their arguments, scopes, tier and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Types = Mapping[str, str | None]

_CHANNEL: Types = {"channel": "channel"}
_POST: Types = {
    "as_user": "boolean",
    "attachments": "string",
    "blocks": "string",
    "icon_emoji": "string",
    "icon_url": "string",
    "link_names": "boolean",
    "markdown_text": "string",
    "metadata": "string",
    "parse": "string",
    "text": "string",
    "thread_ts": "string",
    "username": "string",
}
_PAGE: Types = {
    "cursor": "string",
    "include_all_metadata": "boolean",
    "inclusive": "boolean",
    "latest": "timestamp",
    "limit": "number",
    "oldest": "timestamp",
}
_TRIGGER: Types = {"trigger_id": "string", "interactivity_pointer": "string"}
_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "no_text"})
_METADATA = frozenset({"invalid_metadata_format", "metadata_too_large"})
_VIEW = frozenset({"view_too_large", "duplicate_external_id"})
_TRIGGERS = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})


@dataclass(frozen=True, slots=True)
class Method:
    """`scopes`: one of them is needed, which one is settled by the kind of channel where there are four."""

    required: Types = field(default_factory=dict)
    optional: Types = field(default_factory=dict)
    tier: str = "Tier4"
    scopes: tuple[str, ...] = ()
    errors: frozenset[str] = frozenset()
    #: "bot" or "app": what kind of token calls it.
    token: str = "bot"
    #: Whether it reads a body of JSON; the reading methods take a form or a query only.
    takes_json: bool = False


METHODS: Mapping[str, Method] = {
    "auth.test": Method(tier="special"),
    "apps.connections.open": Method(tier="Tier1", scopes=("connections:write",), token="app", takes_json=True),
    "chat.postMessage": Method(
        _CHANNEL,
        {
            **_POST,
            "current_draft_last_updated_ts": "string",
            "mrkdwn": "boolean",
            "reply_broadcast": "boolean",
            "unfurl_links": "boolean",
            "unfurl_media": "boolean",
        },
        "special",
        ("chat:write",),
        _BLOCKS
        | _METADATA
        | {"channel_not_found", "not_in_channel", "is_archived", "msg_blocks_too_long", "restricted_action"}
        | {"messages_tab_disabled"},
        takes_json=True,
    ),
    "chat.update": Method(
        {**_CHANNEL, "ts": "timestamp"},
        {
            "as_user": "boolean",
            "attachments": "string",
            "unfurled_attachments": "string",
            "blocks": "string",
            "markdown_text": "string",
            "metadata": "string",
            "link_names": "boolean",
            "parse": "string",
            "text": "string",
            "reply_broadcast": "boolean",
            "file_ids": "array",
        },
        "Tier3",
        ("chat:write",),
        _BLOCKS
        | _METADATA
        | {"channel_not_found", "message_not_found", "cant_update_message", "is_inactive", "msg_too_long"},
        takes_json=True,
    ),
    "chat.delete": Method(
        {**_CHANNEL, "ts": "timestamp"},
        {"as_user": "boolean"},
        "Tier3",
        ("chat:write",),
        frozenset({"channel_not_found", "message_not_found", "cant_delete_message"}),
        takes_json=True,
    ),
    "chat.postEphemeral": Method(
        {**_CHANNEL, "user": "user"},
        _POST,
        "Tier4",
        ("chat:write",),
        _BLOCKS | {"channel_not_found", "not_in_channel", "is_archived", "msg_too_long", "user_not_in_channel"},
        takes_json=True,
    ),
    "chat.getPermalink": Method(
        {**_CHANNEL, "message_ts": "string"}, {}, "special", (), frozenset({"channel_not_found", "message_not_found"})
    ),
    "conversations.info": Method(
        _CHANNEL,
        {"include_locale": "boolean", "include_num_members": "boolean"},
        "Tier3",
        _READ,
        frozenset({"channel_not_found"}),
    ),
    "conversations.members": Method(
        _CHANNEL,
        {"cursor": "string", "limit": "number"},
        "Tier4",
        _READ,
        frozenset({"channel_not_found", "invalid_cursor"}),
    ),
    "conversations.history": Method(
        _CHANNEL,
        _PAGE,
        "Tier3",
        _HISTORY,
        frozenset({"channel_not_found", "not_in_channel", "invalid_cursor", "invalid_ts_latest", "invalid_ts_oldest"}),
    ),
    "conversations.replies": Method(
        {**_CHANNEL, "ts": "timestamp"},
        _PAGE,
        "Tier3",
        _HISTORY,
        frozenset(
            {"channel_not_found", "thread_not_found", "invalid_cursor", "invalid_ts_latest", "invalid_ts_oldest"}
        ),
    ),
    "conversations.open": Method(
        {},
        {"channel": "channel", "return_im": "boolean", "users": "string", "prevent_creation": "boolean"},
        "Tier3",
        ("im:write",),
        frozenset(
            {"channel_not_found", "users_list_not_supplied", "user_not_found", "user_disabled", "too_many_users"}
        ),
        takes_json=True,
    ),
    "pins.add": Method(
        _CHANNEL,
        {"timestamp": "string"},
        "Tier2",
        ("pins:write",),
        frozenset({"channel_not_found", "not_in_channel", "already_pinned", "message_not_found", "no_item_specified"}),
        takes_json=True,
    ),
    "pins.remove": Method(
        _CHANNEL,
        {"timestamp": "string"},
        "Tier2",
        ("pins:write",),
        frozenset({"channel_not_found", "no_pin", "message_not_found", "no_item_specified"}),
        takes_json=True,
    ),
    "pins.list": Method(_CHANNEL, {}, "Tier2", ("pins:read",), frozenset({"channel_not_found"})),
    "reactions.add": Method(
        {**_CHANNEL, "name": "string", "timestamp": "string"},
        {},
        "Tier3",
        ("reactions:write",),
        frozenset({"channel_not_found", "message_not_found", "already_reacted", "invalid_name", "is_archived"}),
        takes_json=True,
    ),
    "reactions.remove": Method(
        {"name": "string"},
        {"file": "file", "file_comment": "string", "channel": "channel", "timestamp": "string"},
        "Tier2",
        ("reactions:write",),
        frozenset({"channel_not_found", "message_not_found", "no_reaction", "no_item_specified"}),
        takes_json=True,
    ),
    "users.info": Method(
        {"user": "user"}, {"include_locale": "boolean"}, "Tier4", ("users:read",), frozenset({"user_not_found"})
    ),
    "views.open": Method({"view": None}, _TRIGGER, "Tier4", (), _VIEW | _TRIGGERS, takes_json=True),
    "views.push": Method(
        {"view": None}, _TRIGGER, "Tier4", (), _VIEW | _TRIGGERS | {"push_limit_reached"}, takes_json=True
    ),
    "views.update": Method(
        {"view": None},
        {"view_id": "string", "external_id": "string", "hash": "string"},
        "Tier4",
        (),
        _VIEW | {"not_found", "hash_conflict"},
        takes_json=True,
    ),
    "views.publish": Method(
        {"user_id": "string", "view": None},
        {"hash": "string", "interactivity_pointer": "string"},
        "Tier4",
        (),
        _VIEW | {"hash_conflict", "not_enabled"},
        takes_json=True,
    ),
    "files.getUploadURLExternal": Method(
        {"length": "integer", "filename": "string"},
        {"snippet_type": "string", "alt_txt": "string"},
        "Tier4",
        ("files:write",),
        frozenset({"missing_argument", "alt_txt_too_large", "file_upload_size_restricted"}),
    ),
    "files.delete": Method(
        {"file": "file"},
        {},
        "Tier3",
        ("files:write",),
        frozenset({"file_not_found"}),
        takes_json=True,
    ),
    "files.completeUploadExternal": Method(
        {"files": "array"},
        {
            "channel_id": None,
            "thread_ts": "string",
            "channels": "string",
            "initial_comment": "string",
            "blocks": "string",
            "username": "string",
            "icon_url": "string",
            "icon_emoji": "string",
        },
        "Tier4",
        ("files:write",),
        frozenset({"file_not_found", "channel_not_found", "not_in_channel", "invalid_channel", "invalid_blocks"}),
        takes_json=True,
    ),
}

#: What any method may answer, whatever was asked. The last one stands in few lists and is what the platform says of
#: arguments, and of views, that it cannot read.
COMMON_ERRORS = frozenset(
    {
        "not_authed",
        "token_revoked",
        "account_inactive",
        "not_allowed_token_type",
        "missing_scope",
        "ratelimited",
        "invalid_post_type",
        "invalid_form_data",
        "invalid_arg_name",
        "unknown_method",
    }
) | {"invalid_arguments"}
