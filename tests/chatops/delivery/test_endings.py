"""What a failure means for a message (SPEC 8)."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.severity import Severity
from chatops.adapters.base import Fault, Part, SendError
from chatops.delivery.endings import MOST_REPEATS, Ending, Ends, Manner, Moves, Waits, judge
from chatops.delivery.marks import marked
from chatops.ids import uuid7
from chatops.messages import Message, Posting, Room
from chatops.owed import Kind, Owed, State

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def owed(kind: Kind, severity: Severity = Severity.INFO, replaces: str | None = None, title: str = "HF 0.14") -> Owed:
    room = Room("telegram", "-100", "7")
    return Owed(uuid7(), room, Posting(Message(title)), NOON, kind=kind, severity=severity, replaces=replaces)


REPORT, ANSWER = owed(Kind.REPORT), owed(Kind.ANSWER)
CRITICAL, WARNING = owed(Kind.ALERT, Severity.CRITICAL), owed(Kind.ALERT, Severity.WARNING)
EDIT = owed(Kind.REPORT, replaces="7")


@pytest.mark.parametrize(
    ("message", "error", "ending"),
    [
        (REPORT, SendError("no", Fault.RETRY_AFTER, wait_s=30), Waits("no", 30, holds_chat=True)),
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
    assert judge(message, error, 1) == ending


def test_what_may_have_arrived_does_not_go_again_without_end() -> None:
    error = SendError("no answer", Fault.AMBIGUOUS)
    assert judge(CRITICAL, error, MOST_REPEATS) == Waits("no answer", repeat=True)
    assert judge(CRITICAL, error, MOST_REPEATS + 1) == Ends(State.AMBIGUOUS, "no answer")


def test_a_message_does_without_one_part_after_another_and_without_none_twice() -> None:
    manner = Manner()
    for part in Part:
        eased = manner.without(part)
        assert eased is not None
        assert eased.without(part) is None
        manner = eased
    assert manner.note == "without formatting, topic, reply, card"
    assert Manner().without(None) is None


def test_what_goes_out_an_hour_late_says_so() -> None:
    late = marked(CRITICAL, NOON + timedelta(hours=1), repeat=False)
    assert late.message.text == "HF 0.14\n\nLate: this is of 12:00 UTC."
    next_day = marked(CRITICAL, NOON + timedelta(days=1), repeat=False)
    assert next_day.message.text == "HF 0.14\n\nLate: this is of 2026-05-04 12:00 UTC."
    assert marked(CRITICAL, NOON + timedelta(seconds=59), repeat=False) == CRITICAL.posting


def test_what_may_be_a_second_one_says_so() -> None:
    again = marked(CRITICAL, NOON, repeat=True)
    assert again.message.text == "HF 0.14\n\nPossible repeat: I was cut off while I sent this, at 12:00 UTC."


def test_without_its_topic_it_says_where_it_belongs() -> None:
    out = marked(REPORT, NOON, repeat=False, topic_gone=True)
    assert out.message.text == "HF 0.14\n\nThe topic that this belongs in is closed or gone."


def test_an_edit_says_how_things_are_and_the_rest_of_a_long_message_has_no_marks_of_its_own() -> None:
    hour_later = NOON + timedelta(hours=1)
    assert marked(EDIT, hour_later, repeat=True) == EDIT.posting
    rest = owed(Kind.REPORT, title="")
    assert marked(rest, hour_later, repeat=True, topic_gone=True) == rest.posting
