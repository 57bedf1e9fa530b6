"""What a failure means for a message (SPEC 8)."""

from datetime import UTC, datetime

import pytest

from alerts.severity import Severity
from chatops.adapters.base import Fault, Part, SendError
from chatops.delivery.endings import MOST_REPEATS, Ending, Ends, Manner, Moves, Waits, judge
from chatops.ids import uuid7
from chatops.messages import Message, Posting
from chatops.owed import Kind, Owed, State
from chatops.room import Room

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def owed(kind: Kind, severity: Severity = Severity.INFO, replaces: str | None = None) -> Owed:
    room = Room("telegram", "-100", "7")
    return Owed(uuid7(), room, Posting(Message("HF 0.14")), NOON, kind=kind, severity=severity, replaces=replaces)


REPORT, ANSWER = owed(Kind.REPORT), owed(Kind.ANSWER)
CRITICAL, WARNING = owed(Kind.ALERT, Severity.CRITICAL), owed(Kind.ALERT, Severity.WARNING)
EDIT = owed(Kind.REPORT, replaces="7")


@pytest.mark.parametrize(
    ("message", "error", "ending"),
    [
        (REPORT, SendError("no", Fault.RETRY_AFTER, wait_s=30), Waits("no", 30, holds_chat=True)),
        (REPORT, SendError("no", Fault.RETRY_AFTER, wait_s=30, of_kind=True), Waits("no", 30)),
        (REPORT, SendError("no", Fault.BACKOFF), Waits("no")),
        (REPORT, SendError("no", Fault.DEAD_CREDENTIAL), Waits("no")),
        (REPORT, SendError("no", Fault.AMBIGUOUS), Ends(State.AMBIGUOUS, "no")),
        (WARNING, SendError("no", Fault.AMBIGUOUS), Ends(State.AMBIGUOUS, "no")),
        (CRITICAL, SendError("no", Fault.AMBIGUOUS), Waits("no", repeat=True)),
        (ANSWER, SendError("no", Fault.AMBIGUOUS), Waits("no", repeat=True)),
        (EDIT, SendError("no", Fault.AMBIGUOUS), Waits("no")),
        (REPORT, SendError("no", Fault.REROUTE, moved_to="-1002"), Moves("-1002", "no")),
        (REPORT, SendError("no", Fault.DEAD_RECIPIENT), Ends(State.DEAD, "no")),
        (REPORT, SendError("no", Fault.REFUSED), Ends(State.DEAD, "no")),
        (REPORT, SendError("no", Fault.DEGRADE, without=Part.FORMATTING), Ends(State.DEAD, "no")),
    ],
)
def test_what_a_failure_means(message: Owed, error: SendError, ending: Ending) -> None:
    assert judge(message, error, 1, repeat=False) == ending


def test_what_may_have_arrived_does_not_go_again_without_end() -> None:
    error = SendError("no answer", Fault.AMBIGUOUS)
    assert judge(ANSWER, error, MOST_REPEATS) == Waits("no answer", repeat=True)
    assert judge(ANSWER, error, MOST_REPEATS + 1) == Ends(State.AMBIGUOUS, "no answer")


def test_an_alarm_that_may_have_arrived_is_never_given_up_and_goes_more_and_more_seldom() -> None:
    error = SendError("no answer", Fault.AMBIGUOUS)
    waits = [judge(CRITICAL, error, attempts, repeat=attempts > 1) for attempts in (1, 2, 3, 4, 100)]
    assert waits == [Waits("no answer", wait_s, repeat=True) for wait_s in (0, 4, 8, 16, 60)]


def test_what_is_looked_for_before_it_goes_again_is_given_up_for_no_fear_of_a_second_one() -> None:
    error = SendError("no answer", Fault.AMBIGUOUS)
    for message in (REPORT, WARNING, CRITICAL, ANSWER):
        for attempts in (1, MOST_REPEATS):
            assert judge(message, error, attempts, found_again=True) == Waits("no answer", repeat=True)
    assert judge(CRITICAL, error, 100, found_again=True) == Waits("no answer", repeat=True)
    assert judge(REPORT, error, 100, found_again=True) == Ends(State.AMBIGUOUS, "no answer")


def test_an_alarm_that_cannot_be_looked_for_goes_more_and_more_seldom_there_too() -> None:
    error = SendError("no answer", Fault.AMBIGUOUS, unsought=True)
    waits = [judge(CRITICAL, error, attempts, found_again=True) for attempts in (2, 3, 100)]
    assert waits == [Waits("no answer", wait_s, repeat=True) for wait_s in (4, 8, 60)]


def test_a_message_does_without_one_part_after_another_and_without_none_twice() -> None:
    manner = Manner()
    for part in Part:
        eased = manner.without(part)
        assert eased is not None
        assert eased.without(part) is None
        manner = eased
    assert manner.note == "without formatting, topic, reply, card"
    assert Manner().without(None) is None


def test_an_edit_that_nobody_answers_does_not_go_again_without_end() -> None:
    error = SendError("no answer", Fault.AMBIGUOUS)
    for edit in (EDIT, owed(Kind.ANSWER, replaces="7")):
        assert judge(edit, error, MOST_REPEATS, repeat=False) == Waits("no answer")
        assert judge(edit, error, MOST_REPEATS + 1, repeat=False) == Ends(State.AMBIGUOUS, "no answer")


def test_what_showed_nothing_before_goes_again_however_often_it_was_tried() -> None:
    assert judge(CRITICAL, SendError("no", Fault.AMBIGUOUS), 100, repeat=False) == Waits("no", repeat=True)
