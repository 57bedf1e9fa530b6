"""How much one may ask in a minute: told once, then silence, then heard again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.asks import ASKS, Close, GiveCode, Kill, Status, Stop
from chatops.guard.limits import BY_ROLE, CONTROL_WORDS, Bucket, Limits, Over
from chatops.guard.policy import Policy, WordRule
from chatops.people import Principal, Role

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
VIC, BOB = Principal("vic", Role.VIEWER), Principal("bob", Role.OPERATOR)
ADA = Principal("ada", Role.ADMIN)
USUAL = Policy()
SPANS = st.lists(st.floats(0, 20).map(lambda seconds: timedelta(seconds=seconds)), max_size=400)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def over(limits: Limits, person: Principal, times: int) -> list[Over]:
    """What came of asking for the status so often."""
    tries = [limits.take(person, Status(), USUAL.terms(Status())) for _ in range(times)]
    return [one for one in tries if one is not None]


@pytest.mark.parametrize("role", Role)
def test_each_role_has_its_number_in_a_minute(role: Role) -> None:
    limits, person = Limits(Clock()), Principal("she", role)
    assert over(limits, person, BY_ROLE[role]) == []
    (first, second) = over(limits, person, 2)
    assert (first.is_first, second.is_first) == (True, False)
    assert BY_ROLE == {Role.VIEWER: 100, Role.OPERATOR: 200, Role.ADMIN: 500}


def test_one_persons_flood_is_nobody_elses_silence() -> None:
    limits = Limits(Clock())
    over(limits, VIC, 200)
    assert over(limits, BOB, 200) == []


def test_what_changes_something_has_a_limit_that_looking_does_not_use_up() -> None:
    limits, terms = Limits(Clock()), USUAL.terms(Close())
    assert [limits.take(BOB, Close(), terms) for _ in range(CONTROL_WORDS)] == [None] * CONTROL_WORDS
    denied = limits.take(BOB, Close(), terms)
    assert denied == Over("control words", CONTROL_WORDS, timedelta(seconds=10), is_first=True)
    assert over(limits, BOB, 100) == []


def test_a_press_that_settles_is_no_new_word() -> None:
    limits = Limits(Clock())
    assert [limits.take(BOB, Close(), USUAL.terms(Close()), is_new=False) for _ in range(100)] == [None] * 100


def test_an_emergency_is_never_counted_and_letting_go_on_is_none() -> None:
    limits = Limits(Clock())
    taken = [limits.take(ADA, ask, USUAL.terms(ask)) for ask in (Stop(), Kill(switch="on")) for _ in range(1_000)]
    assert set(taken) == {None}
    assert over(limits, ADA, 500) == []
    assert limits.take(ADA, Kill(switch="off"), USUAL.terms(Kill(switch="off"))) is not None


def test_an_emergency_word_of_somebody_who_may_not_say_it_is_no_way_past_the_limit() -> None:
    limits = Limits(Clock())
    taken = [limits.take(BOB, Stop(), USUAL.terms(Stop())) for _ in range(CONTROL_WORDS + 1)]
    assert taken[-1] is not None


def test_a_code_is_heard_however_many_control_words_were_said() -> None:
    """Else `/stop`, which no limit holds, would wait for it where the settings ask for a code."""
    limits, code = Limits(Clock()), GiveCode(code="123456")
    taken = [limits.take(ADA, Close(), USUAL.terms(Close())) for _ in range(CONTROL_WORDS + 1)]
    assert taken[-1] is not None
    assert limits.take(ADA, code, USUAL.terms(code)) is None


def test_a_word_may_have_a_limit_of_its_own() -> None:
    limits, policy = Limits(Clock()), Policy({"status": WordRule(limit=1), "close": WordRule(limit=20)})
    assert limits.take(VIC, Status(), policy.terms(Status())) is None
    denied = limits.take(VIC, Status(), policy.terms(Status()))
    assert denied is not None
    assert (denied.what, denied.limit) == ("/status", 1)
    assert [limits.take(BOB, Close(), policy.terms(Close())) for _ in range(20)] == [None] * 20


def test_who_is_promoted_has_the_limit_of_the_new_role() -> None:
    limits = Limits(Clock())
    over(limits, VIC, 101)
    assert over(limits, Principal("vic", Role.ADMIN), 500) == []


def test_they_are_heard_again_when_they_were_told_they_would_be() -> None:
    clock = Clock()
    limits = Limits(clock)
    (denied,) = over(limits, VIC, 101)
    clock.now += denied.again_in - timedelta(seconds=1)
    assert [one.is_first for one in over(limits, VIC, 1)] == [False]
    clock.now += timedelta(seconds=1)
    assert over(limits, VIC, 1) == []


def test_it_remembers_no_more_than_people_and_words() -> None:
    limits = Limits(Clock())
    for kind in ASKS:
        for person in (VIC, BOB):
            for _ in range(50):
                limits.take(person, kind(), Policy({kind.word: WordRule(limit=5)}).terms(kind()))
    assert len(limits._buckets) <= 2 * (1 + len(ASKS))


@given(st.integers(1, 500), SPANS)
def test_never_more_than_it_holds_and_what_has_come_in_since(holds: int, spans: list[timedelta]) -> None:
    bucket, now, taken = Bucket.full(holds, NOON), NOON, 0
    for span in spans:
        now += span
        bucket, is_within = bucket.take(now)
        taken += is_within
        assert 0 <= bucket.left <= holds
    assert taken <= holds + (now - NOON).total_seconds() * holds / 60 + 1e-6


@given(st.integers(1, 500), SPANS)
def test_it_opens_again_when_it_says(holds: int, spans: list[timedelta]) -> None:
    bucket, now = Bucket.full(holds, NOON), NOON
    for span in [*spans, *[timedelta()] * (holds + 1)]:
        now += span
        bucket, _ = bucket.take(now)
    assert bucket.is_shut
    assert timedelta() < bucket.reopens_in <= timedelta(seconds=60)
    assert bucket.take(now + bucket.reopens_in)[1]


@given(st.integers(1, 500), st.timedeltas(timedelta(days=-3), timedelta()))
def test_a_clock_that_is_set_back_locks_nobody_out(holds: int, back: timedelta) -> None:
    assert Bucket.full(holds, NOON).take(NOON + back)[1]
