"""A trouble that lasts is said when it begins, once a minute, and when it is over."""

import logging

import pytest

from chatops.lasting import Lasting

log = logging.getLogger("desk")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == log.name]


def test_it_is_said_once_then_once_a_minute_and_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    moments = iter([0, 15, 59, 60, 75, 119, 120, 130])
    trouble = Lasting(log, "the database is away", clock=lambda: float(next(moments)))
    trouble.over()
    for _ in range(7):
        trouble.met("refused\nthe end of its log")
    trouble.over()
    trouble.over()
    assert said(caplog) == [
        "the database is away: refused\nthe end of its log",
        "the database is away, for 60 s now: refused",
        "the database is away, for 120 s now: refused",
        "the database is away: over after 130 s",
    ]


def test_the_next_time_is_another_one(caplog: pytest.LogCaptureFixture) -> None:
    trouble = Lasting(log, "away", clock=lambda: 7.0)
    for _ in range(2):
        trouble.met("")
        trouble.over()
    assert said(caplog) == ["away: ", "away: over after 0 s"] * 2
