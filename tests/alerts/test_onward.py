from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.onward import Onward
from tests.bot_integration.facts import NOON

STEPS = st.lists(st.tuples(st.floats(0, 1000), st.floats(-90_000, 90_000)), max_size=20)


@given(STEPS)
def test_it_passes_as_time_does_however_the_wall_is_set(steps: list[tuple[float, float]]) -> None:
    elapsed, off = 0.0, 0.0
    clock = Onward(lambda: NOON + timedelta(seconds=elapsed + off), lambda: elapsed)
    before = clock()
    for seconds, step in steps:
        elapsed, off = elapsed + seconds, off + step
        passed = (clock() - before).total_seconds()
        before += timedelta(seconds=passed)
        assert 0.989 * seconds - 1e-4 <= passed <= 1.011 * seconds + 1e-4


def test_what_is_wrong_is_made_good_in_time() -> None:
    elapsed = 0.0

    def wall() -> datetime:
        return NOON + timedelta(seconds=elapsed + (10 if elapsed else 0))

    clock = Onward(wall, lambda: elapsed)
    for _ in range(1100):
        elapsed += 1.0
        clock()
    assert abs(clock() - wall()) < timedelta(milliseconds=1)
