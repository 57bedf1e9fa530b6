"""Closing, as people live it."""

import asyncio
from uuid import uuid4

import pytest

from bot_integration import (
    CloseAll,
    ClosePosition,
    EmergencyStop,
    KillSwitch,
    Outcome,
    PositionChanged,
    PositionStage,
    Preview,
    Refused,
    Stage,
)
from bot_integration.paper import MadeMarket
from tests.bot_integration.paper.stories import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.tick(10)
    return story


async def test_a_close_sells_one_leg_after_the_other_and_says_what_it_made(story: Story) -> None:
    result = await story.ask(ClosePosition, position_id="ETH-1")
    assert result.outcome is Outcome.DONE
    assert result.message.startswith("ETH-1 closed: ")
    assert " USD realized, fees " in result.message
    assert [(fill.venue, fill.side) for fill in result.fills] == [("bybit", "sell"), ("okx", "buy")]
    assert story.slept == [0.05, 0.05]
    story.tick()
    assert "ETH-1" not in story.ids
    assert story.bot.trades[-1].id == "ETH-1"
    assert story.bot.trades[-1].reason == "asked by ada"


async def test_followers_see_it_closing_then_closed_with_its_profit_then_gone(story: Story) -> None:
    async with story.bot.controller.follow() as events:
        await story.ask(ClosePosition, position_id="ETH-1")
        story.tick()
        seen: list[PositionChanged] = []
        while len(seen) < 3:
            event = await anext(events)
            if isinstance(event, PositionChanged):
                seen.append(event)
    closing, closed, gone = seen
    assert closing.after is not None
    assert closed.after is not None
    assert (closing.after.stage, closed.after.stage) == (PositionStage.CLOSING, PositionStage.CLOSED)
    assert closed.after.pnl.total == story.bot.trades[-1].pnl.total
    assert gone.after is None


async def test_a_part_can_be_closed(story: Story) -> None:
    before = story.position("ETH-1")
    result = await story.ask(ClosePosition, position_id="eth-1", percent=25)
    after = story.position("ETH-1")
    assert result.message.startswith("ETH-1 25 % closed: ")
    assert after.stage is PositionStage.OPEN
    assert float(after.legs[0].size / before.legs[0].size) == pytest.approx(0.75, abs=0.001)
    assert after.legs[0].size == after.legs[1].size
    assert after.pnl.fees > before.pnl.fees


async def test_a_leg_that_fails_makes_it_partial_and_the_answer_says_so(story: Story) -> None:
    story.bot.orders_fail("okx")
    result = await story.ask(ClosePosition, position_id="ETH-1")
    assert result.outcome is Outcome.PARTIAL
    assert "closed in part" in result.message
    assert "the ETH-PERP leg on okx is still open: okx rejects orders" in result.message
    assert "Its delta is now -15," in result.message
    held = story.position("ETH-1")
    assert [leg.venue for leg in held.legs] == ["okx"]
    assert held.risk.should_exit
    assert held.risk.reasons[0] == "one leg is left: okx ETH-PERP"
    assert story.now.session.consecutive_failures == 1


async def test_the_bot_closes_the_leg_that_was_left_once_the_venue_takes_orders_again(story: Story) -> None:
    story.bot.orders_fail("okx")
    await story.ask(ClosePosition, position_id="ETH-1")
    story.bot.orders_fail("okx", failing=False)
    story.tick(7)
    assert "ETH-1" not in story.ids
    assert story.now.session.consecutive_failures == 0


async def test_where_every_leg_fails_nothing_was_closed() -> None:
    story = Story(MadeMarket(seed=7, scenario="outage"))
    story.tick(10)
    story.bot.orders_fail("bybit")
    story.tick(25)
    result = await story.ask(ClosePosition, position_id="ETH-1")
    assert result.outcome is Outcome.FAILED
    assert "ETH-1 was not closed" in result.message
    assert "okx does not answer" in result.message
    assert len(story.position("ETH-1").legs) == 2


async def test_what_is_closing_is_not_closed_twice() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_seconds: float) -> None:
        begun.set()
        await go_on.wait()

    story = Story(sleep=wait)
    story.tick(10)
    first = asyncio.create_task(story.ask(ClosePosition, position_id="ETH-1"))
    await begun.wait()
    assert story.position("ETH-1").stage is PositionStage.CLOSING
    assert story.now.session.stage is Stage.EXITING
    second = await story.ask(ClosePosition, position_id="ETH-1")
    assert (second.outcome, second.message) == (Outcome.REFUSED, "ETH-1 is already closing.")
    go_on.set()
    assert (await first).outcome is Outcome.DONE


async def test_the_same_id_closes_once(story: Story) -> None:
    command = story.command(ClosePosition, command_id=uuid4(), position_id="ETH-1", percent=50)
    first, second = await asyncio.gather(*(story.bot.controller.execute(command) for _ in range(2)))
    assert first == second
    assert len(story.slept) == 2


async def test_an_unknown_position_is_refused_naming_those_held(story: Story) -> None:
    result = await story.ask(ClosePosition, position_id="DOGE-1")
    assert result.outcome is Outcome.REFUSED
    assert result.message == f"No position is called DOGE-1. Held: {', '.join(story.ids)}."


async def test_the_kill_switch_lets_nothing_be_closed_even_in_the_middle() -> None:
    story: Story

    waits = iter([False, True])

    async def killed_before_the_second_leg(_seconds: float) -> None:
        await story.ask(KillSwitch, active=next(waits))

    story = Story(sleep=killed_before_the_second_leg)
    story.tick(10)
    result = await story.ask(ClosePosition, position_id="ETH-1")
    assert result.outcome is Outcome.PARTIAL
    assert "the kill switch is on" in result.message
    refused = await story.ask(ClosePosition, position_id="ETH-2")
    assert "Turn it off: kill off." in refused.message
    assert refused.outcome is Outcome.REFUSED


async def test_close_all_closes_every_position(story: Story) -> None:
    held = story.ids
    result = await story.ask(CloseAll)
    assert result.outcome is Outcome.DONE
    assert result.message.startswith(f"{len(held)} of {len(held)} positions closed: ")
    assert sorted(result.data["closed"]) == sorted(held)
    story.tick()
    assert story.ids == []
    assert (await story.ask(CloseAll)).message == "No position is held."


async def test_an_emergency_stop_pauses_and_closes_and_opens_nothing_again(story: Story) -> None:
    result = await story.ask(EmergencyStop, reason="smoke")
    assert result.outcome is Outcome.DONE
    assert result.message.startswith("All is paused. ")
    story.tick(5)
    assert story.ids == []
    assert story.now.session.pause.scopes == ("all",)
    assert story.now.session.pause.reason == "emergency stop: smoke"
    assert story.now.session.stage is Stage.PAUSED


async def test_an_emergency_stop_is_seen_to_go_leg_by_leg() -> None:
    """Whoever watches it sees each leg go, and not the end alone."""
    seen: list[int] = []

    async def look(seconds: float) -> None:
        seen.append(sum(len(position.legs) for position in watched.now.positions))
        await asyncio.sleep(0)

    watched = Story(sleep=look, max_positions=3)
    watched.tick(10)
    await watched.ask(EmergencyStop)
    # Before each order, of which there are two a position, one after the other.
    assert seen == [6, 6, 6, 5, 4, 3]


async def test_an_emergency_stop_says_what_it_could_not_close(story: Story) -> None:
    story.bot.orders_fail("okx")
    result = await story.ask(EmergencyStop)
    assert result.outcome is Outcome.PARTIAL
    assert "0 of 7 positions closed" in result.message
    assert result.message.count("on okx is still open") == 7
    assert len(result.data["left"]) == 7


async def test_an_emergency_stop_under_the_kill_switch_pauses_and_says_why_nothing_closes(story: Story) -> None:
    await story.ask(KillSwitch)
    result = await story.ask(EmergencyStop)
    assert result.outcome is Outcome.REFUSED
    assert result.message.startswith("All is paused, but the kill switch is on")
    assert story.now.session.pause.scopes == ("all",)


async def preview(story: Story, command: ClosePosition | CloseAll | EmergencyStop) -> Preview:
    shown = await story.bot.controller.preview(command)
    assert shown is not None
    return shown


async def test_a_preview_is_what_closing_then_gets(story: Story) -> None:
    command = story.command(ClosePosition, position_id="ETH-1", percent=50)
    assert isinstance(command, ClosePosition)
    shown = await preview(story, command)
    result = await story.bot.controller.execute(command)
    assert shown.message == "Close 50 % of ETH-1: 2 orders."
    assert shown.realized == sum(fill.realized for fill in result.fills)
    assert shown.fees == sum(fill.fee for fill in result.fills) == sum(leg.fee for leg in shown.legs)
    assert shown.slippage > 0
    assert shown.net == sum(fill.realized - fill.fee for fill in result.fills)
    assert [(leg.position, leg.realized) for leg in shown.legs] == [("ETH-1", fill.realized) for fill in result.fills]


async def test_a_preview_warns_of_a_venue_that_takes_no_orders_and_refuses_as_the_command_would(story: Story) -> None:
    story.bot.orders_fail("okx")
    everything = story.command(EmergencyStop)
    assert isinstance(everything, EmergencyStop)
    assert "okx rejects orders: its legs would stay open." in (await preview(story, everything)).message
    unknown = story.command(ClosePosition, position_id="DOGE-1")
    with pytest.raises(Refused, match="No position is called DOGE-1"):
        await story.bot.controller.preview(unknown)
