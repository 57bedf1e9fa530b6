"""The real crash of 2023-08-17 and 18, replayed."""

from bot_integration import Position
from tests.bot_integration.paper.stories import Story, replay


def eth_carry(story: Story) -> Position:
    return next(one for one in story.now.positions if one.lane == "carry" and one.asset == "ETH")


def health(story: Story) -> float:
    factor = eth_carry(story).legs[0].health_factor
    assert factor is not None
    return factor


def test_a_3_5_times_borrowed_eth_leg_on_bybit_goes_from_0_228_to_0_067_and_back() -> None:
    # Every exit and breaker that would end the story earlier is out of the way.
    story = Story(replay("2023-08-17"), speed=3600, exit_health_factor=0, flip_patience_h=1000)
    leg = eth_carry(story).legs[0]
    assert (leg.venue, leg.instrument, leg.leverage) == ("bybit", "ETH-SPOT", 3.5)
    path = [health(story)]
    for _ in range(48):
        story.tick()
        path.append(health(story))
    assert abs(path[0] - 0.228) < 0.001
    crossed = [next(hour for hour, factor in enumerate(path) if factor < limit) for limit in (0.20, 0.15, 0.10)]
    assert crossed == sorted(crossed)
    assert crossed[0] < 24 < crossed[1] <= crossed[2] <= 30
    assert path.index(min(path)) == 30
    assert abs(min(path) - 0.067) < 0.001
    back = path[32]
    assert 0.15 < back < 0.17
    assert eth_carry(story).stage == "open"


def test_the_lowest_point_is_seen_at_any_speed() -> None:
    lowest = []
    for speed, ticks in ((1800, 96), (3600, 48), (7200, 24)):
        story = Story(replay("2023-08-17"), speed=speed, exit_health_factor=0)
        path = []
        for _ in range(ticks):
            story.tick()
            path.append(health(story))
        lowest.append(min(path))
    assert all(abs(one - 0.067) < 0.001 for one in lowest)


def test_by_default_the_risk_manager_lets_the_danger_be_seen() -> None:
    story = Story(replay("2023-08-16"), speed=3600)
    story.tick(10)
    assert {"ETH-1", "BTC-1", "ETH-2"} <= set(story.ids)
    story.tick(44)
    assert health(story) < 0.07
    assert not eth_carry(story).risk.should_exit


def test_a_risk_manager_that_is_told_to_closes_it_on_the_way_down() -> None:
    story = Story(replay("2023-08-17"), speed=3600, exit_health_factor=0.15)
    story.tick(30)
    trade = next(one for one in story.bot.trades if one.asset == "ETH" and one.lane == "carry")
    assert trade.reason.startswith("health factor 0.1")
    assert trade.reason.endswith("< 0.15")


def test_a_leg_of_higher_leverage_is_liquidated_and_the_other_is_closed() -> None:
    story = Story(replay("2023-08-17"), speed=3600, exit_health_factor=0, borrow_leverage=5)
    story.tick(40)
    trade = next(one for one in story.bot.trades if one.asset == "ETH" and one.lane == "carry")
    assert trade.reason == "one leg is left: okx ETH-PERP"
    pnl = story.now.portfolio.pnl
    assert abs(story.now.portfolio.equity - 100_000 - pnl.total) < 1e-6


def test_eighteen_months_end_with_little_kept() -> None:
    story = Story(replay("2023-01-01"), speed=4 * 3600, negative_carry_patience_h=1000, cooldown_h=1)
    while not story.market.step.ended:
        story.tick()
    assert len(story.bot.trades) > 20
    assert len(story.now.timeline) == 20
    assert "The market's data ends here" in story.said()
    pnl = story.now.portfolio.pnl
    assert abs(story.now.portfolio.equity - 100_000 - pnl.total) < 1e-6
