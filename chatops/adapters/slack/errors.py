"""What goes wrong with a call of the Web API, and what each means for a message (`Fault`).

SlackError      all of them
├── Refused         Slack says no, in a word of its own: `code`
├── Paused          429, or a word that means it: not now
├── Unreached       nothing came to Slack
└── Unanswered      Slack may have it: no answer came, or none of Slack's

Whether Slack may have a message that was on its way, by the source of aiohttp 3.14 (see the one of Telegram's adapter)
and of slack_sdk 3.47 without its retries, which post twice where a connection drops after acceptance:

BACKOFF            no    no connection (`ClientConnectorError`, `ConnectionTimeoutError`), no address of the web, or we
                         have hung up; 3xx and 4xx without Slack's JSON: whoever gave it passed nothing on
AMBIGUOUS          yes   every other failure of the connection; 5xx, or 200 without Slack's JSON; and the words that say
                         that a part of it may have been done
The rest           no    by the word, see `meanings`. A word that nobody knows is REFUSED
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ConnectionTimeoutError,
    InvalidURL,
    NonHttpUrlClientError,
)

from chatops.adapters.base import Fault, Part, SendError
from chatops.adapters.on_the_way import plainly
from chatops.adapters.slack.meanings import MEANINGS, advice

_UNSENT = (ClientConnectorError, ConnectionTimeoutError, InvalidURL, NonHttpUrlClientError)
#: The pause where Slack asks for one and does not say how long.
UNTOLD_PAUSE_S = 30.0
#: More is no pause, but an answer that is not Slack's.
_LONGEST_PAUSE_S = 1e9
#: Says that the whole is too large, whoever says it: it is as large the next time.
TOO_LARGE = "request_too_large"


#: Limited by channel; every other method is by its tier, in all channels together (contract, limits.rate).
POST = "chat.postMessage"


class SlackError(Exception):
    """A call did not come to a good end."""


class Refused(SlackError):
    """Slack says no. `needed` names the scope where one is missing, `details` what is wrong with the arguments."""

    def __init__(self, code: str, *, needed: str = "", details: str = "") -> None:
        super().__init__(": ".join(part for part in (code, needed or details) if part))
        self.code = code
        self.needed = needed
        self.details = details


class Paused(SlackError):
    """Slack wants to be left alone for `seconds`: with that method, or with posts to that channel."""

    def __init__(self, seconds: float, method: str = POST) -> None:
        super().__init__(f"ratelimited: {method} for {seconds:g} s")
        self.seconds = seconds
        self.method = method


class Unreached(SlackError):
    """Nothing came to Slack. The words say in which way, for people."""


class Unanswered(SlackError):
    """Slack may have it, and nobody knows."""


def of_answer(status: int, answer: object, headers: Mapping[str, str], method: str = POST) -> SlackError:
    """What an answer means that is not ok, whatever is in it."""
    told = answer if isinstance(answer, Mapping) else {}
    code = told.get("error")
    meaning = MEANINGS.get(code) if isinstance(code, str) else None
    if status == HTTPStatus.TOO_MANY_REQUESTS or (meaning is not None and meaning[0] is Fault.RETRY_AFTER):
        return Paused(_pause_s(headers.get("Retry-After")), method)
    if meaning is not None and meaning[0] is Fault.AMBIGUOUS:
        return Unanswered(f"it broke on its side: {code}")
    if isinstance(code, str) and code and (meaning is not None or status < HTTPStatus.INTERNAL_SERVER_ERROR):
        return Refused(code, needed=str(told.get("needed") or ""), details=_details(told))
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Refused(TOO_LARGE)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unreached(f"HTTP status {status} from something in between, such as a proxy")
    return Unanswered(f"HTTP status {status} without an answer of Slack's")


def of_failure(error: Exception) -> SlackError:
    """What it means that the connection failed. The words of aiohttp are left to the log."""
    kind = Unreached if isinstance(error, _UNSENT) else Unanswered
    return kind(plainly(error, "slack.base_url") or "its answer cannot be read")


def send_error(error: SlackError) -> SendError:
    """What it means for a message that was on its way."""
    match error:
        case Paused(seconds=seconds, method=method):
            of_kind = method != POST
            said = f"Slack wants a pause of {seconds:g} s" + (f" with {method}" if of_kind else "")
            return SendError(said, Fault.RETRY_AFTER, wait_s=seconds, of_kind=of_kind)
        case Refused(code=code):
            fault, without = MEANINGS.get(code, (Fault.REFUSED, None))
            return SendError(advice(code, error.needed, error.details), fault, without=without)
        case Unreached():
            return SendError(f"Slack cannot be reached ({error})", Fault.BACKOFF)
        case _:
            return SendError(f"Slack cannot be reached ({error})", Fault.AMBIGUOUS)


def told(error: SlackError, can_lose: frozenset[Part] = frozenset()) -> SendError:
    """The error for the outbox, where only `can_lose` was there to leave out.

    A thread that is closed is lost as the room's topic first, then as what the message hangs on.
    """
    meant = send_error(error)
    if meant.without is None or meant.without in can_lose:
        return meant
    if meant.without is Part.REPLY and Part.TOPIC in can_lose:
        return SendError(str(meant), Fault.DEGRADE, without=Part.TOPIC)
    return SendError(str(meant), Fault.REFUSED)


def _details(told: Mapping[str, Any]) -> str:
    """What is wrong with the arguments, in Slack's words: the first of them."""
    metadata = told.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, Mapping) else None
    every = [one for said in (messages, told.get("errors")) if isinstance(said, list) for one in said]
    return str(every[0]) if every else ""


def _pause_s(said: str | None) -> float:
    try:
        seconds = float(said or "")
    except ValueError:
        return UNTOLD_PAUSE_S
    return seconds if 0 <= seconds < _LONGEST_PAUSE_S else UNTOLD_PAUSE_S
