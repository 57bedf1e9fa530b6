"""What a policy may be: one that tells nobody is refused before it is needed."""

from datetime import timedelta

import pytest

from alerts.policy import DEFAULT, EMERGENCY, QUIET, Policy, Rung, is_whom, usual
from alerts.severity import Severity

AT_ONCE = Rung(timedelta(), ("rooms",))


def policy(*rungs: Rung, repeat: timedelta | None = None, ack_lapse: timedelta = timedelta(minutes=30)) -> Policy:
    return Policy("night", rungs, repeat, ack_lapse)


def test_what_can_wait_is_told_to_the_rooms_alone_and_an_emergency_climbs_fastest() -> None:
    assert [usual(severity) for severity in Severity] == [QUIET, DEFAULT, DEFAULT, EMERGENCY]
    assert [rung.after / timedelta(seconds=1) for rung in EMERGENCY.rungs] == [0, 30, 60, 120]
    assert EMERGENCY.last.tell == ("everyone",)


def test_a_policy_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="the policy night cannot be used: it has no steps"):
        policy()


def test_steps_stand_in_the_order_of_time() -> None:
    with pytest.raises(ValueError, match="step 3 does not come after step 2"):
        policy(AT_ONCE, Rung(timedelta(minutes=5), ("oncall",)), Rung(timedelta(minutes=2), ("admins",)))
    with pytest.raises(ValueError, match="step 2 does not come after step 1"):
        policy(AT_ONCE, AT_ONCE)


def test_somebody_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="step 1 comes after 2m: the first one comes at once"):
        policy(Rung(timedelta(minutes=2), ("oncall",)))


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="cannot be used") as refused:
        policy(
            AT_ONCE,
            Rung(timedelta(minutes=1), ()),
            Rung(timedelta(minutes=2), ("oncal", "rooms")),
            repeat=timedelta(),
            ack_lapse=timedelta(minutes=-1),
        )
    assert str(refused.value).partition(": ")[2].split("; ") == [
        "step 2 tells nobody",
        "step 3 tells oncal, which is nobody",
        "repeat: it is longer than 0s",
        "ack_lapse: it is longer than 0s",
    ]


@pytest.mark.parametrize("word", ["rooms", "oncall", "everyone", "room:ops", "person:ada", "channel:pager"])
def test_a_step_tells_a_group_or_one_by_name(word: str) -> None:
    assert is_whom(word)


@pytest.mark.parametrize("word", ["", "ops", "Rooms", "room:", "room: ", "team:blue", ":ops", "rooms:ops"])
def test_a_word_that_nobody_has_heard_of_is_no_step(word: str) -> None:
    assert not is_whom(word)
