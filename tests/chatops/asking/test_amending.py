"""How an ask ended on each bot, and on which of them nobody knows, follow from its steps."""

from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from bot_integration import Outcome
from chatops.asking.amending import ends_of, unknown_on
from chatops.commands.orders import together
from chatops.guard.audit import Asked, Standing, State, Step, StepName, standing
from chatops.ledger import Unsettled

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
ID = uuid4()

outcomes = st.sampled_from(Outcome)
fleets = st.dictionaries(st.sampled_from(["alpha", "Beta", "gamma"]), outcomes, min_size=1)


def step(name: StepName, **data: object) -> Step:
    return Step(ID, AT, name, "ada", data)


def finished(ends: dict[str, Outcome]) -> Step:
    apart = {"outcomes": {bot: str(end) for bot, end in ends.items()}} if len(ends) > 1 else {}
    return step(StepName.FINISHED, outcome=str(together(ends.values())), answer="So it is.", **apart)


def began(ends: dict[str, Outcome]) -> Step:
    return step(StepName.RUNNING, sessions=dict.fromkeys(ends))


def ask(*steps: Step) -> Unsettled:
    return Unsettled(Asked(ID, AT, "memory", "ada", "memory:1", "ops", None, "stop", {}, "reduces"), steps)


@given(ends=fleets)
def test_every_bot_has_the_end_that_was_recorded_of_it(ends: dict[str, Outcome]) -> None:
    assert ends_of([began(ends), finished(ends)]) == ends


@given(ends=fleets, later=fleets)
def test_the_last_that_was_learnt_counts(ends: dict[str, Outcome], later: dict[str, Outcome]) -> None:
    now = {**ends, **{bot: end for bot, end in later.items() if bot in ends}}
    steps = [began(ends), finished(ends), finished(now)]
    assert ends_of(steps) == now
    assert standing(steps) == Standing(State.FINISHED, str(together(now.values())), "So it is.", None)


@given(ends=fleets)
def test_a_bot_is_unknown_by_its_name_in_whatever_case(ends: dict[str, Outcome]) -> None:
    over = ask(began(ends), finished(ends))
    unknown = {bot for bot in ends if unknown_on(over, bot.upper()) == bot}
    assert unknown == {bot for bot, end in ends.items() if end is Outcome.UNKNOWN}


def test_what_went_to_no_bot_or_still_runs_is_not_asked_about() -> None:
    alone = {"alpha": Outcome.UNKNOWN}
    assert ends_of([step(StepName.RUNNING), finished(alone)]) == {}
    assert ends_of([finished(alone)]) == {}
    assert unknown_on(ask(began(alone)), "alpha") is None
