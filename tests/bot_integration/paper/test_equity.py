"""Whatever happens, the two ledgers agree: equity change = realized + unrealized + funding − fees."""

import asyncio
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot_integration import (
    CloseAll,
    ClosePosition,
    CommandResult,
    EmergencyStop,
    KillSwitch,
    Pause,
    Rebalance,
    Resume,
    Snapshot,
)
from bot_integration.paper import SCENARIOS, MadeMarket
from tests.bot_integration.paper.stories import Story, replay
from tests.examples import examples

CENT = Decimal("0.005")
CAPITAL = Decimal(100_000)

ids = st.sampled_from(["BTC-1", "ETH-1", "ETH-2", "SOL-1", "SOL-2", "STETH-1", "XRP-9"])
venues = st.sampled_from(["bybit", "okx", "binance"])
events = st.one_of(
    st.tuples(st.just("walk"), st.integers(1, 90)),
    st.tuples(st.just("close"), ids, st.floats(0.1, 100)),
    st.tuples(st.just("rebalance"), ids),
    st.tuples(st.just("orders fail"), venues, st.booleans()),
    st.tuples(st.just("pause"), st.sampled_from(["all", "entry", "exit", "okx"])),
    st.tuples(st.just("resume")),
    st.tuples(st.just("kill"), st.booleans()),
    st.tuples(st.just("close all")),
    st.tuples(st.just("stop")),
    st.tuples(st.just("all at once"), ids, ids),
)


def agree(now: Snapshot) -> None:
    whole, pnl = now.portfolio, now.portfolio.pnl
    assert abs(whole.equity - CAPITAL - pnl.total) < CENT
    assert pnl.total == pnl.realized + pnl.unrealized + pnl.funding - pnl.fees
    assert abs(pnl.total - sum(strategy.pnl.total for strategy in whole.strategies)) < CENT
    balances = sum((venue.balance or Decimal(0)) + (venue.locked_capital or Decimal(0)) for venue in now.venues)
    assert abs(balances + pnl.unrealized - whole.equity) < CENT


async def happen(story: Story, event: tuple[object, ...]) -> CommandResult | None:
    match event:
        case ("walk", int(seconds)):
            story.tick(seconds=seconds)
        case ("close", position_id, percent):
            return await story.ask(ClosePosition, position_id=position_id, percent=percent)
        case ("rebalance", position_id):
            return await story.ask(Rebalance, position_id=position_id)
        case ("orders fail", str(venue), bool(failing)):
            story.bot.orders_fail(venue, failing)
        case ("pause", scope):
            return await story.ask(Pause, scope=scope)
        case ("resume",):
            return await story.ask(Resume)
        case ("kill", active):
            return await story.ask(KillSwitch, active=active)
        case ("close all",):
            return await story.ask(CloseAll)
        case ("all at once", one, other):
            results = await asyncio.gather(
                story.ask(Rebalance, position_id=one),
                story.ask(ClosePosition, position_id=other, percent=60),
                story.ask(EmergencyStop),
                story.ask(ClosePosition, position_id=one),
            )
            return next((result for result in results if "broke" in result.message), None)
        case ("stop",):
            return await story.ask(EmergencyStop)
    return None


@settings(max_examples=examples(40), deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from(sorted(SCENARIOS)),
    st.decimals(1, 10, places=1),
    st.lists(events, max_size=14),
)
def test_over_any_made_market_and_any_commands_the_ledgers_agree_to_the_cent(
    seed: int, scenario: str, leverage: Decimal, happened: list[tuple[object, ...]]
) -> None:
    async def live() -> None:
        story: Story

        async def market_goes_on(_seconds: float) -> None:
            story.tick(seconds=3)
            await asyncio.sleep(0)

        story = Story(
            MadeMarket(seed=seed, scenario=scenario), sleep=market_goes_on, borrow_leverage=leverage, cooldown_h=0
        )
        story.tick(7)
        for event in happened:
            result = await happen(story, event)
            assert result is None or "broke" not in result.message
            agree(story.now)
        story.tick(2, seconds=300)
        agree(story.now)

    asyncio.run(live())


def test_over_the_real_crash_with_liquidations_the_ledgers_agree_to_the_cent() -> None:
    story = Story(replay("2023-08-16"), speed=3600, borrow_leverage=5, perp_leverage=9, exit_health_factor=0)
    for _ in range(72):
        story.tick()
        agree(story.now)
    assert any("liquidated" in trade.reason or "one leg" in trade.reason for trade in story.bot.trades)


async def test_what_a_close_says_is_what_the_book_got() -> None:
    story = Story()
    story.tick(10)
    before = story.now.portfolio.pnl
    result = await story.ask(ClosePosition, position_id="ETH-1")
    after = story.now.portfolio.pnl
    assert sum(fill.realized for fill in result.fills) == after.realized - before.realized
    assert sum(fill.fee for fill in result.fills) == after.fees - before.fees
