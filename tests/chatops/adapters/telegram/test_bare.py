"""What of an update is stored: no code, and nothing of a message of ours that it quotes."""

from typing import Any

import pytest

from chatops.adapters.telegram.bare import bare

SECRET = "MFLK 77MN BQA2 HTBR UD46 V5EV YBDF UAG6"
CHAT = {"id": 2, "type": "private"}
BOB = {"id": 2, "is_bot": False, "first_name": "Bob"}
US = {"id": 9, "is_bot": True, "first_name": "Desk"}
CARD = {
    "message_id": 7,
    "date": 1,
    "chat": CHAT,
    "from": US,
    "caption": SECRET,
    "photo": [{"file_id": "seed"}],
}


def update(text: str, **more: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 8, "date": 1, "chat": CHAT, "from": BOB, "text": text, **more}}


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("/code 123456", "/code ***"),
        ("/code@desk_bot 123 456", "/code@desk_bot ***"),
        ("code abcd-efgh-2345", "code ***"),
        ("/code 12345 oh no", "/code ***"),
        ("123456", "***"),
        (" 123-456 ", "***"),
        ("ABCD-EFGH-2345", "***"),
        ("/cod 123456", "/cod ***"),
        ("/totp abcdefgh2345", "/totp ***"),
    ],
)
def test_a_code_is_not_stored(text: str, stored: str) -> None:
    assert bare(update(text)) == update(stored)


@pytest.mark.parametrize(
    "text",
    [
        "/status",
        "/close SOL-1 50%",
        "/position 1234567",
        "/set max 123456.5",
        "kill switch on",
        "/performance lane",
        "/pnl 2026-11-21",
        "/claim 7K3M-9PQR-2XWZ Ada",
        "/start ABCDEFGH2345",
    ],
)
def test_anything_else_is_stored_as_it_came(text: str) -> None:
    said = update(text)
    assert bare(said) is said


@pytest.mark.parametrize("how", ["reply_to_message", "pinned_message"])
def test_what_a_message_quotes_is_stored_by_its_id_alone(how: str) -> None:
    stored = bare(update("/status", **{how: CARD, "quote": {"text": SECRET, "position": 0}}))
    assert SECRET not in str(stored)
    assert "seed" not in str(stored)
    assert stored["message"][how] == {"message_id": 7, "date": 1, "chat": CHAT, "from": US}
    assert stored["message"]["text"] == "/status"


@pytest.mark.parametrize("odd", [{}, {"message": None}, {"message": {"text": 5}}, {"unreadable": [1]}, {"edited": {}}])
def test_what_is_no_message_is_stored_as_it_came(odd: dict[str, Any]) -> None:
    assert bare(odd) is odd


def test_a_quote_that_is_no_message_is_dropped() -> None:
    assert bare(update("hi", reply_to_message=SECRET))["message"]["reply_to_message"] is None
