import secrets
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from chatops.ids import TimeOrderedIds, uuid7

AT_MS = 1_700_000_000_000


def test_an_id_says_when_it_was_made() -> None:
    made = TimeOrderedIds(lambda: AT_MS, secrets.randbits).next()
    assert made.version == 7
    assert made.variant == RFC_4122
    assert made.int >> 80 == AT_MS


@given(st.lists(st.integers(min_value=0, max_value=2**48 - 2), min_size=1, max_size=50))
def test_ids_grow_whatever_the_clock_does(moments: list[int]) -> None:
    clock = iter(moments)
    ids = TimeOrderedIds(lambda: next(clock), secrets.randbits)
    made = [ids.next() for _ in moments]
    assert made == sorted(set(made))
    assert all(one.version == 7 and one.variant == RFC_4122 for one in made)


def test_ids_grow_when_the_random_part_runs_over() -> None:
    # Far wider steps than it asks for: the second one does not fit beside the first.
    ids = TimeOrderedIds(lambda: AT_MS, lambda _: (1 << 74) - 2)
    first, second = ids.next(), ids.next()
    assert first < second
    assert second.int >> 80 == AT_MS + 1


def test_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: uuid7(), range(4_000)))
    assert len(set(made)) == 4_000


def test_one_thread_gets_them_in_order() -> None:
    made = [uuid7() for _ in range(1_000)]
    assert made == sorted(made)
