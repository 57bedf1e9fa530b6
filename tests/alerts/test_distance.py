import pytest

from alerts.distance import distance_pct, liquidation_margin_fraction, near
from bot_integration import Leg
from tests.alerts.snapshots import leg, perp, position, snapshot


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (leg(mark_price=100, liquidation_price=80), 20.0),
        (leg(side="short", mark_price=100, liquidation_price=125), 25.0),
        (leg(mark_price=100, liquidation_price=101), 0.0),
        (leg(mark_price=None, liquidation_price=80), None),
        (leg(mark_price=0, liquidation_price=80), None),
        (leg(liquidation_price=None), None),
    ],
)
def test_the_distance_to_liquidation_goes_the_way_that_hurts(one: Leg, expected: float | None) -> None:
    assert distance_pct(one) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (leg(mark_price=100, liquidation_price=80), 0.2),
        (leg(liquidation_price=None, health_factor=0.3), 0.3),
        (leg(liquidation_price=None, health_factor=-0.1), 0.0),
        (perp(liquidation_price=None, margin_fraction=0.25), 0.25),
        (perp(liquidation_price=None, margin_fraction=None), None),
    ],
)
def test_the_room_is_of_the_price_where_the_venue_names_one_and_else_of_the_equity(
    one: Leg, expected: float | None
) -> None:
    assert [found.room for found in near(snapshot(position(one)))] == [pytest.approx(expected)]


@pytest.mark.parametrize("side", ["long", "short"])
def test_the_liquidation_level_of_a_margin_fraction_is_what_its_prices_imply(side: str) -> None:
    # 1 unit at 100 with a margin of 20, taken at 2.5 %: (size × entry ∓ margin) / (size × (1 ∓ 0.025)).
    taken = {"long": 80 / 0.975, "short": 120 / 1.025}[side]
    one = perp(side=side, mark_price=100, margin_fraction=0.2, liquidation_price=taken)
    assert liquidation_margin_fraction(one) == pytest.approx(0.025)


@pytest.mark.parametrize(
    "one",
    [
        perp(liquidation_price=None),
        perp(liquidation_price=0),
        perp(mark_price=None),
        perp(margin_fraction=None),
        perp(mark_price=100, margin_fraction=0.2, liquidation_price=500),
        perp(mark_price=100, margin_fraction=0.2, liquidation_price=90),
    ],
)
def test_a_level_that_cannot_be_or_is_not_said_is_none(one: Leg) -> None:
    assert liquidation_margin_fraction(one) is None


def test_what_is_closed_is_near_to_nothing() -> None:
    assert near(snapshot(position(stage="closed"))) == ()
