from itertools import islice

from bot_integration.control.backoff import backoff


def test_waits_double_until_the_longest() -> None:
    assert list(islice(backoff(0.1, 1, lambda: 1.0), 6)) == [0.1, 0.2, 0.4, 0.8, 1, 1]


def test_chance_takes_up_to_half() -> None:
    assert list(islice(backoff(0.1, 1, lambda: 0.0), 6)) == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5]
