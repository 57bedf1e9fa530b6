"""Parts of positions that were closed, and what only looks like it."""

from decimal import Decimal

from bot_integration import Leg, Pnl, Position, PositionStage, Side
from chatops.notices.happenings import Happening, PartClosed, Rebalanced
from chatops.notices.story import Story
from tests.chatops.notices.looks import look
from tests.chatops.views.facts import NOW, carry, leg


def eth(long: str, short: str, stage: PositionStage = PositionStage.OPEN, realized: str = "0") -> Position:
    """A position whose legs have these sizes."""
    legs: tuple[Leg, ...] = (
        leg("kamino", "ETH/USDC", Side.LONG, size=Decimal(long)),
        leg("drift", "ETH-PERP", Side.SHORT, size=Decimal(short)),
    )
    pnl = Pnl(realized=Decimal(realized), total=Decimal(realized))
    return carry("ETH-1", legs=tuple(one for one in legs if one.size), stage=stage, pnl=pnl)


def told(*life: Position) -> list[Happening]:
    """What is told of its life after the first look."""
    story = Story("alpha", NOW)
    return [one for seq, position in enumerate(life, 1) for one in story.hear(look(position, seq=seq), NOW)]


def test_a_close_in_part_is_told_with_its_share_and_what_it_made() -> None:
    half = eth("5", "5", realized="-11.83")
    assert told(eth("10", "10"), half) == [PartClosed("alpha", half, Decimal("0.5"), Decimal("-11.83"))]


def test_it_is_told_once_when_all_legs_are_done() -> None:
    life = [
        eth("10", "10"),
        eth("10", "10", PositionStage.CLOSING),
        eth("5", "10", PositionStage.CLOSING, "-4"),
        eth("5", "5", realized="-11.83"),
        eth("5", "5", realized="-11.83"),
    ]
    assert told(*life) == [PartClosed("alpha", life[3], Decimal("0.5"), Decimal("-11.83"))]


def test_of_a_bot_that_shows_no_stage_the_legs_may_follow_one_another() -> None:
    life = [eth("10", "10"), eth("5", "10", realized="-4"), eth("5", "5", realized="-11.83")]
    assert told(*life) == [PartClosed("alpha", life[2], Decimal("0.5"), Decimal("-11.83"))]


def test_each_part_is_of_what_was_left() -> None:
    shares = [
        one.share
        for one in told(eth("10", "10"), eth("5", "5"), eth("8", "8"), eth("6", "6"))
        if isinstance(one, PartClosed)
    ]
    assert shares == [Decimal("0.5"), Decimal("0.25")]


def test_a_leg_alone_interest_and_rebalancing_close_nothing() -> None:
    assert told(eth("10", "10"), eth("10", "7")) == []
    assert told(eth("10", "10"), eth("9.95", "9.95")) == []
    middle = eth("10", "10", PositionStage.REBALANCING)
    assert told(eth("10", "10"), middle, eth("9", "9")) == [Rebalanced("alpha", eth("9", "9"))]


def test_without_legs_what_is_filled_tells_it_where_money_was_made() -> None:
    def bare(filled: str, realized: str) -> Position:
        return carry("ETH-1", legs=(), filled_usd=Decimal(filled), pnl=Pnl(realized=Decimal(realized)))

    assert told(bare("1000", "0"), bare("900", "0")) == []
    half = bare("500", "3")
    assert told(bare("1000", "0"), half) == [PartClosed("alpha", half, Decimal("0.5"), Decimal(3))]


def test_the_last_part_is_no_part() -> None:
    assert told(eth("10", "10"), eth("0", "0", PositionStage.CLOSING), eth("0", "0")) == []
