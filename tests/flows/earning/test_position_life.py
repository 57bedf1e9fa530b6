"""One position from its opening to its end, also long after it was closed."""

from datetime import timedelta
from decimal import Decimal

from chatops.history.rows import Happened
from chatops.ids import uuid7
from chatops.money.facts import Origin, Trade
from chatops.storage.database import Database
from chatops.views.format import change
from tests.earnings import Earnings
from tests.flows.accounts import Desks
from tests.flows.chats import Chat
from tests.flows.conftest import VIC, Clock, Trader, near_alone, on_memory
from tests.flows.nights import a_night, answered, falls

pytestmark = near_alone

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@on_memory
async def test_a_position_that_is_held_tells_its_life(desks: Desks, alpha: Earnings, clock: Clock) -> None:
    of = Origin("alpha", "SOL-1", "SOL", "carry", "carry", "bybit")
    alpha.open(clock() - HOUR, of, Decimal("0.4"))
    alpha.fund(clock() - 20 * MINUTE, of, Decimal("1.20"), Decimal("1.25"))
    happened = tuple(
        Happened("alpha", uuid7(), clock() - minutes * MINUTE, category, message, "SOL-1")
        for minutes, category, message in (
            (60, "stage", "Opening SOL-1: carry"),
            (60, "position", "open"),
            (20, "info", "SOL-1: funding +1.20 USD"),
            (15, "position", "rebalancing"),
            (10, "execution", "SOL-1 is rebalanced"),
            (10, "position", "rebalancing"),
        )
    )
    await desks.keep(alpha, happened=happened)
    world = desks.open()
    await world.chat.say(VIC, "/position SOL-1")
    assert world.chat.last.message.title == "SOL-1 · +4.25 USD"
    assert (
        "4 May 11:00 opened\n"
        "4 May 11:40 funding +1.20 USD in 1 payment, expected +1.25\n"
        "4 May 11:45 rebalanced\n"
        "4 May 11:50 SOL-1 is rebalanced\n"
    ) in world.chat.last.text
    assert "0 s old; times in UTC" in world.chat.last.text


@on_memory
async def test_a_position_that_is_closed_is_found_by_its_id(desks: Desks, alpha: Earnings) -> None:
    await desks.keep(alpha)
    world = desks.open()
    await world.chat.say(VIC, "/position sol-3")
    trade = next(one for one in alpha.trades if one.of.position == "SOL-3")
    assert world.chat.last.message.title == f"SOL-3 · closed, {change(trade.net)} USD"
    text = world.chat.last.text
    assert f"Realized    {change(trade.realized)}\n" in text
    assert "funding +0.67 USD in 2 payments, expected +0.31" in text
    assert f"closed, {change(trade.net)} USD" in text
    await world.chat.say(VIC, "/position NONE-9")
    assert "There is no position “NONE-9”" in world.chat.last.message.title


@on_memory
async def test_positions_of_one_id_are_offered_to_choose_from(desks: Desks, alpha: Earnings, clock: Clock) -> None:
    again = [
        Trade(
            f"alpha/{run}/SOL-3", Origin("alpha", "SOL-3", "SOL"), at - HOUR, at, Decimal(made), Decimal(0), Decimal(0)
        )
        for run, at, made in (("a", clock() - 3 * DAY, 5), ("b", clock() - 2 * DAY, -7))
    ]
    await desks.keep(Earnings("alpha", samples=alpha.samples), trades=tuple(again))
    world = desks.open()
    await world.chat.say(VIC, "/position SOL-3")
    assert world.chat.last.message.title == "2 positions went by “SOL-3”. Which?"
    assert world.chat.last.labels == ["closed 2 May 12:00, -7.00", "closed 1 May 12:00, +5.00"]
    await world.chat.press(VIC, "closed 1 May 12:00, +5.00")
    assert world.chat.last.message.title == "SOL-3 · closed, +5.00 USD"


@on_memory
async def test_one_that_is_held_names_those_that_went_by_its_id_before(
    desks: Desks, alpha: Earnings, clock: Clock
) -> None:
    at = clock() - 2 * DAY
    before = Trade("alpha/a/SOL-1", Origin("alpha", "SOL-1"), at - HOUR, at, Decimal(5), Decimal(0), Decimal(0))
    await desks.keep(Earnings("alpha", samples=alpha.samples), trades=(before,))
    world = desks.open()
    await world.chat.say(VIC, "/position SOL-1")
    assert world.chat.last.message.title == "SOL-1 · +4.25 USD"
    assert "1 before it went by this id." in world.chat.last.text
    await world.chat.press(VIC, "closed 2 May 12:00, +5.00")
    assert world.chat.last.message.title == "SOL-1 · closed, +5.00 USD"


@on_memory
async def test_what_rang_of_a_position_stands_in_its_life(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    async with a_night(database, clock, trader, chat) as night:
        await falls(night, 0.19)
        night.clock.pass_by(minutes=3)
        await falls(night, 0.148)
        told = await answered(night, VIC, "/position SOL-1")
        assert "opened\n4 May 12:00 🟠 warning health_factor, alert 1, not over\n" in told.text
        assert "4 May 12:03 🔴 critical health_factor, alert 1, not over" in told.text
        assert "alert 1" not in (await answered(night, VIC, "/position ETH-1")).text
