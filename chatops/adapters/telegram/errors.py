"""What Telegram refuses, as python-telegram-bot's errors, and what each means for a message (`Fault`).

TelegramError      all of them
├── NetworkError       no answer, or none that can be read; `__cause__` tells whether anything was sent
│   ├── TimedOut       no answer in time
│   ├── Intercepted    a refusal that is not Telegram's: a proxy or a portal on the way gave it; our own
│   └── BadRequest     400: Telegram says in words why not
├── Paused             429: not now; our own, as the library's `RetryAfter` warns of itself whenever it is made
├── Closed             we have hung up; our own
├── Forbidden          403: that room is closed to us
├── ChatMigrated       the group has another id now
├── InvalidToken       401, 404: we are nobody to it
└── Conflict           409: somebody else polls

What it means for a message that was on its way, and whether Telegram may have that message. By the source of aiohttp
3.14 (client.py, connector.py, client_proto.py), which tries no POST a second time by itself:

BACKOFF            no    ClientConnectorError: refused, unreachable, no such name, a proxy or a socket likewise, and
                         every failure of TLS. There was no connection yet
                   no    ConnectionTimeoutError: none in time, out of the pool or to the host; raised around
                         `connector.connect` alone
                   no    InvalidURL, NonHttpUrlClientError: `base_url` is none. Closed: we have hung up
                   no    3xx and 4xx without Telegram's JSON: whoever gave it passed nothing on
                   no    409: it is about polling alone
AMBIGUOUS          yes   SocketTimeoutError, or a bare TimeoutError of the whole: the bytes were out, or some of them
                   yes   ServerDisconnectedError, ClientOSError, ClientPayloadError, ClientConnectionError: a kept
                         connection that the other side has just closed looks the same
                   yes   5xx, or 200 without Telegram's JSON or a result: a 502 comes of what was delivered, too
RETRY_AFTER        no    429
REROUTE            no    400 with `migrate_to_chat_id`
DEAD_CREDENTIAL    no    401; 404 but for “method not found”, which is REFUSED
DEAD_RECIPIENT     no    403; some 400, by their words
DEGRADE            no    some 400, by their words (`_MEANINGS`)
REFUSED            no    every other 4xx; 413 whoever says it: it is as large the next time
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ConnectionTimeoutError,
    InvalidURL,
    NonHttpUrlClientError,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from chatops.adapters.base import Fault, Part, SendError
from chatops.adapters.on_the_way import plainly

_KINDS: Mapping[int, type[TelegramError]] = {
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.FORBIDDEN: Forbidden,
    # Said of a token that is none.
    HTTPStatus.NOT_FOUND: InvalidToken,
    HTTPStatus.CONFLICT: Conflict,
}
_UNSENT = (ClientConnectorError, ConnectionTimeoutError, InvalidURL, NonHttpUrlClientError)
#: The pause where Telegram asks for one and does not say how long.
_UNTOLD_PAUSE_S = 30.0
#: More is no pause, but an answer that is not Telegram's.
_LONGEST_PAUSE_S = 1e9

#: The edit changed nothing: it says what it should.
_UNCHANGED = "message is not modified"
#: It was not pinned, or is gone: there is nothing to unpin.
_NOT_PINNED = "message to unpin not found"
#: It is gone: there is nothing to delete.
_NOT_THERE = "message to delete not found"
#: It has a file, with a caption at most.
_A_FILE = "there is no text in the message to edit"
#: What a refusal says, in lower case, and what it means. The first that fits counts. The contract lists some of them;
#: the others are known from the source of the Bot API's server.
_MEANINGS: tuple[tuple[str, Fault, Part | None], ...] = (
    ("method not found", Fault.REFUSED, None),
    ("can't parse entities", Fault.DEGRADE, Part.FORMATTING),
    ("can't parse messageentity", Fault.DEGRADE, Part.FORMATTING),
    ("entity_bounds_invalid", Fault.DEGRADE, Part.FORMATTING),
    ("message thread not found", Fault.DEGRADE, Part.TOPIC),
    ("topic_closed", Fault.DEGRADE, Part.TOPIC),
    ("topic_deleted", Fault.DEGRADE, Part.TOPIC),
    ("topic_id_invalid", Fault.DEGRADE, Part.TOPIC),
    ("message to be replied not found", Fault.DEGRADE, Part.REPLY),
    ("replied message not found", Fault.DEGRADE, Part.REPLY),
    ("reply_message_id_invalid", Fault.DEGRADE, Part.REPLY),
    ("message to edit not found", Fault.DEGRADE, Part.CARD),
    ("message can't be edited", Fault.DEGRADE, Part.CARD),
    ("message_id_invalid", Fault.DEGRADE, Part.CARD),
    ("message_author_required", Fault.DEGRADE, Part.CARD),
    ("message_edit_time_expired", Fault.DEGRADE, Part.CARD),
    # A text that should become a caption, or the other way about.
    (_A_FILE, Fault.DEGRADE, Part.CARD),
    ("there is no caption in the message to edit", Fault.DEGRADE, Part.CARD),
    ("message to pin not found", Fault.DEGRADE, Part.CARD),
    ("chat not found", Fault.DEAD_RECIPIENT, None),
    ("user is deactivated", Fault.DEAD_RECIPIENT, None),
    ("group chat was deactivated", Fault.DEAD_RECIPIENT, None),
    # With the id that it has now it is a `ChatMigrated`.
    ("group chat was upgraded", Fault.DEAD_RECIPIENT, None),
    ("peer_id_invalid", Fault.DEAD_RECIPIENT, None),
    ("have no rights to send a message", Fault.DEAD_RECIPIENT, None),
    ("not enough rights to send text messages", Fault.DEAD_RECIPIENT, None),
    ("need administrator rights in the channel chat", Fault.DEAD_RECIPIENT, None),
    ("chat_write_forbidden", Fault.DEAD_RECIPIENT, None),
)


class Paused(TelegramError):
    """Telegram wants to be left alone for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too Many Requests: retry after {seconds:g}")
        self.seconds = seconds


class Intercepted(NetworkError):
    """Something on the way refused, and passed nothing on."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP status {status} from something in between, such as a proxy")


class Closed(TelegramError):
    """Our side has hung up, or never began: nothing was sent."""

    def __init__(self) -> None:
        super().__init__("The connection to Telegram is closed.")


def refusal(status: int, answer: Mapping[str, Any]) -> TelegramError:
    """What Telegram means by an answer that is not ok, whatever is in it."""
    parameters = answer.get("parameters")
    parameters = parameters if isinstance(parameters, Mapping) else {}
    said = str(answer.get("description") or f"HTTP status {status}")
    moved_to = parameters.get("migrate_to_chat_id")
    if isinstance(moved_to, int):
        return ChatMigrated(moved_to)
    if status == HTTPStatus.TOO_MANY_REQUESTS or "retry_after" in parameters:
        return Paused(_pause_s(parameters.get("retry_after"), said))
    if status in _KINDS:
        return _KINDS[status](said)
    # Too large, or whatever else of ours it will not have.
    return (BadRequest if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR else NetworkError)(said)


def unreadable(status: int) -> TelegramError:
    """What an answer means that is not Telegram's JSON."""
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return BadRequest("Request Entity Too Large")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Intercepted(status)
    return NetworkError(f"HTTP status {status} without an answer of Telegram's")


def is_unchanged(error: TelegramError) -> bool:
    """Whether an edit was refused because the message says all that already."""
    return isinstance(error, BadRequest) and _UNCHANGED in error.message.lower()


def is_not_pinned(error: TelegramError) -> bool:
    """Whether unpinning was refused because there is no such pin."""
    return isinstance(error, BadRequest) and _NOT_PINNED in error.message.lower()


def is_not_there(error: TelegramError) -> bool:
    """Whether a message could not be deleted because there is none."""
    return isinstance(error, BadRequest) and _NOT_THERE in error.message.lower()


def is_a_file(error: TelegramError) -> bool:
    """Whether a text could not be edited because the message is a file, under which stands a caption."""
    return isinstance(error, BadRequest) and _A_FILE in error.message.lower()


def send_error(error: TelegramError) -> SendError:
    """What it means for a message that was on its way."""
    fault, without = _meaning(error)
    return SendError(
        reason(error),
        fault,
        wait_s=error.seconds if isinstance(error, Paused) else None,
        moved_to=str(error.new_chat_id) if isinstance(error, ChatMigrated) else None,
        without=without,
    )


def reason(error: TelegramError) -> str:
    """What is wrong, and where it is ours to mend, how."""
    match error:
        case Paused():
            return f"Telegram wants a pause of {error.seconds:g} s"
        case ChatMigrated():
            return f"the group became a supergroup; its id is {error.new_chat_id} now"
        case InvalidToken() if _said(error, "method not found"):
            return f"Telegram does not know what was asked of it ({error.message}): look at telegram.base_url"
        case InvalidToken():
            return f"Telegram does not take the token ({error.message}): look at telegram.token"
        case Conflict():
            return f"another program uses this bot ({error.message}): stop it, or give this desk a bot of its own"
        case Forbidden() | BadRequest():
            return error.message
        case _:
            return f"Telegram cannot be reached ({plainly(error.__cause__, 'telegram.base_url') or error.message})"


def _meaning(error: TelegramError) -> tuple[Fault, Part | None]:
    match error:
        case Paused():
            return Fault.RETRY_AFTER, None
        case ChatMigrated():
            return Fault.REROUTE, None
        case Closed() | Conflict() | Intercepted():
            return Fault.BACKOFF, None
        case Forbidden():
            return _by_words(error, Fault.DEAD_RECIPIENT)
        case InvalidToken():
            return (Fault.REFUSED if _said(error, "method not found") else Fault.DEAD_CREDENTIAL), None
        case BadRequest():
            return _by_words(error, Fault.REFUSED)
        case _:
            return (Fault.BACKOFF if isinstance(error.__cause__, _UNSENT) else Fault.AMBIGUOUS), None


def _by_words(error: TelegramError, otherwise: Fault) -> tuple[Fault, Part | None]:
    return next(((fault, part) for words, fault, part in _MEANINGS if _said(error, words)), (otherwise, None))


def _said(error: TelegramError, words: str) -> bool:
    return words in error.message.lower()


def _pause_s(told: object, said: str) -> float:
    if isinstance(told, int | float) and 0 <= told < _LONGEST_PAUSE_S:
        return float(told)
    in_words = re.search(r"retry after ([0-9]{1,9})\b", said)
    return float(in_words[1]) if in_words else _UNTOLD_PAUSE_S
