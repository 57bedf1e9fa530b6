"""What people say is on record without what may be a code, whichever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.guard.codes import new_code
from chatops.guard.recordable import without_codes
from chatops.guard.totp import new_recovery_codes

SAID = ["{}", "/code {}", "/cod {}", "/totp {}", "is it {} or what", "({})", "{}.", "{}, please", "{}!", "{} {}"]


@pytest.mark.parametrize("said", SAID)
def test_no_code_is_on_record_whatever_is_said_around_it(said: str) -> None:
    for code in ("123456", "123 456", "000000", new_code(), *new_recovery_codes()):
        recorded = without_codes(said.format(code, code))
        assert code not in recorded
        assert "***" in recorded


@pytest.mark.parametrize("said", ["/close SOL-1 50%", "kill switch on", "/set max 1234567.5", "2026-11-21 12:00", ""])
def test_what_is_no_code_stays(said: str) -> None:
    assert without_codes(said) == said


@given(st.text(max_size=5_000))
def test_any_text_is_taken(said: str) -> None:
    assert isinstance(without_codes(said), str)
