"""What strangers can cause is said once a minute, a kind at a time, with a count."""

import logging

import pytest

from bot_integration.control.seldom import Seldom

log = logging.getLogger("door")


def test_each_kind_is_said_at_once_then_once_a_minute_with_how_many_there_were(
    caplog: pytest.LogCaptureFixture,
) -> None:
    moments = iter([0, 1, 2, 3, 59, 60, 61, 120, 300, 301])
    seldom = Seldom(log, lambda: float(next(moments)))
    for kind in ("token", "token", "full", "token", "token", "token", "token", "token", "token", "full"):
        seldom.warning(kind, "sent away from %s: %s", "alpha", kind)
    assert [record.getMessage() for record in caplog.records] == [
        "sent away from alpha: token",
        "sent away from alpha: full",
        "sent away from alpha: token (and 3 more like it in 60 s)",
        "sent away from alpha: token (and 1 more like it in 60 s)",
        "sent away from alpha: token",
        "sent away from alpha: full",
    ]
