"""What each word means with which Slack refuses, for a message that was on its way (pure).

The words and what Slack says of them: the contract's errors, of every method that the way out calls.
"""

from collections.abc import Mapping
from types import MappingProxyType

from chatops.adapters.base import Fault, Part

Meaning = tuple[Fault, Part | None]

#: Not now; how long stands in a header, or nowhere.
_PAUSES = ("ratelimited", "rate_limited", "message_limit_exceeded", "external_channel_migrating")
#: Nothing was done, and it is no fault of the message or of ours.
_NOT_NOW = (
    "accesslimited",
    "org_login_required",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
)
#: “It's possible some aspect of the operation succeeded before the error was raised.”
_PERHAPS_DONE = ("fatal_error", "internal_error", "file_update_failed", "update_failed")
#: The app as a whole is turned away, until a person mends it.
_NOT_KNOWN = (
    "account_inactive",
    "ekm_access_denied",
    "forbidden_team",
    "invalid_auth",
    "missing_scope",
    "not_allowed_token_type",
    "not_authed",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
)
#: That room is closed to us.
_CLOSED_ROOM = (
    "access_denied",
    "app_access_restricted",
    "channel_is_limited_access",
    "channel_not_found",
    "invalid_channel",
    "is_archived",
    "is_inactive",
    "messages_tab_disabled",
    "method_not_supported_for_channel_type",
    "no_permission",
    "not_in_channel",
    "posting_to_channel_denied",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "user_disabled",
    "user_not_found",
    "user_not_in_channel",
    "user_not_visible",
)
#: The thread in which it should stand takes nothing.
_CLOSED_THREAD = (
    "cannot_reply_to_message",
    "invalid_thread_ts",
    "restricted_action_non_threadable_channel",
    "restricted_action_thread_locked",
    "thread_not_found",
)
#: The message that it would change is gone, or is not to be changed any more.
_CLOSED_CARD = (
    "block_mismatch",
    "cant_broadcast_message",
    "cant_update_message",
    "edit_window_closed",
    "message_not_found",
    "no_dual_broadcast_content_update",
    "not_pinnable",
    "streaming_state_conflict",
)
#: Its blocks: as one plain text.
_BLOCKS = (
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_blocks_too_many",
    "msg_too_long",
)
#: What is never taken, and is ours to mend: in the program, or in the app's settings.
_NEVER = (
    "alt_txt_too_large",
    "already_pinned",
    "as_user_not_supported",
    "attachment_payload_limit_exceeded",
    "bad_timestamp",
    "blocked_file_type",
    "canvas_disabled_file_team",
    "canvas_disabled_user_team",
    "canvas_globally_disabled",
    "cant_delete_file",
    "cant_delete_message",
    "channels_limit_exceeded",
    "delete_not_allowed",
    "deprecated_endpoint",
    "draft_already_deleted",
    "draft_already_sent",
    "draft_has_conflict",
    "draft_not_found",
    "duplicate_channel_not_found",
    "duplicate_message_not_found",
    "enterprise_is_restricted",
    "file_comment_not_found",
    "file_deleted",
    "file_deleting_disabled",
    "file_is_deleted",
    "file_not_found",
    "file_not_shared",
    "file_share_limit_reached",
    "file_type_not_allowed",
    "file_upload_size_restricted",
    "file_uploads_disabled",
    "file_uploads_except_images_disabled",
    "invalid_arg_name",
    "invalid_array_arg",
    "invalid_attachments",
    "invalid_charset",
    "invalid_cursor",
    "invalid_form_data",
    "invalid_metadata_filter_keys",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_post_type",
    "invalid_ts_latest",
    "invalid_ts_oldest",
    "invalid_user_combination",
    "is_bot",
    "list_record_comment_fetch_failed",
    "markdown_text_conflict",
    "max_file_sharing_exceeded",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
    "method_deprecated",
    "missing_argument",
    "missing_file_data",
    "missing_post_type",
    "no_item_specified",
    "no_pin",
    "no_text",
    "not_enough_users",
    "not_pinned",
    "send_on_behalf_not_allowed",
    "slack_connect_blocked_file_type",
    "slack_connect_canvas_sharing_blocked",
    "slack_connect_clip_sharing_blocked",
    "slack_connect_file_link_sharing_blocked",
    "slack_connect_file_upload_sharing_blocked",
    "slack_connect_lists_sharing_blocked",
    "snippet_too_large",
    "storage_limit_reached",
    "team_not_found",
    "too_many_attachments",
    "too_many_contact_cards",
    "too_many_pins",
    "too_many_users",
    "unable_to_share_files",
    "unknown_method",
    "unknown_snippet_type",
    "unknown_subtype",
    "users_list_not_supplied",
)

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    dict.fromkeys(_PAUSES, (Fault.RETRY_AFTER, None))
    | dict.fromkeys(_NOT_NOW, (Fault.BACKOFF, None))
    | dict.fromkeys(_PERHAPS_DONE, (Fault.AMBIGUOUS, None))
    | dict.fromkeys(_NOT_KNOWN, (Fault.DEAD_CREDENTIAL, None))
    | dict.fromkeys(_CLOSED_ROOM, (Fault.DEAD_RECIPIENT, None))
    | dict.fromkeys(_CLOSED_THREAD, (Fault.DEGRADE, Part.REPLY))
    | dict.fromkeys(_CLOSED_CARD, (Fault.DEGRADE, Part.CARD))
    | dict.fromkeys(_BLOCKS, (Fault.DEGRADE, Part.FORMATTING))
    | dict.fromkeys(_NEVER, (Fault.REFUSED, None))
)

#: What a person can do about it, where one can.
_ADVICE: Mapping[str, str] = {
    "account_inactive": "the app was taken out of the workspace: install it again, and set slack.bot_token",
    "app_access_restricted": "this person may not use the app: a workspace admin can allow it",
    "channel_not_found": "there is no such channel, or it is private and the app is not in it: invite it there",
    "ekm_access_denied": "the workspace's admins have suspended posting",
    "file_uploads_disabled": "the workspace takes no files",
    "file_uploads_except_images_disabled": "the workspace takes no files but pictures",
    "invalid_auth": "Slack does not take the token: look at slack.bot_token",
    "is_archived": "the channel is archived",
    "is_inactive": "the channel is archived",
    "messages_tab_disabled": "the app's messages tab is off: switch it on under App Home",
    "not_allowed_token_type": "slack.bot_token is no bot token: it begins with xoxb-",
    "not_authed": "Slack was given no token: set slack.bot_token",
    "not_in_channel": "the app is not in the channel: invite it there with /invite",
    "restricted_action": "the app may not post there: its posting permissions can be changed by an admin",
    "restricted_action_read_only_channel": "nobody but admins may post there",
    "storage_limit_reached": "the workspace has no room left for files",
    "team_added_to_org": "the workspace is being moved to an organisation",
    "token_expired": "the token has expired: set a new slack.bot_token",
    "token_revoked": "the token was revoked: install the app again, and set slack.bot_token",
    "too_many_pins": "the channel has as many pins as it may",
    "unknown_method": "Slack does not know what was asked of it: look at slack.base_url",
}


def advice(code: str, needed: str = "", details: str = "") -> str:
    """What is wrong, with Slack's own word for it, and where somebody can mend it, how."""
    if code == "missing_scope":
        scope = f"the scope {needed}" if needed else "a scope"
        return f"the app lacks {scope}: add it under OAuth & Permissions, and install the app again (missing_scope)"
    said = _ADVICE.get(code)
    if said is not None:
        return f"{said} ({code})"
    return f"Slack refuses it: {code}" + (f", {details}" if details else "")
