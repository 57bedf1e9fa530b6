"""Pauses, kill switch, parameters, holds, breakers and rebalancing, as people live them."""

from datetime import timedelta
from typing import Any

import pytest

from bot_integration import (
    ClosePosition,
    Custom,
    KillSwitch,
    Outcome,
    OverrideExit,
    Pause,
    Ping,
    Rebalance,
    ResetBreaker,
    Resume,
    SetParameter,
    Stage,
)
from bot_integration.paper import MadeMarket
from tests.bot_integration.paper.stories import WALL, Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.tick(10)
    return story


async def refusal(story: Story, kind: Any, **arguments: Any) -> str:
    result = await story.ask(kind, **arguments)
    assert result.outcome is Outcome.REFUSED
    return result.message


async def test_a_paused_entry_opens_nothing_and_says_why() -> None:
    story = Story(max_positions=0)
    await story.ask(SetParameter, key="max_positions", value=8)
    result = await story.ask(Pause, scope="entry", reason="news")
    assert result.message == "Paused: entry. Open positions stay."
    story.tick(5)
    assert story.ids == []
    pause = story.now.session.pause
    assert (pause.scopes, pause.reason, pause.by) == (("entry",), "news", "ada")
    assert story.now.session.stage is Stage.PAUSED
    assert story.now.session.cycle.decisions[0].reason == "entry is paused"
    assert (await story.ask(Resume, scope="entry")).message == "Resumed: entry."
    story.tick(2)
    assert len(story.ids) == 2


async def test_a_paused_venue_is_left_alone_and_the_others_are_not() -> None:
    story = Story(max_positions=0)
    await story.ask(Pause, scope="okx")
    await story.ask(SetParameter, key="max_positions", value=8)
    story.tick(6)
    assert story.ids == []
    assert "okx is paused" in {decision.reason for decision in story.now.session.cycle.decisions}


async def test_a_paused_exit_keeps_what_the_risk_manager_would_close(story: Story) -> None:
    await story.ask(Pause, scope="exit")
    await story.ask(SetParameter, key="exit_health_factor", value=0.5)
    story.tick()
    assert "ETH-1" in story.ids
    assert story.position("ETH-1").risk.should_exit
    assert any(one.reason.endswith("< 0.5, but exit is paused") for one in story.now.session.cycle.decisions)
    await story.ask(Resume, scope="exit")
    story.tick()
    assert story.position("ETH-1").stage == "closed"


async def test_pausing_twice_changes_nothing_and_resuming_what_runs_is_refused(story: Story) -> None:
    assert await refusal(story, Resume) == "Nothing is paused."
    await story.ask(Pause, scope="entry", reason="first")
    assert (await story.ask(Pause, scope="entry", reason="second")).message == "entry was paused already."
    assert story.now.session.pause.reason == "first"
    assert await refusal(story, Resume, scope="exit") == "exit is not paused by itself. Paused: entry."
    assert (await story.ask(Resume)).message == "Resumed: all."
    assert not story.now.session.pause.paused


async def test_an_unknown_scope_is_refused_naming_those_there_are(story: Story) -> None:
    message = await refusal(story, Pause, scope="kraken")
    assert message == "kraken is no scope. There are all, entry, exit, bybit, okx, binance."


async def test_the_kill_switch_stops_orders_and_leaves_positions() -> None:
    story = Story()
    result = await story.ask(KillSwitch)
    assert "1 open positions stay" in result.message
    story.tick(5)
    assert story.ids == ["SOL-1"]
    assert story.now.session.pause.kill_switch
    assert (await story.ask(KillSwitch)).message == "The kill switch was on already."
    await story.ask(KillSwitch, active=False)
    story.tick()
    assert len(story.ids) == 2


@pytest.mark.parametrize(
    ("key", "value", "answer"),
    [
        ("max_positions", 4, "max_positions: 8 → 4"),
        ("exit_health_factor", "0.1", "exit_health_factor: 0.05 → 0.1"),
        ("position_usd", 20000, "position_usd: 15000 → 20000"),
    ],
)
async def test_a_hot_parameter_is_changed(story: Story, key: str, value: object, answer: str) -> None:
    result = await story.ask(SetParameter, key=key, value=value)
    assert (result.outcome, result.message) == (Outcome.DONE, answer)
    shown = next(one for one in story.now.parameters if one.key == key)
    assert float(shown.value) == float(str(value))


@pytest.mark.parametrize(
    ("key", "value", "answer"),
    [
        ("max_position", 4, "No parameter is called max_position. Did you mean max_positions?"),
        ("capital_usd", 5, "capital_usd cannot change while the bot runs. It is 100000.0."),
        ("max_positions", 1.5, "max_positions takes a whole number from 0 to 1000. It stays 8."),
        ("max_positions", True, "max_positions takes a whole number from 0 to 1000. It stays 8."),
        ("exit_health_factor", 2, "exit_health_factor takes a number from 0 to 1. It stays 0.05."),
        ("exit_health_factor", "low", "exit_health_factor takes a number from 0 to 1. It stays 0.05."),
    ],
)
async def test_a_value_that_does_not_fit_is_refused_with_what_would(
    story: Story, key: str, value: object, answer: str
) -> None:
    assert await refusal(story, SetParameter, key=key, value=value) == answer


async def test_a_held_position_outlasts_the_risk_manager_until_its_moment(story: Story) -> None:
    await story.ask(SetParameter, key="exit_health_factor", value=0.5)
    until = story.clock() + timedelta(seconds=3)
    result = await story.ask(OverrideExit, position_id="ETH-1", until=until)
    assert result.message == "ETH-1 is held until 2026-05-04 12:00 UTC."
    story.tick(2)
    risk = story.position("ETH-1").risk
    assert (risk.held, risk.hold_until, risk.should_exit) == (True, until, True)
    story.tick(2)
    assert story.bot.trades[-1].id == "ETH-1"
    assert "ETH-1: the hold of ada has ended" in story.said()


async def test_a_hold_that_makes_no_sense_is_refused(story: Story) -> None:
    assert "has passed" in await refusal(story, OverrideExit, position_id="ETH-1", until=story.clock())
    assert "is not held" in await refusal(story, OverrideExit, position_id="ETH-1", hold=False)
    await story.ask(OverrideExit, position_id="ETH-1")
    result = await story.ask(OverrideExit, position_id="ETH-1", hold=False)
    assert result.message == "ETH-1 is judged by the risk manager again."


async def test_failures_in_a_row_trip_a_breaker_that_stands_before_resuming() -> None:
    story = Story()
    story.bot.orders_fail("okx")
    story.tick(6)
    pause = story.now.session.pause
    assert pause.active_breakers == ("consecutive_failures",)
    assert "Breaker consecutive_failures tripped: 5 orders failed in a row" in story.said()
    known = {breaker.name: breaker for breaker in story.now.session.breakers}
    assert known.keys() == {"daily_loss", "negative_carry", "consecutive_failures"}
    assert [name for name, breaker in known.items() if breaker.active] == ["consecutive_failures"]
    tripped_at = known["consecutive_failures"].since
    assert tripped_at is not None
    assert WALL < tripped_at <= story.clock()
    await story.ask(Pause, scope="entry")
    message = await refusal(story, Resume)
    assert message == (
        "The breaker consecutive_failures is active. Reset it first: breaker reset consecutive_failures."
    )
    held = story.ids
    story.bot.orders_fail("okx", failing=False)
    assert (await story.ask(ResetBreaker, breaker="consecutive_failures")).message == "Reset: consecutive_failures."
    assert not [breaker for breaker in story.now.session.breakers if breaker.active or breaker.since]
    assert (await story.ask(Resume)).outcome is Outcome.DONE
    story.tick(3)
    assert len(story.ids) > len(held)


async def test_a_daily_loss_cannot_be_reset_while_it_lasts() -> None:
    story = Story(daily_loss_cap_usd=20)
    story.tick(3)
    assert story.now.session.pause.active_breakers == ("daily_loss",)
    assert story.now.session.limits.daily_loss_left == 0
    message = await refusal(story, ResetBreaker, breaker="daily_loss")
    assert message.startswith("daily_loss would trip again at once: ")
    await story.ask(SetParameter, key="daily_loss_cap_usd", value=5000)
    assert (await story.ask(ResetBreaker, breaker="daily_loss")).outcome is Outcome.DONE


async def test_funding_that_turns_trips_the_breaker_and_then_closes() -> None:
    story = Story(
        MadeMarket(seed=7, scenario="funding-flip"), speed=600, negative_carry_patience_h=1, flip_patience_h=6
    )
    story.tick(20)
    assert story.now.session.pause.active_breakers == ("negative_carry",)
    story.tick(40)
    assert {trade.reason.split(" for ")[0] for trade in story.bot.trades} == {"funding against us"}


async def test_an_unknown_breaker_and_one_that_has_not_tripped_are_refused(story: Story) -> None:
    assert "There are daily_loss, negative_carry" in await refusal(story, ResetBreaker, breaker="fuse")
    assert await refusal(story, ResetBreaker, breaker="daily_loss") == "daily_loss has not tripped."


async def test_rebalancing_brings_a_leg_back_to_its_leverage() -> None:
    story = Story(MadeMarket(seed=7, scenario="crash"))
    story.tick(80)
    before = story.position("ETH-1").legs[0].health_factor
    command = story.command(Rebalance, position_id="ETH-1")
    shown = await story.bot.controller.preview(command)
    result = await story.bot.controller.execute(command)
    after = story.position("ETH-1").legs[0].health_factor
    assert before is not None
    assert after is not None
    assert before < 0.15
    assert after == pytest.approx(0.228, abs=0.002)
    assert "USD into the ETH-SPOT leg on bybit" in result.message
    assert shown is not None
    assert "into the leg on bybit" in shown.message


async def test_rebalancing_what_is_balanced_or_has_one_leg_is_refused(story: Story) -> None:
    assert "is balanced" in await refusal(story, Rebalance, position_id="SOL-1")
    story.bot.orders_fail("okx")
    await story.ask(ClosePosition, position_id="SOL-1")
    assert "has one leg" in await refusal(story, Rebalance, position_id="SOL-1")


async def test_legs_of_unequal_size_are_brought_back_by_the_bot(story: Story) -> None:
    story.bot.orders_fail("okx")
    await story.ask(ClosePosition, position_id="ETH-1", percent=40)
    assert story.position("ETH-1").rebalance_pending
    ratio = story.position("ETH-1").delta_ratio
    assert ratio is not None
    assert ratio > 0.2
    story.bot.orders_fail("okx", failing=False)
    story.tick(7)
    held = story.position("ETH-1")
    assert held.legs[0].size == held.legs[1].size
    assert not held.rebalance_pending


async def test_it_answers_a_ping_and_refuses_what_it_never_learned(story: Story) -> None:
    assert (await story.ask(Ping)).message == "Here."
    assert await refusal(story, Custom, custom="dance") == "alpha does not know how to dance."
