from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_integration.paper.leg import HeldLeg
from bot_integration.paper.margin import (
    borrowed_liquidation_price,
    funding_payment,
    health_factor,
    margin_fraction,
    margined_liquidation_price,
)
from bot_integration.paper.market import Contract, Instrument
from bot_integration.position import Side

SPOT = Instrument("bybit", "ETH", Contract.SPOT)
PERP = Instrument("okx", "ETH", Contract.PERPETUAL)

prices = st.decimals("0.01", "100000", places=2)
sizes = st.decimals("0.001", "1000", places=3)
leverages = st.decimals("1.1", "10", places=1)
moves = st.decimals("0.5", "1.5", places=3)


def close_to(value: Decimal) -> object:
    return pytest.approx(value, rel=Decimal("1e-12"), abs=Decimal("1e-12"))


def borrowed(size: Decimal, price: Decimal, leverage: Decimal) -> HeldLeg:
    return HeldLeg(SPOT, Side.LONG, size, price, size * price / leverage, leverage, Decimal("0.925"))


def margined(side: Side, size: Decimal, price: Decimal, leverage: Decimal) -> HeldLeg:
    return HeldLeg(PERP, side, size, price, size * price / leverage, leverage, Decimal("0.02"))


def test_a_long_of_three_and_a_half_times_starts_at_0_228() -> None:
    factor = health_factor(Decimal(3500), Decimal("0.925"), Decimal(2500))
    assert round(factor, 4) == Decimal("0.2278")


def test_the_crash_of_august_2023_takes_it_to_0_067() -> None:
    leg = borrowed(Decimal(10), Decimal("1821.01"), Decimal("3.5"))
    factor = health_factor(leg.size * Decimal("1507.29"), Decimal("0.925"), leg.liabilities)
    assert round(factor, 3) == Decimal("0.067")


def test_without_debt_the_factor_is_one_and_nothing_can_be_liquidated() -> None:
    assert health_factor(Decimal(100), Decimal("0.925"), Decimal(0)) == 1
    assert borrowed_liquidation_price(Decimal(1), Decimal("0.925"), Decimal(0)) is None


def test_there_is_no_factor_of_nothing() -> None:
    with pytest.raises(ValueError, match="needs assets"):
        health_factor(Decimal(0), Decimal("0.925"), Decimal(1))
    with pytest.raises(ValueError, match="needs a notional"):
        margin_fraction(Decimal(1), Decimal(0))


def test_a_long_that_is_paid_in_full_is_never_liquidated() -> None:
    assert margined_liquidation_price(Side.LONG, Decimal(1), Decimal(100), Decimal(100), Decimal("0.02")) is None


@given(sizes, prices, leverages)
def test_at_its_liquidation_price_a_borrowed_leg_has_a_health_factor_of_0(
    size: Decimal, price: Decimal, leverage: Decimal
) -> None:
    leg = borrowed(size, price, leverage)
    assert leg.liquidation_price is not None
    factor = health_factor(size * leg.liquidation_price, leg.maintenance, leg.liabilities)
    assert factor == close_to(Decimal(0))


@given(st.sampled_from(Side), sizes, prices, leverages)
def test_at_its_liquidation_price_a_margined_leg_has_its_maintenance_margin(
    side: Side, size: Decimal, price: Decimal, leverage: Decimal
) -> None:
    leg = margined(side, size, price, leverage)
    assert leg.liquidation_price is not None
    at = leg.liquidation_price
    assert margin_fraction(leg.equity(at), size * at) == close_to(Decimal("0.02"))


@given(sizes, prices, leverages, moves)
def test_a_borrowed_leg_is_liquidated_where_its_health_factor_is_no_longer_positive(
    size: Decimal, price: Decimal, leverage: Decimal, move: Decimal
) -> None:
    leg = borrowed(size, price, leverage)
    mark = price * move
    factor = health_factor(size * mark, leg.maintenance, leg.liabilities)
    assert leg.is_liquidated_at(mark) == (factor <= Decimal("1e-25"))


@given(sizes, prices, leverages, moves, st.decimals("0.001", "1", places=3))
def test_taking_a_leg_off_in_parts_gives_back_what_it_was_worth(
    size: Decimal, price: Decimal, leverage: Decimal, move: Decimal, share: Decimal
) -> None:
    leg, mark, fee = borrowed(size, price, leverage), price * move, Decimal("0.5")
    left, first, _ = leg.reduced(size * share, mark, fee)
    rest = left.reduced(left.size, mark, fee)[1] if left.size else Decimal(0)
    fees = fee * 2 if left.size else fee
    assert first + rest + fees == close_to(leg.equity(mark))


def test_longs_pay_a_positive_rate_to_shorts() -> None:
    assert funding_payment(Side.LONG, Decimal(10_000), Decimal("0.0001")) == -1
    assert funding_payment(Side.SHORT, Decimal(10_000), Decimal("0.0001")) == 1


def test_interest_makes_the_debt_grow_and_the_health_factor_fall() -> None:
    leg = borrowed(Decimal(1), Decimal(1000), Decimal(2))
    after = leg.charged(Decimal("0.001"))
    assert (after.liabilities, after.funding) == (Decimal("500.5"), Decimal("-0.5"))
    assert after.liquidation_price is not None
    assert leg.liquidation_price is not None
    assert after.liquidation_price > leg.liquidation_price
