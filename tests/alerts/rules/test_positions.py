from typing import Any

import pytest

from tests.alerts.snapshots import leg, perp, position, read, snapshot, value

RULES = ("funding_flip", "delta_drift", "profit_erosion", "divergence")


def rate(venue: str, rate: float, **more: Any) -> dict[str, Any]:
    return {"venue": venue, "asset": "ETH", "rate": rate, **more}


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, 0.01), ({"interval_hours": 1}, 0.08), ({"interval_hours": 8, "rate": -0.0002}, -0.02)],
)
def test_a_short_receives_what_a_positive_rate_pays_reckoned_in_eight_hours(
    given: dict[str, Any], expected: float
) -> None:
    whole = snapshot(position(), funding=[rate("okx", **{"rate": 0.0001, **given})])
    assert value(whole, "funding_flip", "ETH-1") == pytest.approx(expected)


def test_two_perpetuals_are_netted_by_their_notional() -> None:
    legs = (perp("bybit", "long", notional=1_000), perp("okx", "short", notional=3_000))
    whole = snapshot(position(*legs), funding=[rate("bybit", 0.0003), rate("okx", 0.0001)])
    found = read(whole, "funding_flip")["ETH-1"]
    assert found.value == pytest.approx(0)
    turned = snapshot(position(*legs), funding=[rate("bybit", 0.0005), rate("okx", 0.0001)])
    assert read(turned, "funding_flip")["ETH-1"].says == "ETH-1 pays 0.0050 % of net funding in 8 h"


def test_spot_on_a_venue_with_a_perpetual_of_the_same_asset_is_paid_nothing() -> None:
    whole = snapshot(position(leg("bybit"), perp("okx")), funding=[rate("bybit", 0.01), rate("okx", 0.0001)])
    assert value(whole, "funding_flip", "ETH-1") == pytest.approx(0.01)


def test_without_a_rate_or_a_leg_that_is_funded_nothing_is_read() -> None:
    assert read(snapshot(position()), "funding_flip") == {}
    assert read(snapshot(position(leg()), funding=[rate("bybit", 0.01)]), "funding_flip") == {}


@pytest.mark.parametrize(
    ("rule", "facts", "expected", "says"),
    [
        ("delta_drift", {"delta_ratio": 0.006, "delta": 21.6}, 0.6, "the delta of ETH-1 is 0.60 % of its exposure"),
        ("profit_erosion", {"profit_erosion": 81.4}, 81.4, "81 % of the expected profit of ETH-1 has gone"),
        ("divergence", {"divergence": -1.5}, 1.5, "the prices of the legs of ETH-1 are 1.50 % apart"),
        ("rebalance_pending", {"rebalance_pending": True}, 1, "ETH-1 waits to be rebalanced"),
        ("rebalance_pending", {}, 0, "ETH-1 is balanced"),
    ],
)
def test_what_a_position_says_of_itself_is_read(rule: str, facts: dict[str, Any], expected: float, says: str) -> None:
    found = read(snapshot(position(**facts)), rule)["ETH-1"]
    assert found.value == pytest.approx(expected)
    assert (found.says, found.position) == (says, "ETH-1")


@pytest.mark.parametrize("rule", RULES)
def test_what_a_position_does_not_say_is_not_read(rule: str) -> None:
    assert read(snapshot(position()), rule) == {}
