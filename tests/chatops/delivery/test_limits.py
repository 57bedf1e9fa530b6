import random
from collections import deque
from collections.abc import Iterable
from itertools import product
from sys import maxsize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatops.adapters.base import Pace
from chatops.delivery.limits import ANSWER_DEBT, PATIENCE, Limits
from chatops.owed import Lane
from tests.servers.telegram.rates import RateLimits

TELEGRAM = Pace(overall_per_s=30, per_chat_per_s=1, burst=3, per_group_per_min=20)
#: So tight that a few messages meet every limit.
TIGHT = Pace(overall_per_s=6, per_chat_per_s=2, burst=2, per_group_per_min=12)
#: Moments since 1970 are as coarse as moments get.
NOW = 1_767_225_600.0

#: How long after the one before, where to, and how urgent. Chats with a minus are groups, as on Telegram.
asks = st.lists(
    st.tuples(
        st.one_of(st.just(0.0), st.floats(0.0, 2.0), st.floats(0.0, 90.0)),
        st.sampled_from(["1", "2", "-3", "-4"]),
        st.sampled_from(Lane),
    ),
    max_size=120,
)
Ask = tuple[float, str, Lane]


def is_group(chat: str) -> bool:
    return chat.startswith("-")


def without_answers(asked: Iterable[Ask]) -> list[Ask]:
    """Those wait for a group's minute alone."""
    return [ask for ask in asked if ask[2] is not Lane.ANSWER]


def sent(limits: Limits, asked: Iterable[Ask], now: float = NOW) -> list[tuple[float, str, Lane]]:
    """Each waits exactly as long as it is told, and goes."""
    log = []
    for gap, chat, lane in asked:
        now += gap
        now += limits.wait_s(chat, lane, now, group=is_group(chat))
        assert limits.wait_s(chat, lane, now, group=is_group(chat)) == 0.0
        limits.count(chat, now, group=is_group(chat))
        log.append((now, chat, lane))
    return log


def fullest(times: list[float], seconds: float) -> int:
    """The most in any window of that length."""
    return max((sum(start <= time < start + seconds for time in times) for start in times), default=0)


def flood(limits: Limits, chats: Iterable[str], lane: Lane, now: float) -> int:
    """As many as may go at once, to each chat in turn until none takes more; gives how many."""
    waiting, went = deque(chats), 0
    while waiting:
        chat = waiting.popleft()
        if limits.wait_s(chat, lane, now, group=is_group(chat)) == 0.0:
            limits.count(chat, now, group=is_group(chat))
            waiting.append(chat)
            went += 1
    return went


@given(asks, st.sampled_from([0.0, NOW]))
@example([(0.0, "-3", Lane.INFO)] * 40, NOW)
@example([(0.0, "-3", Lane.ANSWER)] * 40, NOW)
@example([(0.0, "-3", Lane.EMERGENCY)] * 40, 0.0)
def test_who_waits_as_told_exceeds_no_window_and_waits_once(asked: list[Ask], begin: float) -> None:
    log = sent(Limits(TIGHT), without_answers(asked), begin)
    assert fullest([at for at, _, _ in log], 1.0) <= 6
    for group in ("-3", "-4"):
        assert fullest([at for at, chat, _ in log if chat == group], 60.0) <= 12


@given(asks, st.sampled_from([0.0, NOW]))
def test_who_waits_as_told_exceeds_no_burst(asked: list[Ask], begin: float) -> None:
    log = sent(Limits(TIGHT), without_answers(asked), begin)
    for chat in ("1", "2", "-3", "-4"):
        times = [at for at, to, _ in log if to == chat]
        for first, last in product(range(len(times)), repeat=2):
            assert last - first + 1 <= 2 + (times[last] - times[first]) * 2 + 1e-5 or last < first


@given(asks)
def test_what_is_allowed_goes_at_once_and_no_more(asked: list[Ask]) -> None:
    limits = Limits(TIGHT)
    log = sent(limits, asked[:-1])
    for gap, chat, lane in without_answers(asked[-1:]):
        now = (log[-1][0] if log else NOW) + gap
        allowed = limits.allowance(chat, lane, now, group=is_group(chat))
        assert flood(limits, [chat], lane, now) == allowed
        assert limits.allowance(chat, lane, now, group=is_group(chat)) == 0


@given(asks.map(lambda asked: [ask for ask in without_answers(asked) if not ask[2].is_urgent]))
@example([(0.0, chat, Lane.INFO) for chat in ("1", "2", "-3", "-4")] * 2)
def test_no_flood_of_others_takes_what_is_kept_for_the_urgent(asked: list[Ask]) -> None:
    limits = Limits(TIGHT)
    now = NOW
    for ask in asked:
        ((now, _, _),) = sent(limits, [ask], now)
        assert limits.overall_wait_s(Lane.EMERGENCY, now) == 0.0
        assert limits.allowance("a third", Lane.CRITICAL, now, group=False) > 0


def test_the_urgent_have_a_sixth_of_the_second_and_of_a_groups_minute_to_themselves() -> None:
    limits = Limits(TELEGRAM)
    people = [str(number) for number in range(100)]
    assert flood(limits, people, Lane.INFO, NOW) == 25
    assert limits.overall_wait_s(Lane.WARNING, NOW) == pytest.approx(PATIENCE)
    assert flood(limits, people[50:], Lane.EMERGENCY, NOW) == 5
    assert limits.overall_wait_s(Lane.EMERGENCY, NOW) == pytest.approx(PATIENCE)

    group = Limits(TELEGRAM)
    log = sent(group, [(0.0, "-1", Lane.INFO)] * 10)
    now = log[-1][0] + 2 * PATIENCE
    # Half of it is left to what people ask.
    assert group.wait_s("-1", Lane.INFO, now, group=True) > 30
    assert group.allowance("-1", Lane.ANSWER, now, group=True) == 7
    log = sent(group, [(0.0, "-1", Lane.ANSWER)] * 7, now)
    now = log[-1][0] + 8 * PATIENCE
    assert group.wait_s("-1", Lane.ANSWER, now, group=True) > 30
    assert group.allowance("-1", Lane.CRITICAL, now, group=True) == 3
    log = sent(group, [(0.0, "-1", Lane.CRITICAL)] * 3, now)
    assert log[-1][0] - now <= PATIENCE
    assert group.wait_s("-1", Lane.CRITICAL, log[-1][0] + PATIENCE, group=True) > 30


def test_a_chat_takes_a_small_burst_and_then_one_a_second() -> None:
    log = sent(Limits(TELEGRAM), [(0.0, "1", Lane.INFO)] * 6)
    assert [at - NOW for at, _, _ in log] == pytest.approx([0, 0, 0, 1.05, 2.10, 3.15], abs=1e-5)


def answer_quickly(limits: Limits, count: int, now: float) -> None:
    """Somebody asks as fast as the answers come."""
    for _ in range(count):
        assert limits.wait_s("1", Lane.ANSWER, now, group=False) == 0.0
        limits.count("1", now, group=False)


def test_answers_go_to_a_person_at_once_and_others_wait_for_some_of_them() -> None:
    limits = Limits(TELEGRAM)
    answer_quickly(limits, 100, NOW)
    assert limits.wait_s("1", Lane.INFO, NOW, group=False) == pytest.approx(ANSWER_DEBT * PATIENCE, abs=1e-5)


def test_no_alarm_waits_for_what_answers_owe() -> None:
    limits = Limits(TELEGRAM)
    now = NOW
    answer_quickly(limits, 8, now)
    assert limits.wait_s("1", Lane.EMERGENCY, now, group=False) == pytest.approx(PATIENCE, abs=1e-5)
    # Somebody goes on asking as fast as he gets answers.
    now += PATIENCE
    answer_quickly(limits, 8, now)
    now += PATIENCE
    assert limits.wait_s("1", Lane.EMERGENCY, now, group=False) == 0.0


def test_in_a_group_answers_wait_for_its_minute_alone() -> None:
    assert flood(Limits(TELEGRAM), ["-1"], Lane.ANSWER, NOW) == 17


@pytest.mark.parametrize("lane", Lane)
def test_a_chat_that_the_platform_wants_left_alone_gets_nothing_until_then_and_others_do(lane: Lane) -> None:
    limits = Limits(TELEGRAM)
    limits.hold("-1", NOW + 30)
    limits.hold("-1", NOW + 12)
    assert limits.wait_s("-1", lane, NOW, group=True) == 30.0
    assert limits.wait_s("-1", lane, NOW + 29.5, group=True) == 0.5
    assert limits.allowance("-1", lane, NOW + 29.5, group=True) == 0
    assert limits.wait_s("-1", lane, NOW + 30, group=True) == 0.0
    assert limits.allowance("-1", lane, NOW + 30, group=True) >= 3
    assert limits.wait_s("-2", lane, NOW, group=True) == 0.0


@given(st.floats(0.0, 2e9), st.floats(0.0, 2e9))
@example(93.9, 439.3)
def test_after_waiting_for_a_hold_it_is_over_to_the_last_bit(now: float, until: float) -> None:
    limits = Limits(TELEGRAM)
    limits.hold("1", until)
    waited = now + limits.wait_s("1", Lane.INFO, now, group=False)
    assert waited >= until
    assert limits.wait_s("1", Lane.INFO, waited, group=False) == 0.0


def test_what_went_although_it_should_have_waited_makes_the_next_wait() -> None:
    limits = Limits(TELEGRAM)
    for _ in range(40):
        limits.count("-1", NOW, group=True)
    assert limits.overall_wait_s(Lane.EMERGENCY, NOW) == pytest.approx(PATIENCE)
    assert limits.wait_s("-1", Lane.EMERGENCY, NOW, group=True) == pytest.approx(60 * PATIENCE)
    assert limits.allowance("-1", Lane.EMERGENCY, NOW, group=True) == 0


def test_a_platform_without_limits_takes_everything_at_once() -> None:
    limits = Limits(Pace())
    for _ in range(1000):
        assert limits.wait_s("-1", Lane.INFO, NOW, group=True) == 0.0
        limits.count("-1", NOW, group=True)
    assert limits.overall_wait_s(Lane.INFO, NOW) == 0.0
    assert limits.allowance("-1", Lane.INFO, NOW, group=True) == maxsize
    limits.hold("-1", NOW + 5)
    assert limits.wait_s("-1", Lane.INFO, NOW, group=True) == 5.0


def test_chats_that_are_full_again_are_forgotten() -> None:
    limits = Limits(TELEGRAM)
    now = NOW
    limits.hold("held", NOW + 1_000)
    most = 0
    for number in range(10_000):
        now += 0.05
        limits.count(f"-{number}" if number % 2 else str(number), now, group=bool(number % 2))
        most = max(most, limits.chats)
    # What a group had is of interest for a minute: ten groups a second, and as many that wait to be looked at.
    assert most < 1_500
    assert limits.wait_s("held", Lane.INFO, now, group=False) > 0


def queues(seed: int) -> dict[str, deque[Lane]]:
    """1,000 messages to 15 people and 5 groups, of all lanes but answers."""
    chance = random.Random(seed)
    lanes = [Lane.EMERGENCY, Lane.CRITICAL, Lane.WARNING, Lane.INFO]
    waiting: dict[str, deque[Lane]] = {str(n if n <= 15 else -n): deque() for n in range(1, 21)}
    for _ in range(1_000):
        waiting[chance.choice(list(waiting))].append(chance.choice(lanes))
    return waiting


def told(seed: int) -> list[tuple[float, str]]:
    """What goes when, each message as soon as it is let."""
    limits, waiting, now, log = Limits(TELEGRAM), queues(seed), NOW, []
    while any(waiting.values()):
        waits = {
            chat: limits.wait_s(chat, lanes[0], now, group=is_group(chat)) for chat, lanes in waiting.items() if lanes
        }
        chat = min(waits, key=lambda chat: waits[chat])
        now += waits[chat]
        waiting[chat].popleft()
        limits.count(chat, now, group=is_group(chat))
        log.append((now, chat))
    return log


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("delay_s", [0.0, 0.049], ids=["at once", "late by up to 49 ms"])
def test_the_platform_itself_never_refuses_a_thousand_messages(seed: int, delay_s: float) -> None:
    chance = random.Random(seed)
    arrivals = sorted((at + chance.uniform(0.0, delay_s), chat) for at, chat in told(seed))
    clock = [NOW]
    platform = RateLimits(lambda: clock[0])
    for at, chat in arrivals:
        clock[0] = at
        platform.check(int(chat), is_group(chat))
    assert len(arrivals) == 1_000
