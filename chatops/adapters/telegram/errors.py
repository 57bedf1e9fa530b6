"""What Telegram refuses, as python-telegram-bot's errors, and those in the words of the adapters' port.

TelegramError      all of them
├── NetworkError       no answer, or none that can be read; `__cause__` tells whether anything was sent
│   ├── TimedOut       no answer in time
│   └── BadRequest     400: Telegram says in words why not
├── Paused             429: not now; our own, as the library's `RetryAfter` warns of itself whenever it is made
├── Forbidden          403: that room is closed to us
├── ChatMigrated       the group has another id now
├── InvalidToken       401, 404: we are nobody to it
└── Conflict           409: somebody else polls
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import ClientConnectorError, ConnectionTimeoutError
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from chatops.adapters.base import SendError

_KINDS: Mapping[int, type[TelegramError]] = {
    HTTPStatus.BAD_REQUEST: BadRequest,
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.FORBIDDEN: Forbidden,
    # Said of a token that is none.
    HTTPStatus.NOT_FOUND: InvalidToken,
    HTTPStatus.CONFLICT: Conflict,
}

#: The edit changed nothing: it says what it should.
_UNCHANGED = "message is not modified"
#: There is nothing left to edit.
_UNEDITABLE = ("message to edit not found", "message can't be edited", "there is no text in the message to edit")


class Paused(TelegramError):
    """Telegram wants to be left alone for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too Many Requests: retry after {seconds:g}")
        self.seconds = seconds


def refusal(status: int, answer: Mapping[str, Any]) -> TelegramError:
    """What Telegram means by an answer that is not ok."""
    parameters = answer.get("parameters") or {}
    if "migrate_to_chat_id" in parameters:
        return ChatMigrated(parameters["migrate_to_chat_id"])
    if "retry_after" in parameters:
        return Paused(float(parameters["retry_after"]))
    return _KINDS.get(status, NetworkError)(str(answer.get("description") or f"HTTP status {status}"))


def is_unchanged(error: TelegramError) -> bool:
    """Whether an edit was refused because the message says all that already."""
    return isinstance(error, BadRequest) and _UNCHANGED in error.message.lower()


def is_uneditable(error: TelegramError) -> bool:
    """Whether a message cannot be edited, whatever it should say."""
    return isinstance(error, BadRequest) and any(words in error.message.lower() for words in _UNEDITABLE)


def send_error(error: TelegramError) -> SendError:
    """The same, for the outbox."""
    if isinstance(error, Paused):
        return SendError(reason(error), permanent=False, unsent=True, wait_s=error.seconds)
    unsent = isinstance(error.__cause__, ClientConnectorError | ConnectionTimeoutError)
    return SendError(reason(error), permanent=_is_permanent(error), unsent=unsent)


def reason(error: TelegramError) -> str:
    """What is wrong, and where it is ours to mend, how."""
    match error:
        case Paused():
            return f"Telegram wants a pause of {error.seconds:g} s"
        case ChatMigrated():
            return f"the group became a supergroup; its id is {error.new_chat_id} now"
        case InvalidToken():
            return f"Telegram does not take the token ({error.message}): look at telegram.token"
        case Conflict():
            return f"another program uses this bot ({error.message}): stop it, or give this desk a bot of its own"
        case Forbidden() | BadRequest():
            return error.message
        case _:
            return f"Telegram cannot be reached ({error.message})"


def _is_permanent(error: TelegramError) -> bool:
    # With another token, or once the network is back, the same message goes through.
    return isinstance(error, Forbidden | BadRequest | ChatMigrated)
