from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from alerts.model import Key
from alerts.rulebook import Facts
from alerts.rules import usual
from alerts.rules.data import silent
from bot_integration import Leg, Snapshot
from tests.alerts.snapshots import leg, perp, position, read, snapshot
from tests.bot_integration.facts import NOON
from tests.bot_integration.paper.stories import Story


def test_silence_is_told_by_time_alone_and_ends_with_a_snapshot() -> None:
    found = silent("alpha", NOON, NOON + timedelta(seconds=23))
    assert (found.key, found.value, found.metric) == (Key("stale_data", "alpha"), 23, "snapshot_age")
    assert found.says == "no snapshot of alpha for 23 s"
    here = read(snapshot(), "stale_data")[""]
    assert (here.key, here.metric, here.value) == (found.key, found.metric, 0)


def test_a_snapshot_that_is_read_again_and_again_grows_old_whatever_clock_it_was_made_by() -> None:
    book, whole = usual(), snapshot(at=NOON - timedelta(hours=2))

    def age(seconds: float, now: Snapshot = whole) -> float | None:
        readings = book.read(Facts(now, None, NOON + timedelta(seconds=seconds)))
        return next(one.value for one in readings if one.key == Key("stale_data", "alpha"))

    newer = whole.model_copy(update={"seq": 1})
    assert [age(0), age(1), age(16), age(17, newer), age(20, newer)] == [0, 1, 16, 0, 3]
    # The clock goes back by an hour: silence is counted from there.
    assert [age(-3_600, newer), age(-3_580, newer)] == [0, 20]
    restarted = newer.model_copy(update={"session_id": UUID(int=7)})
    assert age(-3_570, restarted) == 0


def test_a_clock_that_went_back_makes_no_silence() -> None:
    assert silent("alpha", NOON, NOON - timedelta(hours=1)).value == 0


def prices(quotes_at: Any) -> tuple[float | None, str]:
    whole = snapshot(venues=[{"name": "okx", "stream": "connected", "quotes_at": quotes_at}])
    found = read(whole, "stale_data")["okx"]
    return found.value, found.metric


def test_how_old_a_venue_s_prices_are_is_read_where_it_says_so() -> None:
    assert prices((NOON - timedelta(seconds=31)).isoformat()) == (31, "price_age")
    assert prices((NOON + timedelta(seconds=5)).isoformat()) == (0, "price_age")


@pytest.mark.parametrize("odd", ["lately", None, 17, "2026-05-04T12:00:00"])
def test_a_moment_that_cannot_be_read_is_told(odd: Any) -> None:
    assert prices(odd) == (1, "wrong")


def test_a_venue_that_names_no_moment_is_not_judged() -> None:
    assert "okx" not in read(snapshot(venues=[{"name": "okx", "stream": "connected"}]), "stale_data")


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (leg(health_factor=None), "the health factor of the long leg on bybit cannot be computed"),
        (perp(margin_fraction=None), "the health factor of the short leg on okx cannot be computed"),
        (leg(health_factor=None, leverage=None), "the health factor of the long leg on bybit cannot be computed"),
        (leg(mark_price=None), "the distance to liquidation of the borrowed leg on bybit cannot be computed"),
    ],
)
def test_what_cannot_be_computed_of_a_leg_with_leverage_is_told(one: Leg, says: str) -> None:
    found = read(snapshot(position(one, perp("drift"))), "stale_data")["ETH-1"]
    assert (found.value, found.says, found.position) == (1, says, "ETH-1")


@pytest.mark.parametrize(
    "one",
    [
        leg(),
        leg(health_factor=None, leverage=1.0, liquidation_price=None),
        leg(health_factor=None, leverage=None, liquidation_price=None),
        leg(health_factor=None, size=0),
    ],
)
def test_what_cannot_be_liquidated_needs_no_health_factor(one: Leg) -> None:
    assert read(snapshot(position(one)), "stale_data")["ETH-1"].value == 0


def test_the_prices_of_the_paper_bot_are_as_old_as_it_says() -> None:
    story = Story()
    story.tick(3)
    ages = {name: one.value for name, one in read(story.now, "stale_data").items() if one.metric == "price_age"}
    assert set(ages) == {venue.name for venue in story.now.venues}
    assert max(age or 0 for age in ages.values()) < 30
