"""Something goes wrong at night: who is told, what they read, and what they do about it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from chatops.adapters.memory import Shown
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.storage.database import Database
from chatops.tasks import running
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, Clock, Trader, World, near_alone, world_of
from tests.flows.nights import TERMS
from tests.plug import Plug


@asynccontextmanager
async def opened(database: Database, clock: Clock, trader: Trader, chat: Chat) -> AsyncIterator[World]:
    """A desk that watches its bot, and one room that is told; as long as the block lasts."""
    trader.publish()
    world = world_of(database, clock, trader, chat, alerts=AlertTerms(places=(Place("ops", chat.room),), terms=TERMS))
    chat.connect(world.desk.gateway.receive)
    await world.desk.alerting.load()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(world.desk.outbox.open())
        await stack.enter_async_context(running(world.desk.alerting.run(), "alerts"))
        await world.until(lambda: world.desk.alerting.watch.pulse.evaluated_at is not None)
        yield world


@pytest.fixture
async def night(database: Database, clock: Clock, trader: Trader, chat: Chat) -> AsyncIterator[World]:
    async with opened(database, clock, trader, chat) as world:
        yield world


def ops(world: World) -> list[Shown]:
    return world.chat.in_room(world.chat.room)


async def falls(world: World, health: float, position: str = "SOL-1") -> None:
    """The health factor of its leg is this now."""
    world.bot.health[position] = health
    world.bot.publish()
    await world.in_step()


async def recovers(world: World) -> None:
    """Well again, and for long enough to count."""
    await stays(world, 0.4, steps=12)


async def stays(world: World, health: float, *, steps: int) -> None:
    """It is so for some time, of which the bot tells every ten seconds."""
    for _ in range(steps):
        await falls(world, health)
        await world.until(lambda: world.desk.alerting.watch.pulse.evaluated_at == world.desk.alerting.now())
        world.clock.pass_by(seconds=10)


@near_alone
async def test_a_fall_arrives_as_a_card_with_its_number_and_its_buttons(night: World) -> None:
    await falls(night, 0.148)
    await night.reads("HF 0.148")
    card = night.chat.last
    assert card.message.title == "🔴 CRITICAL SOL-1/bybit HF 0.148 · #1"
    assert card.labels == ["Ack", "Silence 1 h", "Silence ▸", "Position", "Close…"]
    assert "liquidated at 0" in card.text
    assert "20.8 %" in card.text


@near_alone
async def test_it_climbs_until_somebody_has_it_and_says_how_long_it_lasted(night: World) -> None:
    await falls(night, 0.19)
    await night.shows(1)
    assert ops(night)[0].message.title == "🟠 WARNING SOL-1/bybit HF 0.190 · #1"
    await falls(night, 0.148)
    await night.reads("Rose from warning to critical.")
    card, ping = ops(night)
    assert ping.message.title == "🔴 CRITICAL SOL-1/bybit HF 0.148 · #1"
    assert ping.reply_to == card.id
    # Nobody is on call here: those who may answer are told instead.
    assert "Next, if nobody answers: ada, bob, 12:02:" in ping.text
    # A ping takes the buttons of what was there before.
    await night.in_time(lambda: not ops(night)[0].labels)
    assert ops(night)[0].message.title == "🔴 CRITICAL SOL-1/bybit HF 0.148 · #1"
    assert ping.labels == ["Ack", "Silence 1 h", "Silence ▸", "Position", "Close…"]

    await night.chat.press(ADA, "Ack", ping)
    answer = next(one for one in ops(night)[2:] if "in hand until" in one.text)
    await night.in_time(lambda: "ada has it in hand" in ops(night)[0].text and not ops(night)[1].labels)
    assert ops(night)[0].labels == ["Silence ▸", "Position", "Close…"]
    told = len(night.chat.shown)
    await stays(night, 0.14, steps=48)
    assert len(night.chat.shown) == told, answer.text

    await recovers(night)
    await night.in_time(lambda: len(night.chat.shown) > told and "RESOLVED" in ops(night)[0].text)
    over = night.chat.last
    assert over.message.title.startswith("✅ RESOLVED SOL-1/bybit health_factor after 9 min")
    assert over.reply_to == ops(night)[0].id
    assert "Worst   CRITICAL" in over.text
    assert "In hand ada" in over.text
    assert ops(night)[0].message.title == over.message.title


@near_alone
async def test_a_card_that_somebody_deleted_is_no_failure(night: World) -> None:
    await falls(night, 0.148)
    await night.shows(1)
    await night.chat.delete(night.chat.room, ops(night)[0].id)
    await recovers(night)
    await night.in_time(lambda: any("Began" in one.text for one in ops(night)))
    rows = await night.database.fetch("SELECT state, count(*) FROM deliveries GROUP BY state")
    assert "dead" not in {row["state"] for row in rows}
    # It is said once that it is over, and the card is not shown anew for it.
    assert ["Began" in one.text for one in ops(night)].count(True) == 1


@near_alone
async def test_without_a_database_it_goes_out_and_says_how_to_answer_by_word(night: World, plug: Plug) -> None:
    await plug.pull()
    await falls(night, 0.148)
    await night.reads("HF 0.148")
    card = night.chat.last
    assert card.labels == []
    assert "/ack 1 says that you have it in hand" in card.text


@near_alone
async def test_after_a_restart_it_goes_on_where_it_was(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    async with opened(database, clock, trader, chat) as first:
        await falls(first, 0.19)
        await first.shows(1)
        await falls(first, 0.148)
        await first.in_time(lambda: len(ops(first)) == 2 and not ops(first)[0].labels)
    async with opened(database, clock, trader, chat) as second:
        assert [(one.number, one.key.rule) for one in second.desk.alerting.open()] == [(1, "health_factor")]
        await falls(second, 0.05)
        await second.in_time(lambda: len(ops(second)) == 3 and not ops(second)[1].labels)
        _, former, ping = ops(second)
        assert former.message.title == ping.message.title == "🚨 EMERGENCY SOL-1/bybit HF 0.050 · #1"
        assert ping.labels == ["Ack", "Silence 1 h", "Position", "Close…"]
        await second.chat.press(ADA, "Ack", ping)
        await second.in_time(lambda: "ada has it in hand" in ops(second)[0].text)
