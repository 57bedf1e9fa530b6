"""Which steps are due, however often and however late somebody asks, and whatever the clock does."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.escalation import Due, anew, begun, due, upcoming
from alerts.policy import DEFAULT, EMERGENCY, QUIET, Policy, Progress, Rung

NIGHT = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(minutes: float) -> datetime:
    return NIGHT + timedelta(minutes=minutes)


def told(policy: Policy, minutes: Sequence[float], progress: Progress | None = None) -> list[Due]:
    """What is due at each of these moments, one after the other."""
    progress = progress or begun(NIGHT)
    found = []
    for minute in minutes:
        found.append(due(policy, NIGHT, progress, at(minute)))
        progress = found[-1].progress
    return found


def test_steps_come_one_after_the_other_at_their_time() -> None:
    steps = told(DEFAULT, [0, 1.99, 2, 4, 5, 10, 12])
    assert [step.tell for step in steps] == [
        ("rooms",),
        (),
        ("oncall",),
        (),
        ("next", "operators"),
        ("everyone",),
        (),
    ]
    assert [step.next_at for step in steps] == [at(2), at(2), at(5), at(5), at(10), at(15), at(15)]


def test_the_last_step_is_repeated_without_end() -> None:
    steps = told(EMERGENCY, range(24 * 60 + 1))
    assert [step.repeats for step in steps[3:]] == [1] * (24 * 60 - 2)
    assert {step.tell for step in steps[3:]} == {("everyone",)}
    assert steps[-1].progress.repeats == 24 * 60 - 2


def test_a_policy_without_repeats_comes_to_its_end() -> None:
    first, later = told(QUIET, [0, 600])
    assert first.tell == ("rooms",)
    assert first.next_at is None
    assert later.tell == ()
    assert upcoming(QUIET, NIGHT, first.progress, at(1)) is None


def test_an_hour_of_downtime_makes_each_step_happen_once_and_the_repeats_one() -> None:
    (first, back, after) = told(DEFAULT, [0, 60, 60.1])
    assert first.tell == ("rooms",)
    assert back.tell == ("oncall", "next", "operators", "everyone")
    assert back.repeats == 10
    assert back.progress.repeats == 10
    assert back.next_at == at(65)
    assert (after.tell, after.repeats) == ((), 0)


def test_asked_again_with_what_was_stored_before_it_gives_the_same() -> None:
    progress = begun(NIGHT)
    assert due(DEFAULT, NIGHT, progress, at(3)) == due(DEFAULT, NIGHT, progress, at(3))


def test_a_clock_that_goes_an_hour_back_and_forth_tells_nothing_twice_and_skips_nothing() -> None:
    steps = told(DEFAULT, [0, 2, -58, -57, 3, 5, 65, 6, 10, 66, 70])
    assert [step.tell for step in steps] == [
        ("rooms",),
        ("oncall",),
        (),
        (),
        (),
        ("next", "operators"),
        # An hour forth: all that is due by then, and never again when it is back.
        ("everyone",),
        (),
        (),
        (),
        ("everyone",),
    ]
    assert [step.repeats for step in steps if step.repeats] == [11, 1]


def test_an_escalation_that_begins_anew_comes_to_every_step_once_more() -> None:
    (before,) = told(DEFAULT, [7])
    again = told(DEFAULT, [30, 32, 35, 40, 45], anew(at(30)))
    assert before.tell == ("rooms", "oncall", "next", "operators")
    assert [step.tell for step in again] == [
        ("rooms",),
        ("oncall",),
        ("next", "operators"),
        ("everyone",),
        ("everyone",),
    ]
    assert again[-1].progress.repeats == 1


def test_what_holds_an_escalation_back_is_not_forgotten_by_its_moving_on() -> None:
    moved = due(DEFAULT, NIGHT, Progress(at(1), held=True), at(3)).progress
    assert moved == Progress(at(3), held=True)


def test_the_card_says_who_is_next_and_when() -> None:
    progress = told(DEFAULT, [0, 2])[-1].progress
    assert upcoming(DEFAULT, NIGHT, progress, at(3)) == (at(5), ("next", "operators"))
    # Overdue: the card says since when.
    assert upcoming(DEFAULT, NIGHT, progress, at(6)) == (at(5), ("next", "operators"))
    progress = told(DEFAULT, [10])[-1].progress
    assert upcoming(DEFAULT, NIGHT, progress, at(11)) == (at(15), ("everyone",))
    # Of missed repeats there is one, and it is due now.
    assert upcoming(DEFAULT, NIGHT, progress, at(31)) == (at(30), ("everyone",))


WORDS = st.lists(st.sampled_from(["rooms", "oncall", "next", "admins"]), min_size=1, max_size=3).map(tuple)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    seconds = sorted(draw(st.sets(st.integers(1, 900), max_size=4)))
    rungs = tuple(Rung(timedelta(seconds=second), draw(WORDS)) for second in (0, *seconds))
    repeat = draw(st.none() | st.integers(1, 600).map(lambda second: timedelta(seconds=second)))
    return Policy("any", rungs, repeat, timedelta(minutes=30))


CUTS = st.lists(st.integers(-600, 3_600), max_size=40)


def steps_told(policy: Policy, before: Progress, now: datetime) -> list[int]:
    """The steps between two looks, by number: as whoever stores them would count."""
    return [n for n, rung in enumerate(policy.rungs) if before.until < NIGHT + rung.after <= now]


@given(policies(), CUTS)
def test_however_time_is_cut_each_step_comes_once_in_order_and_the_repeats_add_up(
    policy: Policy, cuts: list[int]
) -> None:
    whole = due(policy, NIGHT, begun(NIGHT), NIGHT + HOUR)
    progress, words, repeats = begun(NIGHT), list[str](), 0
    for second in [*sorted(cuts), 3_600]:
        now = NIGHT + timedelta(seconds=second)
        step = due(policy, NIGHT, progress, now)
        fresh = [word for n in steps_told(policy, progress, now) for word in policy.rungs[n].tell]
        again = policy.last.tell * min(step.repeats, 1)
        assert step.tell == tuple(dict.fromkeys([*fresh, *again]))
        assert step.next_at is None or step.next_at > step.progress.until
        progress, words, repeats = step.progress, [*words, *step.tell], repeats + step.repeats
    assert tuple(dict.fromkeys(words)) == whole.tell
    assert (progress.repeats, repeats) == (whole.repeats, whole.repeats)


@given(policies(), CUTS)
def test_whatever_the_clock_does_the_window_only_moves_on_and_no_more_is_told_than_time_allows(
    policy: Policy, seconds: list[int]
) -> None:
    progress, tellings = begun(NIGHT), 0
    for second in seconds:
        now = NIGHT + timedelta(seconds=second)
        step = due(policy, NIGHT, progress, now)
        assert step.progress.until == max(progress.until, now)
        tellings += bool(step.tell)
        progress = step.progress
    passed = max(progress.until - NIGHT, timedelta())
    over = max(passed - policy.last.after, timedelta())
    allowed = over // (policy.repeat or timedelta.max)
    assert progress.repeats == allowed
    assert tellings <= len(policy.rungs) + allowed


@given(policies(), st.integers(0, 3_600))
def test_waking_at_the_time_that_it_names_misses_nothing(policy: Policy, until: int) -> None:
    step = due(policy, NIGHT, begun(NIGHT), NIGHT)
    repeats = 0
    end = NIGHT + timedelta(seconds=until)
    while step.next_at is not None and step.next_at <= end:
        named = upcoming(policy, NIGHT, step.progress, step.next_at)
        step = due(policy, NIGHT, step.progress, step.next_at)
        assert named == (step.progress.until, step.tell)
        repeats += step.repeats
        assert step.repeats <= 1
    assert repeats == due(policy, NIGHT, begun(NIGHT), end).repeats
