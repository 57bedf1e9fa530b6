import statistics
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot_integration.paper import SCENARIOS, Contract, Instrument, MadeMarket
from bot_integration.paper.made import START
from bot_integration.paper.scenarios import named, value_at
from tests.examples import examples

BYBIT = Instrument("bybit", "ETH", Contract.SPOT)
OKX = Instrument("okx", "ETH", Contract.SPOT)
OKX_PERP = Instrument("okx", "ETH", Contract.PERPETUAL)
STETH = Instrument("bybit", "STETH", Contract.SPOT)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def path(market: MadeMarket, instrument: Instrument, until: float, step: float = 0.25) -> list[float]:
    marks = []
    for index in range(1, int(until / step) + 1):
        list(market.advance(START + hours(index * step)))
        marks.append(float(market.step.quotes[instrument].mark))
    return marks


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(sorted(SCENARIOS)), st.lists(st.integers(1, 180), max_size=8))
def test_the_same_seed_makes_the_same_market_however_it_is_walked(seed: int, scenario: str, minutes: list[int]) -> None:
    one, other = MadeMarket(seed=seed, scenario=scenario), MadeMarket(seed=seed, scenario=scenario)
    for span in minutes:
        list(one.advance(one.step.at + timedelta(minutes=span)))
    list(one.advance(START + hours(24)))
    list(other.advance(START + hours(24)))
    assert one.step == other.step


def test_another_seed_makes_another_market() -> None:
    assert MadeMarket(seed=1).step != MadeMarket(seed=2).step


def test_the_venues_move_together() -> None:
    one, other = (path(MadeMarket(seed=3), instrument, 48) for instrument in (BYBIT, OKX))
    returns = [[after / before - 1 for before, after in pairwise(p)] for p in (one, other)]
    assert statistics.correlation(*returns) > 0.95
    assert all(abs(a / b - 1) < 0.002 for a, b in zip(one, other, strict=True))


def test_the_basis_comes_back() -> None:
    spot, perpetual = (path(MadeMarket(seed=3), instrument, 48) for instrument in (OKX, OKX_PERP))
    basis = [b / a - 1 for a, b in zip(spot, perpetual, strict=True)]
    assert abs(statistics.mean(basis) - 0.0002) < 0.0003


def test_funding_falls_due_every_eight_hours_at_the_rate_that_was_told() -> None:
    market = MadeMarket(seed=3)
    dues = [step for step in market.advance(START + hours(24.5)) if step.payments]
    assert [step.at.hour for step in dues] == [8, 16, 0, 8]
    assert all(payment.rate == payment.predicted for step in dues for payment in step.payments)


def test_there_are_spreads_worth_taking_from_the_start() -> None:
    terms = MadeMarket(seed=3).step.terms
    assert terms["okx", "ETH"].rate - terms["bybit", "ETH"].rate > 0


def test_a_crash_falls_by_a_sixth_and_comes_back_in_part() -> None:
    marks = path(MadeMarket(seed=7, scenario="crash"), BYBIT, 5)
    assert 0.80 < min(marks) / marks[0] < 0.86
    assert marks[-1] / min(marks) > 1.06


def test_a_funding_flip_turns_the_sign_of_what_the_spread_earns() -> None:
    market = MadeMarket(seed=7, scenario="funding-flip")
    before = market.step.terms
    list(market.advance(START + hours(4)))
    after = market.step.terms
    assert before["okx", "ETH"].rate > before["bybit", "ETH"].rate
    assert after["okx", "ETH"].rate < after["bybit", "ETH"].rate


def test_a_depeg_is_a_discount_of_the_token_alone() -> None:
    market = MadeMarket(seed=7, scenario="depeg")
    eth = float(market.step.quotes[BYBIT].mark)
    list(market.advance(START + hours(2)))
    quote = market.step.quotes[STETH]
    assert quote.redemption == market.step.quotes[BYBIT].mark
    assert -0.05 < float(quote.mark / quote.redemption) - 1 < -0.04
    assert abs(float(market.step.quotes[BYBIT].mark) / eth - 1) < 0.03


def test_in_an_outage_one_venue_answers_nothing_and_its_prices_grow_old() -> None:
    market = MadeMarket(seed=7, scenario="outage")
    list(market.advance(START + hours(0.5)))
    last = market.step.quotes[OKX]
    list(market.advance(START + hours(1)))
    assert market.step.down == {"okx"}
    assert market.step.quotes[OKX] == last
    assert market.step.quotes[BYBIT].at == market.step.at
    list(market.advance(START + hours(1.6)))
    assert market.step.down == frozenset()
    assert market.step.quotes[OKX].at == market.step.at


def test_an_unknown_scenario_is_refused_naming_those_there_are() -> None:
    with pytest.raises(ValueError, match="'moon'; there are calm, funding-flip, crash, depeg, outage"):
        named("moon")


def test_a_curve_is_flat_outside_its_points_and_straight_between_them() -> None:
    curve = ((1.0, 2.0), (3.0, 4.0))
    assert [value_at(curve, hour) for hour in (0, 1, 2, 3, 9)] == [2, 2, 3, 4, 4]
