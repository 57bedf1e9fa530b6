"""The words in which the platform refuses."""

from enum import StrEnum


class Text(StrEnum):
    """Refusals that the contract file lists (a contract test compares them)."""

    UNAUTHORIZED = "Unauthorized"
    NOT_FOUND = "Not Found"
    METHOD_NOT_FOUND = "Not Found: method not found"
    TOO_MANY_REQUESTS = "Too Many Requests: retry after "

    OTHER_POLL = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    WEBHOOK_ACTIVE = (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    WEBHOOK_SET = "Conflict: terminated by setWebhook request"

    TEXT_EMPTY = "Bad Request: message text is empty"
    TEXT_BLANK = "Bad Request: text must be non-empty"
    TEXT_TOO_LONG = "Bad Request: message is too long"
    CAPTION_TOO_LONG = "Bad Request: message caption is too long"
    CHAT_NOT_FOUND = "Bad Request: chat not found"
    EDIT_NOT_FOUND = "Bad Request: message to edit not found"
    DELETE_NOT_FOUND = "Bad Request: message to delete not found"
    EDIT_REFUSED = "Bad Request: message can't be edited"
    REPLY_NOT_FOUND = "Bad Request: message to be replied not found"
    THREAD_NOT_FOUND = "Bad Request: message thread not found"
    NOT_MODIFIED = (
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message"
    )
    QUERY_INVALID = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    MARKUP_TOO_LONG = "Bad Request: reply markup is too long"
    BUTTON_DATA_INVALID = "Bad Request: BUTTON_DATA_INVALID"
    FILE_INVALID = "Bad Request: invalid file_id"
    UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"

    BLOCKED = "Forbidden: bot was blocked by the user"
    KICKED_FROM_GROUP = "Forbidden: bot was kicked from the group chat"
    KICKED_FROM_SUPERGROUP = "Forbidden: bot was kicked from the supergroup chat"
    NOT_A_MEMBER = "Forbidden: bot is not a member of the supergroup chat"
    DEACTIVATED = "Forbidden: user is deactivated"


class UnlistedText(StrEnum):
    """Refusals known from the platform's own server, which the contract file does not list."""

    LOGGED_OUT = "Bad Request: Logged out"
    CHAT_ID_EMPTY = "Bad Request: chat_id is empty"
    MESSAGE_ID_EMPTY = "Bad Request: message identifier is not specified"
    NO_TEXT_TO_EDIT = "Bad Request: there is no text in the message to edit"
    NO_CAPTION_TO_EDIT = "Bad Request: there is no caption in the message to edit"
    NO_PHOTO = "Bad Request: there is no photo in the request"
    NO_DOCUMENT = "Bad Request: there is no document in the request"
    PHOTO_TOO_BIG = "Bad Request: file is too big"
    PHOTO_DIMENSIONS = "Bad Request: PHOTO_INVALID_DIMENSIONS"
    PHOTO_UNREADABLE = "Bad Request: IMAGE_PROCESS_FAILED"
    FILE_OF_ANOTHER_KIND = "Bad Request: can't use the file as another kind of file"
    BODY_TOO_LARGE = "Request Entity Too Large"
    DELETE_REFUSED = "Bad Request: message can't be deleted"
    DELETE_TOO_LATE = "Bad Request: message can't be deleted for everyone"
    PIN_NOT_FOUND = "Bad Request: message to pin not found"
    PIN_RIGHTS = "Bad Request: not enough rights to manage pinned messages in the chat"
    UNPIN_NOT_FOUND = "Bad Request: message to unpin not found"
    REACT_NOT_FOUND = "Bad Request: message to react not found"
    REACTION_INVALID = "Bad Request: REACTION_INVALID"
    REACTIONS_TOO_MANY = "Bad Request: REACTIONS_TOO_MANY"
    TOPIC_CLOSED = "Bad Request: TOPIC_CLOSED"
    ACTION_WRONG = "Bad Request: wrong parameter action in request"
    USER_NOT_FOUND = "Bad Request: user not found"
    COMMAND_INVALID = "Bad Request: BOT_COMMAND_INVALID"
    COMMAND_DESCRIPTION_INVALID = "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"
    COMMANDS_TOO_MANY = "Bad Request: BOT_COMMANDS_TOO_MUCH"
    ANSWER_TOO_LONG = "Bad Request: MESSAGE_TOO_LONG"
    WEBHOOK_INVALID = "Bad Request: bad webhook: invalid URL"
    WEBHOOK_SECRET = "Bad Request: secret token contains unallowed characters"
    BUTTON_TEXT_EMPTY = "Bad Request: can't parse inline keyboard button: text must be non-empty"
    BUTTON_WITHOUT_ACTION = "Bad Request: Text buttons are unallowed in the inline keyboard"
