"""Codes of authenticator apps: the published vectors, a phone's clock that is off, seeds that nothing stores."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.guard import totp

#: RFC 6238, appendix B: the SHA-1 rows, whose codes have eight digits; six are their end.
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
RFC_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
KEY = b"k" * 32
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
WHICH = UUID("0195e3c0-5f3a-4d52-8f3e-1f5b6f1d9a11")


@pytest.mark.parametrize(("second", "code"), VECTORS.items())
def test_the_published_codes_are_taken_at_their_moments(second: int, code: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    assert totp.step_of(code[-6:], RFC_SEED, moment) == second // 30


@pytest.mark.parametrize(("off_s", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phone_may_be_one_step_off_and_no_more(off_s: int, taken: bool) -> None:
    shown = pyotp.TOTP(RFC_SEED).at(NOON + timedelta(seconds=off_s))
    assert (totp.step_of(shown, RFC_SEED, NOON) is not None) is taken


def test_a_code_that_two_steps_share_counts_as_the_newest() -> None:
    # The first two steps of that seed, one after the other, with one code: else it would work a second time.
    older, newer = 910737, 910738
    app = pyotp.TOTP(RFC_SEED)
    assert app.generate_otp(older) == app.generate_otp(newer) == "911617"
    assert totp.step_of("911617", RFC_SEED, datetime.fromtimestamp(older * 30, UTC)) == newer


def test_a_seed_is_the_same_for_the_same_enrolment_and_no_other() -> None:
    seed = totp.seed(KEY, "ada", WHICH)
    # Written out: were it made otherwise one day, every app would show wrong codes.
    assert seed == "PSZPGK5FJUZXHJNB7NWWAW6XIF4ORILE"
    assert seed == totp.seed(KEY, "ada", WHICH)
    others = {totp.seed(KEY, "bob", WHICH), totp.seed(KEY, "ada", uuid4()), totp.seed(b"x" * 32, "ada", WHICH)}
    assert len(others - {seed}) == 3


def test_a_seed_has_the_160_bits_that_the_rfc_recommends() -> None:
    assert len(pyotp.TOTP(totp.seed(KEY, "ada", WHICH)).byte_secret()) == 20


def test_the_picture_says_whose_codes_of_which_desk() -> None:
    read = pyotp.parse_uri(totp.uri(RFC_SEED, "ada", "Quarterdeck main"))
    assert isinstance(read, pyotp.TOTP)
    assert (read.name, read.issuer, read.secret) == ("ada", "Quarterdeck main", RFC_SEED)
    assert (read.digits, read.interval, read.digest().name) == (6, 30, "sha1")


@pytest.mark.parametrize("said", ["123456", "123 456", " 123-456 ", "123\u2009456", "1 2 3 4 5 6", "123–456"])
def test_a_code_may_be_typed_as_phones_show_it(said: str) -> None:
    assert totp.typed(said) == "123456"
    assert totp.is_code(totp.typed(said))


@pytest.mark.parametrize("said", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "¹²³⁴⁵⁶"])
def test_anything_else_is_no_code(said: str) -> None:
    assert not totp.is_code(totp.typed(said))


def test_recovery_codes_are_ten_and_read_back_however_they_are_typed() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert totp.is_recovery_code(totp.typed(code))
        assert totp.typed(code.upper().replace("-", " ")) == totp.typed(code)


def test_what_is_stored_of_a_recovery_code_cannot_be_tried_out_without_the_key() -> None:
    stored = totp.recovery_hash(KEY, "ada", WHICH, "abcdefgh2345")
    assert stored != totp.recovery_hash(b"x" * 32, "ada", WHICH, "abcdefgh2345")
    assert stored != totp.recovery_hash(KEY, "ada", uuid4(), "abcdefgh2345")
    assert stored != totp.recovery_hash(KEY, "bob", WHICH, "abcdefgh2345")


@given(st.text(max_size=80))
def test_any_text_is_tried_without_an_exception(said: str) -> None:
    meant = totp.typed(said)
    assert not (totp.is_code(meant) and totp.is_recovery_code(meant))
    totp.step_of(meant, RFC_SEED, NOON)
