"""What people want, from what they asked and what came of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_integration import Outcome
from chatops.desired.folding import Asked, fold
from chatops.people import THE_DESK
from chatops.restraints import KILL_SWITCH
from chatops.room import Room

AT = datetime(2026, 5, 4, 14, 2, tzinfo=UTC)
ROOM = Room("memory", "ops")
PAUSE, RESUME = ("pause", {"scope": "entry"}), ("resume", {"scope": "entry"})
ON, OFF = ("kill", {"switch": "on"}), ("kill", {"switch": "off"})


def asked(
    said: tuple[str, Mapping[str, Any]],
    outcome: Outcome | None = Outcome.DONE,
    *,
    by: str = "ada",
    id_: UUID | None = None,
    **apart: Outcome,
) -> Asked:
    """An ask of alpha; with `apart` of those bots."""
    ends: dict[str, Outcome | None] = {**apart} or {"alpha": outcome}
    return Asked(id_ or uuid4(), AT, by, ROOM, *said, dict.fromkeys(ends), ends)


def wanted(*asks: Asked, bot: str = "alpha") -> set[tuple[str, str]]:
    return {(wish.what, wish.by) for wish in fold(asks).get(bot, {}).values()}


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.PARTIAL, Outcome.UNKNOWN, None])
def test_what_holds_back_counts_where_it_may_have_come_about(outcome: Outcome | None) -> None:
    assert wanted(asked(PAUSE, outcome), asked(ON, outcome)) == {("entry", "ada"), (KILL_SWITCH, "ada")}


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED])
def test_what_was_refused_or_surely_failed_does_not_and_leaves_what_was_before(outcome: Outcome) -> None:
    assert wanted(asked(PAUSE, outcome), asked(ON, outcome)) == set()
    assert wanted(asked(PAUSE), asked(PAUSE, outcome, by="bob")) == {("entry", "ada")}


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN, None])
def test_what_lets_go_counts_only_where_it_came_about(outcome: Outcome | None) -> None:
    assert wanted(asked(PAUSE), asked(RESUME, outcome)) == {("entry", "ada")}
    assert wanted(asked(ON), asked(OFF, outcome)) == {(KILL_SWITCH, "ada")}
    assert wanted(asked(PAUSE), asked(RESUME), asked(ON), asked(OFF)) == set()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_emergency_stop_pauses_before_it_closes_and_counts_whatever_came_of_that(outcome: Outcome) -> None:
    assert wanted(asked(("stop", {}), outcome)) == {("all", "ada")}


def test_resuming_all_takes_back_every_pause_and_never_the_kill_switch() -> None:
    everything = [asked(PAUSE), asked(("pause", {"scope": "Bybit"})), asked(("stop", {})), asked(ON)]
    assert wanted(*everything, asked(("resume", {"scope": "all"}))) == {(KILL_SWITCH, "ada")}
    assert wanted(*everything, asked(("resume", {"scope": "bybit"}))) == {
        ("entry", "ada"),
        ("all", "ada"),
        (KILL_SWITCH, "ada"),
    }


def test_an_ask_that_failed_in_the_end_was_never_wanted() -> None:
    id_ = uuid4()
    assert wanted(asked(PAUSE, None, id_=id_), asked(PAUSE, Outcome.FAILED, id_=id_)) == set()
    assert wanted(asked(PAUSE), asked(PAUSE, None, by="bob", id_=id_)) == {("entry", "ada")}


def test_each_bot_of_several_counts_for_itself() -> None:
    both = asked(("kill", {"switch": "on"}), alpha=Outcome.DONE, beta=Outcome.REFUSED)
    assert wanted(both) == {(KILL_SWITCH, "ada")}
    assert wanted(both, bot="beta") == set()


def test_what_the_desk_asserts_is_no_wish_of_its_own_but_what_it_takes_back_counts() -> None:
    assert wanted(asked(PAUSE), asked(PAUSE, by=THE_DESK)) == {("entry", "ada")}
    assert wanted(asked(PAUSE, by=THE_DESK)) == set()
    assert wanted(asked(PAUSE), asked(RESUME, by=THE_DESK)) == set()


@given(st.lists(st.tuples(st.sampled_from([PAUSE, RESUME, ON, OFF, ("stop", {})]), st.sampled_from(list(Outcome)))))
def test_nothing_that_did_not_come_about_lets_a_bot_go(said: list[tuple[tuple[str, dict[str, str]], Outcome]]) -> None:
    """What stands after all of it was asked for, and no ask after it that was done took it back."""
    asks = [asked(*one) for one in said]
    wishes = fold(asks).get("alpha", {})
    for key in ("entry", "all", KILL_SWITCH):
        counting = [
            one
            for one in asks
            if (one.word, key) in {("stop", "all"), ("kill", KILL_SWITCH), ("pause", "entry"), ("resume", "entry")}
            and (one.word == "stop" or one.outcomes["alpha"] in (Outcome.DONE, Outcome.PARTIAL))
        ]
        last = counting[-1].word if counting else ""
        is_off = last == "resume" or (last == "kill" and counting[-1].arguments["switch"] == "off")
        certain = bool(counting) and not is_off
        assert certain <= (key in wishes)
