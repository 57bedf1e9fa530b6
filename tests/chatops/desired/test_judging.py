"""One look at a bot, and what is to be done about one wish."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from bot_integration import Outcome, PauseState
from chatops.desired.judging import LONGEST_RETRY_S, MOST_TRIES, SETTLES_S, Look, Sighting, Tries, Verdict, judge
from chatops.restraints import KILL_SWITCH, Wish, holds
from chatops.room import Room

NOW, BEFORE = UUID(int=2), UUID(int=1)
WISH = Wish("alpha", "entry", "ada", datetime(2026, 5, 4, 14, 2, tzinfo=UTC), uuid4(), Room("memory", "ops"))
FREE, HELD = PauseState(), PauseState(paused=True, scopes=("entry",))
LATER = SETTLES_S

wishes = st.builds(
    replace,
    st.just(WISH),
    what=st.sampled_from(["entry", "all", "bybit", KILL_SWITCH]),
    session=st.sampled_from([None, BEFORE, NOW]),
    outcome=st.sampled_from([None, Outcome.DONE, Outcome.PARTIAL, Outcome.UNKNOWN]),
)
sightings = st.none() | st.builds(
    Sighting,
    ask=st.sampled_from([WISH.ask, UUID(int=9)]),
    session=st.sampled_from([BEFORE, NOW]),
    held=st.booleans(),
    told=st.booleans(),
    refused=st.booleans(),
)
pauses = st.builds(
    PauseState,
    paused=st.booleans(),
    scopes=st.lists(st.sampled_from(["entry", "exit", "all", "Bybit"]), max_size=2).map(tuple),
    kill_switch=st.booleans(),
    active_breakers=st.sampled_from([(), ("daily_loss",)]),
)
moments = st.floats(min_value=0, max_value=1e6)
tries = st.builds(Tries, st.integers(0, MOST_TRIES), moments, st.integers(-1, 3))


def verdict(
    wish: Wish = WISH,
    sighting: Sighting | None = None,
    *,
    pause: PauseState = FREE,
    missing_for_s: float = LATER,
    tries: Tries = Tries(),  # noqa: B008 - frozen
) -> Verdict:
    return judge(wish, sighting, Look(NOW, 1, pause), missing_for_s=missing_for_s, tries=tries, tick=100.0)


def test_a_bot_that_was_started_anew_is_told_at_once() -> None:
    assert verdict(replace(WISH, session=BEFORE), missing_for_s=0) is Verdict.ASSERT
    assert verdict(WISH, Sighting(WISH.ask, BEFORE, held=True), missing_for_s=0) is Verdict.ASSERT


def test_what_was_held_in_this_run_and_is_gone_is_for_people_to_judge() -> None:
    seen = Sighting(WISH.ask, NOW, held=True)
    assert verdict(WISH, seen, missing_for_s=LATER - 1) is Verdict.LEFT
    assert verdict(WISH, seen) is Verdict.DRIFTED
    assert verdict(WISH, replace(seen, told=True)) is Verdict.LEFT


def test_what_was_just_asked_may_be_on_its_way() -> None:
    asked = replace(WISH, session=NOW)
    assert verdict(asked, missing_for_s=0) is Verdict.LEFT
    assert verdict(replace(asked, outcome=None)) is Verdict.LEFT
    assert verdict(asked) is Verdict.DRIFTED
    assert verdict(replace(asked, outcome=Outcome.UNKNOWN)) is Verdict.ASSERT


def test_what_a_breaker_holds_is_not_what_people_asked_for() -> None:
    assert not holds(PauseState(paused=True, active_breakers=("daily_loss",)), "entry")
    assert holds(PauseState(paused=True), "entry")
    assert holds(PauseState(paused=True, scopes=("ALL",)), "bybit")
    assert not holds(PauseState(paused=True, scopes=("all",)), KILL_SWITCH)


def test_a_bot_that_does_not_answer_is_asked_less_and_less_until_it_says_something_new() -> None:
    tries, tick, gaps = Tries(), 0.0, []
    for _ in range(MOST_TRIES):
        assert tries.may(tick, 1)
        tries = tries.failed(tick, 1)
        gaps.append(tries.not_before - tick)
        assert not tries.may(tick, 1)
        tick = tries.not_before
    assert gaps == sorted(gaps)
    assert gaps[-1] == LONGEST_RETRY_S
    assert not tries.may(tick + 1e6, 1)
    assert tries.may(tick, 2)


@given(wishes, sightings, pauses, tries, st.tuples(moments, moments))
def test_of_any_look(
    wish: Wish, sighting: Sighting | None, pause: PauseState, tries: Tries, times: tuple[float, float]
) -> None:
    """A bot that does as asked is left alone; and what was held in this run is never asserted against whoever let it
    go.
    """
    missing_for_s, tick = times
    found = judge(wish, sighting, Look(NOW, 1, pause), missing_for_s=missing_for_s, tries=tries, tick=tick)
    assert (found is Verdict.HELD) == holds(pause, wish.what)
    ours = sighting is not None and sighting.is_of(wish, NOW)
    assert not (found is Verdict.ASSERT and ours and sighting is not None and (sighting.held or sighting.refused))
    assert not (found is Verdict.DRIFTED and ours and sighting is not None and sighting.told)
    assert not (found is Verdict.ASSERT and not tries.may(tick, 1))
