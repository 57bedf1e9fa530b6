"""Codes as people type them, and as they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.guard.codes import Attempt, attempt, digest, masked, new_code

CODES = st.builds(new_code)


def test_a_code_is_twelve_characters_that_nobody_takes_for_another() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {14}
    assert not set("".join(codes)) & set("ILOUilou")


@pytest.mark.parametrize(
    "typed",
    [
        "/start 0K1M-9PQR-2XWZ",
        "start 0k1m9pqr2xwz",
        "/START okim-9pqr-2xwz",
        "/start@deck_bot OKLM9PQR2XWZ",
        "  /start  0K1M-9PQR-2XWZ ",
        "/start 0K1M–9PQR—2XWZ",
    ],
)
def test_however_it_is_typed_it_is_the_same(typed: str) -> None:
    assert attempt(typed) == Attempt("start", "0K1M-9PQR-2XWZ")


def test_a_name_may_stand_behind_it() -> None:
    assert attempt("/claim 0K1M-9PQR-2XWZ ada") == Attempt("claim", "0K1M-9PQR-2XWZ", "ada")


@pytest.mark.parametrize(
    "text",
    [
        "0K1M-9PQR-2XWZ",
        "/start",
        "/start now",
        "/invite viewer",
        "/invite operator bob",
        "/status 0K1M-9PQR-2XWZ",
        "/start 0K1M-9PQR-2XW",
        "/start 0K1M-9PQR-2XWZ0",
        "/start UUUU-9PQR-2XWZ",
        "/start 0K1M-9PQR-2XWZ ada and more",
        "I said: /start 0K1M-9PQR-2XWZ",
        "/start 0K1M-9PQR-２XWZ",  # noqa: RUF001 - a digit of another script
    ],
)
def test_anything_else_is_no_attempt(text: str) -> None:
    assert attempt(text) is None


@given(CODES, st.sampled_from(["start", "claim", "link", "invite", "clam", "strat"]))
def test_no_record_shows_a_code(code: str, word: str) -> None:
    assert code not in masked(f"/{word} {code} bob")
    assert code not in masked(f"say {code}!")


@given(CODES)
def test_behind_its_word_a_code_is_hidden_without_its_dashes_too(code: str) -> None:
    assert masked(f"/start {code.replace('-', '')}") == "/start ***"


@pytest.mark.parametrize("text", ["/close alpha SOL-1", "congratulate me", "019a1234-1234-7abc-8def-0123456789ab"])
def test_what_is_none_is_left_as_it_is(text: str) -> None:
    assert masked(text) == text


@given(st.text(max_size=200))
def test_any_text_is_looked_at(text: str) -> None:
    attempt(text)
    masked(text)


@given(CODES)
def test_what_is_kept_shows_nothing_of_it(code: str) -> None:
    kept = digest(code)
    assert len(kept) == 64
    assert kept == digest(code.lower().replace("-", ""))
