from datetime import UTC, datetime, timedelta

from chatops.adapters.telegram.freshness import Freshness

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_was_there_before_us_may_have_waited() -> None:
    assert Freshness().may_have_waited(NOON, MINUTE)


def test_what_came_between_two_polls_has_not_waited_longer_than_the_time_between_them() -> None:
    known = Freshness().after(NOON, full=False)
    assert not known.may_have_waited(NOON + MINUTE, MINUTE)
    assert known.may_have_waited(NOON + MINUTE * 1.01, MINUTE)


def test_behind_a_full_batch_others_may_have_waited_as_long() -> None:
    assert Freshness().after(NOON, full=True).may_have_waited(NOON, MINUTE)
    emptied = Freshness().after(NOON, full=False)
    assert emptied.after(NOON + 5 * MINUTE, full=True).may_have_waited(NOON + 5 * MINUTE, MINUTE)
