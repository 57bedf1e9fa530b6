"""What an error of a control API means to whoever asked."""

import pytest

from bot_integration.control import wire
from bot_integration.control.acquaintance import Acquaintance
from bot_integration.control.errors import NothingSent, NotTaken
from bot_integration.control.http_reply import Reply
from bot_integration.control.wire import ErrorAnswer, ErrorCode
from bot_integration.errors import Unreachable


@pytest.mark.parametrize(
    ("status", "code", "kind", "told"),
    [
        (503, ErrorCode.ENDED, NotTaken, "alpha does not run any more."),
        (503, ErrorCode.TOO_MANY, NothingSent, "too many are connected to it"),
        (503, ErrorCode.UNREACHABLE, Unreachable, "alpha answered with an error: it says so"),
        (500, ErrorCode.BROKEN, Unreachable, "alpha answered with an error: it says so"),
        (415, ErrorCode.MALFORMED, NotTaken, "alpha did not understand us: it says so"),
        (421, ErrorCode.WRONG_BOT, NotTaken, "Another bot answers at here: it says so Correct the url, or the name"),
    ],
)
def test_only_what_surely_was_not_done_is_said_not_to_be(
    status: int, code: ErrorCode, kind: type[Unreachable], told: str
) -> None:
    body = wire.encode(ErrorAnswer(error=code, message="it says so"))
    complaint = Reply(Acquaintance("alpha", "here"), status, body).complaint()
    assert isinstance(complaint, kind)
    assert isinstance(complaint, NotTaken | NothingSent) == (kind is not Unreachable)
    assert str(complaint).startswith(told)


def test_an_error_of_somebody_in_between_may_come_after_the_bot_was_asked() -> None:
    complaint = Reply(Acquaintance("alpha", "here"), 502, b"<html>Bad Gateway</html>").complaint()
    assert (type(complaint), str(complaint)) == (Unreachable, "alpha answered with an error: HTTP status 502")
