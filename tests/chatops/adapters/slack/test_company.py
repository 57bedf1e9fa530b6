"""Others who listen as this app are said once they were counted twice, and for as long as they are."""

import logging

import pytest

from chatops.adapters.slack.company import FIRST_LOOK_S, NEXT_LOOK_S, Company


def test_who_is_alone_looks_no_more() -> None:
    company = Company()
    assert [company.counted(told, 1) for told in (1, 0, None, "two")] == [None] * 4
    assert company.note == ""


def test_a_socket_of_ours_that_broke_is_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    company = Company()
    assert company.counted(2, 1) == FIRST_LOOK_S
    assert company.counted(2, 2) is None
    assert company.counted(2, 1) == FIRST_LOOK_S
    assert (company.note, "listens" in caplog.text) == ("", False)


def test_one_that_slack_has_told_to_go_may_be_counted_or_not() -> None:
    company = Company()
    assert company.counted(2, 1, leaving=1) == FIRST_LOOK_S
    assert company.counted(1, 1, leaving=1) is None
    assert company.note == ""


def test_another_program_is_said_once_and_that_it_has_gone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    company = Company()
    assert [company.counted(*seen) for seen in ((2, 1), (3, 2), (3, 2))] == [FIRST_LOOK_S, NEXT_LOOK_S, NEXT_LOOK_S]
    assert company.note.startswith("another program listens as this app")
    assert company.counted(1, 1) is None
    assert company.note == ""
    said = [record.message[:40] for record in caplog.records if record.name == "chatops.adapters.slack.company"]
    assert said == [
        "slack: another program listens as this a",
        "slack: nobody else listens as this app a",
    ]
