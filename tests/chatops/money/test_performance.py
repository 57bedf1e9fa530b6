"""How good trades were, against the formulas written out."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.money.attribution import By
from chatops.money.facts import Origin, Trade
from chatops.money.performance import Performance, performance, performance_by
from tests.chatops.money.lives import ALL, START, facts, trades

few = settings(max_examples=30, deadline=None)


def trade(net: object, *, hours: int = 8, lane: str = "carry", deployed: int = 100, id_: str = "ETH-1") -> Trade:
    """Funding made it, and fees took a dollar of it."""
    money = Decimal(str(net))
    return Trade(
        id_,
        Origin("alpha", id_, "ETH", "arbitrage", lane),
        START,
        START + timedelta(hours=hours),
        Decimal(0),
        money + 1,
        Decimal(1),
        Decimal(deployed),
    )


def test_no_trades_have_no_figures_but_a_count() -> None:
    found = performance([], ALL)
    assert found == Performance()
    assert facts(found.trades, found.net) == (0, 0)
    assert (found.win_rate, found.profit_factor, found.average_trade, found.expectancy) == (None, None, None, None)
    assert (found.average_win, found.average_loss, found.best, found.worst) == (None, None, None, None)
    assert (found.average_held, found.average_share) == (None, None)


def test_one_winner_has_no_profit_factor() -> None:
    only = trade(12)
    found = performance([only], ALL)
    assert facts(found.trades, found.wins, found.losses, found.net) == (1, 1, 0, 12)
    assert facts(found.win_rate, found.average_trade, found.average_win) == (1.0, 12, 12)
    assert (found.profit_factor, found.expectancy, found.average_loss) == (None, None, None)
    assert (found.best, found.worst) == (only, only)
    assert facts(found.average_held, found.average_share) == (timedelta(hours=8), pytest.approx(0.12))


def test_one_loser_has_a_profit_factor_of_nothing() -> None:
    found = performance([trade(-12)], ALL)
    assert (found.win_rate, found.profit_factor, found.expectancy) == (0.0, 0.0, -1.0)


def test_fees_alone_make_a_trade_lost() -> None:
    assert performance([trade(-1)], ALL).losses == 1


def test_what_made_nothing_is_neither_won_nor_lost_but_counts() -> None:
    found = performance([trade(0), trade(5, id_="ETH-2")], ALL)
    assert (found.trades, found.wins, found.losses, found.win_rate) == (2, 1, 0, 0.5)


def test_a_trade_counts_when_it_is_closed() -> None:
    late = trade(5, hours=13 * 24)
    assert late.closed_at not in ALL
    assert performance([late], ALL) == Performance()


def test_what_nothing_was_put_into_has_no_share() -> None:
    found = performance([trade(5, deployed=0), trade(5, deployed=50, id_="ETH-2")], ALL)
    assert found.average_share == pytest.approx(0.1)


@few
@given(st.lists(trades(), min_size=1, max_size=12))
def test_every_figure_is_its_formula(closed: list[Trade]) -> None:
    nets = [one.realized + one.funding - one.fees for one in closed if ALL.start <= one.closed_at < ALL.end]
    won, lost = [net for net in nets if net > 0], [-net for net in nets if net < 0]
    found = performance(closed, ALL)
    assert (found.trades, found.wins, found.losses) == (len(nets), len(won), len(lost))
    assert found.net == sum(nets)
    assert found.win_rate == ratio(len(won), len(nets))
    assert found.profit_factor == ratio(sum(won), sum(lost))
    assert found.average_trade == share(sum(nets), len(nets))
    assert found.average_win == share(sum(won), len(won))
    assert found.average_loss == share(sum(lost), len(lost))
    assert [one.net for one in (found.best, found.worst) if one] == [pick(nets) for pick in (max, min) if nets]


@few
@given(st.lists(st.decimals(-50, 50, places=2), min_size=1, max_size=12).filter(lambda nets: min(nets) < 0))
def test_expectancy_is_what_winning_and_losing_as_often_bring(nets: list[Decimal]) -> None:
    found = performance([trade(net, id_=str(number)) for number, net in enumerate(nets)], ALL)
    won, lost = [net for net in nets if net > 0], [-net for net in nets if net < 0]
    average_win = sum(won, Decimal(0)) / max(len(won), 1)
    average_loss = sum(lost, Decimal(0)) / len(lost)
    expected = (len(won) * average_win - len(lost) * average_loss) / len(nets)
    assert found.average_trade == pytest.approx(expected)
    assert found.expectancy == pytest.approx(float(expected / average_loss))


@few
@given(st.lists(trades(), max_size=12), st.sampled_from([by for by in By if by is not By.VENUE]))
def test_told_apart_they_add_up(closed: list[Trade], by: By) -> None:
    whole, apart = performance(closed, ALL), performance_by(closed, ALL, by).values()
    assert sum(one.trades for one in apart) == whole.trades
    assert sum(one.wins for one in apart) == whole.wins
    assert sum((one.net for one in apart), Decimal(0)) == whole.net


def test_trades_are_not_told_apart_by_venue() -> None:
    with pytest.raises(ValueError, match="several venues"):
        performance_by([], ALL, By.VENUE)


def ratio(one: Decimal | int, other: Decimal | int) -> float | None:
    return float(one / other) if other else None


def share(one: Decimal | int, other: int) -> Decimal | None:
    return Decimal(one) / other if other else None
