import ssl
from typing import Any

import aiohttp
import pytest
from aiohttp.client_exceptions import UnixClientConnectorError
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import example, given
from hypothesis import strategies as st
from telegram.error import NetworkError, TelegramError, TimedOut

from chatops.adapters.base import Fault, Part
from chatops.adapters.telegram.errors import Closed, is_not_pinned, is_unchanged, reason, refusal, send_error
from tests.material import telegram_contract

_HOST = ConnectionKey("127.0.0.1", 443, True, True, None, None, None)
_GONE = OSError(111, "gone")

Meaning = tuple[Fault, Part | None]

REFUSED: Meaning = (Fault.REFUSED, None)
DEAD: Meaning = (Fault.DEAD_RECIPIENT, None)
FORMATTING: Meaning = (Fault.DEGRADE, Part.FORMATTING)
TOPIC: Meaning = (Fault.DEGRADE, Part.TOPIC)
REPLY: Meaning = (Fault.DEGRADE, Part.REPLY)
CARD: Meaning = (Fault.DEGRADE, Part.CARD)

#: Every refusal of the contract, in its own words.
LISTED: dict[tuple[int, str], Meaning] = {
    (400, "Bad Request: message text is empty"): REFUSED,
    (400, "Bad Request: text must be non-empty (whitespace only)"): REFUSED,
    (400, "Bad Request: message is too long"): REFUSED,
    (400, "Bad Request: message caption is too long"): REFUSED,
    (400, "Bad Request: chat not found"): DEAD,
    (400, "Bad Request: message to edit not found"): CARD,
    (400, "Bad Request: message to delete not found"): REFUSED,
    (400, "Bad Request: message can't be edited"): CARD,
    (400, "Bad Request: message to be replied not found"): REPLY,
    (400, "Bad Request: message thread not found"): TOPIC,
    # Of an edit it is success: `is_unchanged`.
    (
        400,
        (
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        ),
    ): REFUSED,
    (400, "Bad Request: query is too old and response timeout expired or query ID is invalid"): REFUSED,
    (400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""): FORMATTING,
    (400, 'Bad Request: can\'t parse entities: Unsupported start tag "div" at byte offset 0'): FORMATTING,
    (400, "Bad Request: reply markup is too long"): REFUSED,
    (400, "Bad Request: BUTTON_DATA_INVALID"): REFUSED,
    (400, "Bad Request: invalid file_id"): REFUSED,
    # Without the id that it has now.
    (400, "Bad Request: group chat was upgraded to a supergroup chat (+ parameters.migrate_to_chat_id)"): DEAD,
    (401, "Unauthorized"): (Fault.DEAD_CREDENTIAL, None),
    (403, "Forbidden: bot was blocked by the user"): DEAD,
    (403, "Forbidden: bot was kicked from the group chat"): DEAD,
    (403, "Forbidden: bot was kicked from the supergroup chat"): DEAD,
    (403, "Forbidden: bot is not a member of the supergroup chat"): DEAD,
    (403, "Forbidden: user is deactivated"): DEAD,
    (404, "Not Found (malformed token)"): (Fault.DEAD_CREDENTIAL, None),
    (404, "Not Found: method not found"): REFUSED,
    (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    ): (Fault.BACKOFF, None),
    (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    ): (Fault.BACKOFF, None),
    (409, "Conflict: terminated by setWebhook request"): (Fault.BACKOFF, None),
    (429, "Too Many Requests: retry after N"): (Fault.RETRY_AFTER, None),
}
#: Known from the source of the platform's own server.
UNLISTED: dict[tuple[int, str], Meaning] = {
    (400, "Bad Request: TOPIC_CLOSED"): TOPIC,
    (400, "Bad Request: TOPIC_DELETED"): TOPIC,
    (400, "Bad Request: replied message not found"): REPLY,
    (400, "Bad Request: REPLY_MESSAGE_ID_INVALID"): REPLY,
    (400, "Bad Request: MESSAGE_ID_INVALID"): CARD,
    (400, "Bad Request: there is no text in the message to edit"): CARD,
    (400, "Bad Request: there is no caption in the message to edit"): CARD,
    (400, "Bad Request: message to pin not found"): CARD,
    (403, "Forbidden: MESSAGE_AUTHOR_REQUIRED"): CARD,
    (400, "Bad Request: ENTITY_BOUNDS_INVALID"): FORMATTING,
    (400, "Bad Request: user is deactivated"): DEAD,
    (400, "Bad Request: PEER_ID_INVALID"): DEAD,
    (400, "Bad Request: have no rights to send a message"): DEAD,
    (400, "Bad Request: need administrator rights in the channel chat"): DEAD,
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN"): DEAD,
    (400, "Bad Request: not enough rights to manage pinned messages in the chat"): REFUSED,
    (413, "Request Entity Too Large"): REFUSED,
    (500, "Internal Server Error: restart"): (Fault.AMBIGUOUS, None),
    (502, "Bad Gateway"): (Fault.AMBIGUOUS, None),
}


def meaning(error: TelegramError) -> Meaning:
    failed = send_error(error)
    return failed.fault, failed.without


def test_the_table_has_every_refusal_of_the_contract() -> None:
    stated = telegram_contract()["semantics"]["errors"]
    listed = [(code, text) for code in (400, 403, 409) for text in stated[str(code)]]
    listed += [(401, stated["401"]), (429, stated["429"]["description"])]
    listed += [(404, "Not Found" + text) for text in stated["404"].replace(" / ", "").split("Not Found")[1:]]
    assert set(listed) == set(LISTED)


@pytest.mark.parametrize(("status", "said"), [*LISTED, *UNLISTED])
def test_a_refusal_means_what_the_table_says(status: int, said: str) -> None:
    answer = {"ok": False, "error_code": status, "description": said}
    assert meaning(refusal(status, answer)) == (LISTED | UNLISTED)[status, said]


def test_a_pause_and_a_new_id_are_handed_on() -> None:
    paused = send_error(refusal(429, {"parameters": {"retry_after": 35}}))
    assert (paused.fault, paused.wait_s) == (Fault.RETRY_AFTER, 35.0)
    in_words = send_error(refusal(429, {"description": "Too Many Requests: retry after 17"}))
    assert (in_words.fault, in_words.wait_s) == (Fault.RETRY_AFTER, 17.0)
    moved = send_error(refusal(400, {"parameters": {"migrate_to_chat_id": -1007}}))
    assert (moved.fault, moved.moved_to) == (Fault.REROUTE, "-1007")


@pytest.mark.parametrize(
    ("cause", "fault"),
    [
        (aiohttp.ClientConnectorError(_HOST, _GONE), Fault.BACKOFF),
        (aiohttp.ClientConnectorDNSError(_HOST, _GONE), Fault.BACKOFF),
        (aiohttp.ClientProxyConnectionError(_HOST, _GONE), Fault.BACKOFF),
        (UnixClientConnectorError("/run/api.sock", _HOST, _GONE), Fault.BACKOFF),
        (aiohttp.ClientConnectorCertificateError(_HOST, ssl.CertificateError("expired")), Fault.BACKOFF),
        (aiohttp.ClientConnectorSSLError(_HOST, ssl.SSLError(1, "wrong version")), Fault.BACKOFF),
        (aiohttp.ConnectionTimeoutError("host"), Fault.BACKOFF),
        (aiohttp.InvalidURL("telegram"), Fault.BACKOFF),
        (aiohttp.NonHttpUrlClientError("ftp://telegram"), Fault.BACKOFF),
        (aiohttp.SocketTimeoutError("reading"), Fault.AMBIGUOUS),
        (TimeoutError(), Fault.AMBIGUOUS),
        (aiohttp.ServerDisconnectedError(), Fault.AMBIGUOUS),
        (aiohttp.ClientOSError(104, "reset"), Fault.AMBIGUOUS),
        (aiohttp.ClientConnectionResetError("closing"), Fault.AMBIGUOUS),
        (aiohttp.ClientPayloadError("half"), Fault.AMBIGUOUS),
        (aiohttp.ClientConnectionError("Connection closed"), Fault.AMBIGUOUS),
        (ConnectionResetError(), Fault.AMBIGUOUS),
    ],
)
@pytest.mark.parametrize("kind", [NetworkError, TimedOut])
def test_what_broke_on_the_way_tells_whether_anything_was_sent(
    kind: type[NetworkError], cause: Exception, fault: Fault
) -> None:
    error = kind("broke")
    error.__cause__ = cause
    assert meaning(error) == (fault, None)


def test_what_was_never_begun_was_not_sent_and_what_nobody_knows_may_have_been() -> None:
    assert meaning(Closed()) == (Fault.BACKOFF, None)
    assert meaning(NetworkError("502 without JSON")) == (Fault.AMBIGUOUS, None)
    assert meaning(refusal(200, {"ok": True})) == (Fault.AMBIGUOUS, None)
    assert meaning(TelegramError("new to us")) == (Fault.AMBIGUOUS, None)


def test_only_telegrams_own_word_for_it_is_success() -> None:
    assert is_unchanged(refusal(400, {"description": "Bad Request: message is not modified: same"}))
    assert not is_unchanged(refusal(403, {"description": "message is not modified"}))
    assert is_not_pinned(refusal(400, {"description": "Bad Request: message to unpin not found"}))
    assert not is_not_pinned(refusal(400, {"description": "Bad Request: message to pin not found"}))


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_PARAMETERS = _JSON | st.fixed_dictionaries({}, optional={"retry_after": _JSON, "migrate_to_chat_id": _JSON})
_ANSWERS = st.fixed_dictionaries({}, optional={"ok": _JSON, "description": _JSON, "parameters": _PARAMETERS})


@given(st.integers() | st.sampled_from([200, 400, 401, 403, 404, 409, 413, 429, 500, 502]), _ANSWERS)
@example(429, {"parameters": {"retry_after": 10**400}})
@example(429, {"description": f"retry after {'9' * 5000}"})
def test_whatever_telegram_answers_has_some_meaning(status: int, answer: dict[str, Any]) -> None:
    failed = send_error(refusal(status, answer))
    assert (failed.fault is Fault.RETRY_AFTER) == (failed.wait_s is not None)
    assert (failed.fault is Fault.REROUTE) == (failed.moved_to is not None)
    assert (failed.fault is Fault.DEGRADE) == (failed.without is not None)
    assert failed.wait_s is None or 0 <= failed.wait_s < float("inf")


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (aiohttp.ClientConnectorError(_HOST, ConnectionRefusedError(111, "refused")), "it refuses the connection"),
        (aiohttp.ClientConnectorError(_HOST, OSError(101, "unreachable")), "no connection"),
        (aiohttp.ClientConnectorDNSError(_HOST, _GONE), "its name is not found"),
        (aiohttp.ClientConnectorSSLError(_HOST, ssl.SSLError(1, "bad")), "no secure connection"),
        (aiohttp.ConnectionTimeoutError("CANARY"), "no connection in time"),
        (aiohttp.SocketTimeoutError("CANARY"), "no answer in time"),
        (TimeoutError(), "no answer in time"),
        (aiohttp.ServerDisconnectedError(), "the connection was lost"),
        (ConnectionResetError(104, "CANARY"), "the connection was lost"),
        (aiohttp.InvalidURL("CANARY"), "telegram.base_url is no address of the web"),
    ],
)
def test_people_are_told_in_plain_words_and_the_log_has_the_library_s(cause: Exception, said: str) -> None:
    error = NetworkError(f"{type(cause).__name__}: ssl:default [Call failed: CANARY]")
    error.__cause__ = cause
    told = reason(error)
    assert told.startswith(f"Telegram cannot be reached ({said}")
    assert "CANARY" not in told
    assert "ssl:default" not in told
