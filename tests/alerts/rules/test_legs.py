from datetime import timedelta

import pytest

from alerts.model import Key, Reading
from alerts.rulebook import Facts
from alerts.rules import usual
from bot_integration import Leg
from tests.alerts.snapshots import figures, leg, perp, position, read, snapshot
from tests.bot_integration.facts import NOON


def health(one: Leg) -> Reading:
    (found,) = read(snapshot(position(one)), "health_factor").values()
    return found


def test_a_borrowed_leg_is_told_with_its_health_factor_and_where_it_ends() -> None:
    found = health(leg(health_factor=0.1484, mark_price=1_700, liquidation_price=1_447.72))
    assert found.key == Key("health_factor", "alpha", "ETH-1/bybit")
    assert (found.value, found.metric, found.position) == (0.1484, "health_factor", "ETH-1")
    assert found.says == "HF 0.148 of the borrowed leg on bybit"
    assert found.room == pytest.approx(0.1484)
    assert figures(found) == {
        "HF": "0.148, liquidated at 0",
        "to liquidation": "14.8 %, at 1,447.72",
        "time left": "not known yet",
    }


def test_a_margined_leg_is_told_with_its_margin_fraction_and_the_level_that_its_prices_imply() -> None:
    found = health(perp(mark_price=100, margin_fraction=0.09, liquidation_price=109 / 1.025))
    assert (found.value, found.metric) == (0.09, "margin_fraction")
    assert found.says == "MF 0.090 of the short leg on okx"
    assert figures(found)["MF"] == "0.090, liquidated at 0.025"
    assert figures(found)["to liquidation"] == "6.3 %, at 106.34"


def test_without_a_liquidation_price_the_health_factor_is_the_distance() -> None:
    found = health(leg(health_factor=0.148, liquidation_price=None))
    assert found.room == 0.148
    assert figures(found)["to liquidation"] == "14.8 %"


def test_a_margin_fraction_without_a_liquidation_price_claims_no_distance() -> None:
    assert set(figures(health(perp(liquidation_price=None, margin_fraction=0.09)))) == {"MF", "time left"}


def test_a_leg_without_any_notion_of_it_is_not_read() -> None:
    bare = leg(health_factor=None, liquidation_price=None, leverage=None)
    assert read(snapshot(position(bare)), "health_factor") == {}


@pytest.mark.parametrize(
    ("each_s", "expected"),
    [(-0.0005, "about 9 min 30 s at the pace of the last minutes"), (0.0005, "not falling"), (-1e-7, "over a day")],
)
def test_the_time_left_comes_from_the_pace_of_the_last_minutes(each_s: float, expected: str) -> None:
    book = usual()
    for second in range(0, 35, 5):
        factor = 0.3 + each_s * second
        one = leg(health_factor=factor, liquidation_price=None)
        found = read(snapshot(position(one), at=NOON + timedelta(seconds=second)), "health_factor", book)
    assert figures(found["ETH-1/bybit"])["time left"] == expected


def test_the_pace_is_forgotten_with_the_leg_and_with_the_bot() -> None:
    book = usual()

    def said(second: int, *, held: bool = True) -> Reading | None:
        one = position(leg(health_factor=0.3, liquidation_price=None))
        whole = snapshot(*([one] * held), at=NOON + timedelta(seconds=second))
        return read(whole, "health_factor", book).get("ETH-1/bybit")

    def time_left(second: int) -> str:
        found = said(second)
        assert found is not None
        return figures(found)["time left"]

    assert [time_left(0), time_left(20), time_left(40)] == ["not known yet", "not known yet", "not falling"]
    said(41, held=False)
    assert time_left(45) == "not known yet"
    assert [time_left(65), time_left(85)] == ["not known yet", "not falling"]


def test_the_distance_of_every_leg_that_can_be_liquidated_is_read() -> None:
    whole = snapshot(position(leg(mark_price=1_800, liquidation_price=1_674), perp(liquidation_price=None)))
    (found,) = read(whole, "liquidation_distance").values()
    assert (found.key.subject, found.metric) == ("ETH-1/bybit", "distance_pct")
    assert found.value == pytest.approx(7)
    assert found.says == "the price is 7.0 % from the liquidation of the borrowed leg on bybit"


def test_a_leg_past_its_liquidation_price_has_no_distance_left() -> None:
    found = read(snapshot(position(leg(mark_price=900))), "liquidation_distance")["ETH-1/bybit"]
    assert (found.value, found.room) == (0, 0)


@pytest.mark.parametrize(
    ("peg", "metric", "says"),
    [
        (5.5, "premium_pct", "JitoSOL-SPOT on bybit at a premium of 5.50 % to what it is redeemed for"),
        (-2.25, "discount_pct", "JitoSOL-SPOT on bybit at a discount of 2.25 % to what it is redeemed for"),
    ],
)
def test_a_staking_token_is_told_by_the_side_that_it_left_its_value(peg: float, metric: str, says: str) -> None:
    whole = snapshot(position(leg(instrument="JitoSOL-SPOT", peg_premium=peg), perp()))
    (found,) = read(whole, "lst_depeg").values()
    assert (found.metric, found.value, found.says) == (metric, abs(peg), says)


def test_nothing_is_read_of_what_is_closed() -> None:
    readings = usual().read(Facts(snapshot(position(leg(health_factor=0.01), stage="closed")), None, NOON))
    assert {one.key.subject.partition("/")[0] for one in readings} <= {"", "rule"}
