from decimal import Decimal

from bot_integration import Funding
from bot_integration.paper import MadeMarket
from tests.bot_integration.paper.stories import Story


def test_funding_comes_at_its_moment_and_not_before() -> None:
    story = Story()
    story.tick(29)
    assert story.now.portfolio.pnl.funding == 0
    story.tick()
    assert story.now.portfolio.pnl.funding > 0
    paid = story.now.portfolio.pnl.funding
    story.tick(20)
    assert story.now.portfolio.pnl.funding == paid


def test_a_tick_over_three_moments_pays_three_times() -> None:
    story = Story()
    story.tick(8)
    story.tick(seconds=24 * 60)
    lines = [event for event in story.now.timeline if event.message.startswith("ETH-1: funding")]
    held = story.position("ETH-1")
    assert len(lines) == 3
    assert abs(float(held.pnl.funding) - sum(event.data["funding"] for event in lines)) < 1e-9


def test_the_short_leg_receives_what_the_rate_says() -> None:
    story = Story()
    story.tick(30)
    leg = next(leg for leg in story.position("ETH-2").legs if leg.side == "short")
    rate = next(one.rate for one in story.now.funding if (one.venue, one.asset) == ("okx", "ETH"))
    assert abs(float(leg.funding) / (float(leg.notional) * rate) - 1) < 0.05


def test_a_borrowed_leg_pays_interest_where_a_perpetual_is_paid_funding() -> None:
    story = Story()
    story.tick(30)
    spot, perpetual = story.position("ETH-1").legs
    assert spot.funding < 0 < perpetual.funding


def countdown(story: Story) -> float:
    funding: Funding = story.now.funding[0]
    assert funding.next_at is not None
    return (funding.next_at - story.clock()).total_seconds()


def test_the_countdown_runs_out_when_the_payment_comes() -> None:
    story = Story()
    assert countdown(story) == 30
    story.tick(29)
    assert countdown(story) == 1
    story.tick()
    assert countdown(story) == 8 * 60
    slow = Story(speed=1)
    assert countdown(slow) == 1800
    assert countdown(Story(speed=0.5)) == 3600


def test_a_market_that_stands_still_has_no_countdown() -> None:
    assert {one.next_at for one in Story(speed=0).now.funding} == {None}


def test_what_was_predicted_and_what_came_stand_side_by_side() -> None:
    story = Story(MadeMarket(seed=5))
    story.tick(31)
    table = {(one.venue, one.asset): one for one in story.now.funding}
    assert table["okx", "ETH"].accrued_actual == table["okx", "ETH"].accrued_expected
    assert (table["okx", "ETH"].accrued_actual or Decimal(0)) > 0
    assert table["binance", "BTC"].accrued_actual is None
