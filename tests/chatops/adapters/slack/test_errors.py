import ssl
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given
from hypothesis import strategies as st

from chatops.adapters.base import Fault, Part
from chatops.adapters.slack.errors import (
    UNTOLD_PAUSE_S,
    Paused,
    Refused,
    SlackError,
    Unanswered,
    Unreached,
    of_answer,
    of_failure,
    send_error,
    told,
)
from chatops.adapters.slack.meanings import MEANINGS
from tests.material import slack_contract

_HOST = ConnectionKey("127.0.0.1", 443, True, True, None, None, None)
_GONE = OSError(113, "no route")

Meaning = tuple[Fault, Part | None]
REFUSED: Meaning = (Fault.REFUSED, None)

#: The methods that the way out calls.
CALLED = (
    "auth.test",
    "chat.postMessage",
    "chat.update",
    "chat.delete",
    "conversations.history",
    "conversations.replies",
    "conversations.open",
    "files.completeUploadExternal",
    "files.delete",
    "files.getUploadURLExternal",
    "pins.add",
    "pins.remove",
)


def meaning(error: SlackError) -> Meaning:
    meant = send_error(error)
    return meant.fault, meant.without


@pytest.mark.parametrize("method", CALLED)
def test_every_word_of_the_contract_was_thought_of(method: str) -> None:
    assert set(slack_contract()["methods"][method]["errors"]) - set(MEANINGS) == set()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("is_archived", (Fault.DEAD_RECIPIENT, None)),
        ("not_in_channel", (Fault.DEAD_RECIPIENT, None)),
        ("channel_not_found", (Fault.DEAD_RECIPIENT, None)),
        ("token_revoked", (Fault.DEAD_CREDENTIAL, None)),
        ("account_inactive", (Fault.DEAD_CREDENTIAL, None)),
        ("missing_scope", (Fault.DEAD_CREDENTIAL, None)),
        ("msg_blocks_too_long", (Fault.DEGRADE, Part.FORMATTING)),
        ("invalid_blocks", (Fault.DEGRADE, Part.FORMATTING)),
        ("message_not_found", (Fault.DEGRADE, Part.CARD)),
        ("edit_window_closed", (Fault.DEGRADE, Part.CARD)),
        ("restricted_action_thread_locked", (Fault.DEGRADE, Part.REPLY)),
        ("fatal_error", (Fault.AMBIGUOUS, None)),
        ("internal_error", (Fault.AMBIGUOUS, None)),
        ("service_unavailable", (Fault.BACKOFF, None)),
        ("no_text", REFUSED),
        ("a_word_of_tomorrow", REFUSED),
    ],
)
def test_a_word_means_what_it_says(word: str, meant: Meaning) -> None:
    assert meaning(of_answer(200, {"ok": False, "error": word}, {})) == meant


@pytest.mark.parametrize(
    ("status", "answer", "headers", "seconds"),
    [
        (429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "17"}, 17.0),
        (429, None, {"Retry-After": "3"}, 3.0),
        (200, {"ok": False, "error": "rate_limited"}, {}, UNTOLD_PAUSE_S),
        (429, {}, {"Retry-After": "soon"}, UNTOLD_PAUSE_S),
        (429, {}, {"Retry-After": "-1"}, UNTOLD_PAUSE_S),
        (429, {}, {"Retry-After": "nan"}, UNTOLD_PAUSE_S),
    ],
)
def test_a_pause_is_as_long_as_slack_says(status: int, answer: Any, headers: dict[str, str], seconds: float) -> None:
    meant = send_error(of_answer(status, answer, headers))
    assert (meant.fault, meant.wait_s) == (Fault.RETRY_AFTER, seconds)


@pytest.mark.parametrize(
    ("status", "answer", "fault"),
    [
        (502, None, Fault.AMBIGUOUS),
        (500, {"ok": False, "error": "nobody_knows_it"}, Fault.AMBIGUOUS),
        (500, {"ok": False, "error": "channel_not_found"}, Fault.DEAD_RECIPIENT),
        (200, {}, Fault.AMBIGUOUS),
        (200, ["ok"], Fault.AMBIGUOUS),
        (302, None, Fault.BACKOFF),
        (403, "<html>", Fault.BACKOFF),
        (413, None, Fault.REFUSED),
    ],
)
def test_what_is_no_answer_of_slacks_means_what_its_status_says(status: int, answer: Any, fault: Fault) -> None:
    assert meaning(of_answer(status, answer, {}))[0] is fault


@pytest.mark.parametrize(
    ("error", "fault", "words"),
    [
        (aiohttp.ClientConnectorError(_HOST, ConnectionRefusedError(111, "no")), Fault.BACKOFF, "refuses"),
        (aiohttp.ClientConnectorError(_HOST, _GONE), Fault.BACKOFF, "no connection"),
        (aiohttp.ClientConnectorDNSError(_HOST, _GONE), Fault.BACKOFF, "slack.base_url"),
        (aiohttp.ClientConnectorSSLError(_HOST, ssl.SSLError(1, "old")), Fault.BACKOFF, "clock"),
        (aiohttp.ConnectionTimeoutError(), Fault.BACKOFF, "in time"),
        (aiohttp.InvalidURL("x"), Fault.BACKOFF, "no address"),
        (aiohttp.SocketTimeoutError(), Fault.AMBIGUOUS, "no answer in time"),
        (TimeoutError(), Fault.AMBIGUOUS, "no answer in time"),
        (aiohttp.ServerDisconnectedError(), Fault.AMBIGUOUS, "was lost"),
        (aiohttp.ClientPayloadError(), Fault.AMBIGUOUS, "was lost"),
        (ConnectionResetError(), Fault.AMBIGUOUS, "was lost"),
        (AttributeError("get"), Fault.AMBIGUOUS, "cannot be read"),
    ],
)
def test_whether_slack_may_have_it_is_told_by_how_the_connection_failed(
    error: Exception, fault: Fault, words: str
) -> None:
    meant = send_error(of_failure(error))
    assert meant.fault is fault
    assert words in str(meant)


def test_what_was_not_there_to_leave_out_is_refused() -> None:
    thread, card = Refused("thread_not_found"), Refused("message_not_found")
    assert told(thread, frozenset([Part.REPLY])).without is Part.REPLY
    assert told(thread, frozenset([Part.TOPIC])).without is Part.TOPIC
    assert (told(thread).fault, told(thread).without) == REFUSED
    assert (told(card).fault, told(card).without) == REFUSED
    assert told(card, frozenset([Part.CARD])).without is Part.CARD


def test_people_are_told_what_to_do_with_slacks_own_word() -> None:
    said = [
        str(send_error(error))
        for error in (
            of_answer(200, {"error": "not_in_channel"}, {}),
            of_answer(200, {"error": "invalid_blocks", "errors": ["no more than 50 items allowed"]}, {}),
            Paused(7),
            Unreached("no connection"),
            Unanswered("no answer in time"),
        )
    ]
    assert said == [
        "the app is not in the channel: invite it there with /invite (not_in_channel)",
        "Slack refuses it: invalid_blocks, no more than 50 items allowed",
        "Slack wants a pause of 7 s",
        "Slack cannot be reached (no connection)",
        "Slack cannot be reached (no answer in time)",
    ]


def test_who_lacks_a_scope_is_told_which_and_where_to_add_it() -> None:
    error = send_error(of_answer(200, {"error": "missing_scope", "needed": "files:write"}, {}))
    assert str(error).startswith("the app lacks the scope files:write: add it under OAuth & Permissions, and install")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.integers(200, 599),
    JSON | st.fixed_dictionaries({"error": JSON, "needed": JSON, "errors": JSON, "response_metadata": JSON}),
    st.dictionaries(st.just("Retry-After"), st.text(max_size=6)),
)
def test_whatever_is_answered_means_something(status: int, answer: Any, headers: dict[str, str]) -> None:
    meant = send_error(of_answer(status, answer, headers))
    assert (meant.fault is Fault.RETRY_AFTER) == (meant.wait_s is not None)
    assert (meant.fault is Fault.DEGRADE) == (meant.without is not None)
