import pytest
from telegram.error import Conflict, InvalidToken, NetworkError

from chatops.adapters.telegram.backoff import pause_s
from chatops.adapters.telegram.errors import Paused

LOST = NetworkError("connection lost")


def test_pauses_double_up_to_half_a_minute() -> None:
    assert [pause_s(LOST, failures, 0) for failures in (1, 2, 3, 7, 100_000)] == [0.5, 1, 2, 30, 30]


def test_chance_takes_away_up_to_half() -> None:
    assert [pause_s(LOST, 3, jitter) for jitter in (0, 0.5, 1)] == [2, 1.5, 1]


def test_who_lost_the_bot_leaves_it_alone_for_longer_each_time() -> None:
    lost = Conflict("another poll")
    assert [pause_s(lost, failures, 0) for failures in (1, 2, 3, 4, 5, 100_000)] == [30, 60, 120, 240, 300, 300]
    assert pause_s(lost, 1, 1) == 15


@pytest.mark.parametrize("error", [Conflict("another poll"), InvalidToken("revoked")])
def test_what_a_person_has_to_mend_is_asked_after_slowly_from_the_first(error: Exception) -> None:
    assert pause_s(error, 1, 0) == 30


def test_a_pause_that_the_platform_names_is_kept_to_the_second() -> None:
    assert pause_s(Paused(7), 12, 1) == 7
