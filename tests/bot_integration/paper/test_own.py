"""The paper bot's own commands: what an author can declare, seen at work."""

from typing import Any

import pytest

from bot_integration import CommandRisk, Custom, Outcome, SetParameter
from tests.bot_integration.paper.stories import Story


@pytest.fixture
def story() -> Story:
    return Story()


async def own(story: Story, name: str, **values: Any) -> tuple[Outcome, str]:
    result = await story.ask(Custom, custom=name, values=values)
    return result.outcome, result.message


def test_it_declares_them(story: Story) -> None:
    cooldown, trades = story.now.commands
    assert (cooldown.name, cooldown.role, cooldown.risk, cooldown.confirm) == (
        "cooldown",
        "operator",
        CommandRisk.REDUCES,
        True,
    )
    assert [(one.name, one.required, one.unit, one.default) for one in cooldown.arguments] == [
        ("asset", True, "", ""),
        ("hours", False, "h", "24"),
    ]
    assert (trades.name, trades.role, trades.risk, trades.confirm) == ("trades_today", "viewer", None, False)


async def test_an_asset_that_cools_down_is_not_opened_and_the_bot_says_why(story: Story) -> None:
    opened = story.now.positions[0].asset
    again = Story(max_positions=0)
    outcome, said = await own(again, "cooldown", asset=opened.lower(), hours=100)
    assert outcome is Outcome.DONE
    assert said.startswith(f"No {opened} is opened until ")
    assert f"ada lets {opened} cool down for 100 h" in again.said()
    await again.ask(SetParameter, key="max_positions", value=8)
    again.tick(10)
    held = [position.asset for position in again.now.positions]
    assert held
    assert opened not in held
    skipped = [one.reason for one in again.now.session.cycle.decisions if f" {opened} " in one.what]
    assert skipped
    assert all("cools down until" in reason for reason in skipped)


async def test_an_asset_of_no_market_is_refused_with_those_there_are(story: Story) -> None:
    outcome, said = await own(story, "cooldown", asset="doge")
    assert outcome is Outcome.REFUSED
    assert said.startswith("No asset is called doge. There are ")
    assert await own(story, "cooldown", asset="SOL", hours=0) == (
        Outcome.REFUSED,
        "hours: should be greater than 0.",
    )


async def test_a_preview_says_what_of_it_is_held(story: Story) -> None:
    story.tick(10)
    held = story.now.positions[0]
    preview = await story.bot.controller.preview(
        story.command(Custom, custom="cooldown", values={"asset": held.asset, "hours": 1})
    )
    assert preview is not None
    assert held.id in preview.message


async def test_the_trades_of_the_day_are_a_table(story: Story) -> None:
    story.tick(10)
    result = await story.ask(Custom, custom="trades_today")
    assert (result.outcome, result.message) == (Outcome.DONE, "")
    assert result.data == {"closed": 0, "won": 0, "made USD": 0.0, "held": len(story.now.positions)}
