"""What a bot remembers of a command says how it ended, and what it does not remember says no more than is sure."""

from uuid import UUID, uuid4

import pytest

from bot_integration import CommandResult, Outcome
from chatops.asking.inquiry import judged

RUN, ANOTHER = UUID(int=1), UUID(int=2)


def result(outcome: Outcome) -> CommandResult:
    return CommandResult(command_id=uuid4(), outcome=outcome, message="So it ended.")


@pytest.mark.parametrize("is_over", [False, True])
@pytest.mark.parametrize("outcome", [end for end in Outcome if end is not Outcome.UNKNOWN])
def test_what_the_bot_says_of_it_counts_whichever_run_it_is_in(outcome: Outcome, is_over: bool) -> None:
    end = judged("alpha", result(outcome), ANOTHER, str(RUN), is_over=is_over)
    assert end == (outcome, "So it ended.")


@pytest.mark.parametrize(
    ("run", "session", "is_over", "end"),
    [
        (RUN, RUN, True, (Outcome.FAILED, "It never reached alpha. Nothing was done.")),
        (RUN, RUN, False, None),
        (None, RUN, True, None),
        (None, None, False, None),
        (
            RUN,
            None,
            True,
            (Outcome.UNKNOWN, "alpha does not know of it. Look at the position before you ask again."),
        ),
        (
            ANOTHER,
            RUN,
            False,
            (
                Outcome.UNKNOWN,
                "alpha was restarted too, and does not remember. Look at the position before you ask again.",
            ),
        ),
    ],
)
def test_never_is_said_only_of_the_run_that_it_was_sent_to_and_after_its_deadline(
    run: UUID | None, session: UUID | None, is_over: bool, end: object
) -> None:
    assert judged("alpha", None, run, None if session is None else str(session), is_over=is_over) == end


def test_what_still_runs_is_waited_for_until_its_deadline() -> None:
    running = result(Outcome.UNKNOWN)
    assert judged("alpha", running, RUN, str(RUN), is_over=False) is None
    assert judged("alpha", running, RUN, str(RUN), is_over=True) == (Outcome.UNKNOWN, "So it ended.")
