import asyncio
import inspect
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from bot_integration import EventsMissed, Leg, Mode, Ping, Side, Snapshot, SnapshotTaken, Stage, Stream
from bot_integration.paper import MadeMarket, PaperBot, PaperSettings, Step, position_portraits
from bot_integration.retouch import retouched
from tests.bot_integration.paper.stories import WALL, Clock, Story, replay


def test_within_ten_cycles_there_are_positions_to_look_at() -> None:
    story = Story()
    story.tick(9)
    lanes = {(position.lane, position.asset) for position in story.now.positions}
    assert {("carry", "ETH"), ("funding_spread", "ETH"), ("carry", "STETH"), ("carry", "BTC")} <= lanes
    carry = story.position("ETH-1")
    assert carry.legs[0].leverage == 3.5
    assert carry.legs[0].health_factor == pytest.approx(0.228, abs=0.003)


def test_a_field_that_a_leg_has_no_notion_of_stays_none() -> None:
    story = Story()
    story.tick(9)
    spot, perpetual = story.position("ETH-1").legs
    assert (spot.margin_fraction, perpetual.health_factor, spot.peg_premium) == (None, None, None)
    assert perpetual.margin_fraction == pytest.approx(1 / 3, abs=0.01)
    staked = story.position("STETH-1").legs[0]
    assert staked.peg_premium is not None
    assert story.now.portfolio.value_at_risk is None


def test_facts_are_of_the_watchers_time_and_the_market_has_its_own() -> None:
    story = Story()
    story.tick(3)
    now = story.now
    assert now.at == story.clock()
    assert now.session.extra["market_time"] == "2024-01-01T07:33:00+00:00"
    assert now.session.started_at == WALL
    assert now.positions[0].opened_at == WALL


def test_a_snapshot_says_all_there_is_to_say() -> None:
    story = Story()
    story.tick(40)
    now = story.now
    assert (now.session.mode, now.session.stage) == (Mode.PAPER, Stage.MONITORING)
    assert (now.session.cycle.number, now.session.cycle.quotes) == (41, 19)
    assert now.session.limits.max_positions == 8
    assert now.portfolio.maintenance_headroom
    assert {one.name for one in now.portfolio.strategies} == {"funding_arbitrage", "cash_and_carry"}
    assert {one.name: one.stream for one in now.venues} == dict.fromkeys(("bybit", "okx", "binance"), "connected")
    assert all(one.help and one.category for one in now.parameters)
    assert len(now.timeline) == 20
    again = Snapshot.model_validate_json(now.model_dump_json())
    assert again.model_dump(mode="json") == json.loads(now.model_dump_json())


def test_an_outage_shows_on_its_venue_with_the_age_of_its_prices() -> None:
    story = Story(MadeMarket(seed=7, scenario="outage"))
    story.tick(40)
    okx = next(venue for venue in story.now.venues if venue.name == "okx")
    assert (okx.stream, okx.last_error) == (Stream.DOWN, "okx does not answer")
    assert (story.clock() - datetime.fromisoformat(okx.extra["quotes_at"])).total_seconds() == 11
    assert story.now.session.health == "degraded"


def test_a_depeg_shows_as_a_discount_and_is_sat_out() -> None:
    story = Story(MadeMarket(seed=7, scenario="depeg"))
    story.tick(120)
    held = story.position("STETH-1")
    assert held.legs[0].peg_premium == pytest.approx(-4.5, abs=0.4)
    assert not held.risk.should_exit


def test_a_made_crash_shows_the_danger() -> None:
    story = Story(MadeMarket(seed=7, scenario="crash"))
    lowest = 1.0
    for _ in range(150):
        story.tick()
        lowest = min(lowest, story.now.metrics["worst_health_factor"])
    assert 0.05 < lowest < 0.10
    assert story.now.metrics["worst_health_factor"] > lowest + 0.04


def test_the_same_seed_trades_the_same() -> None:
    runs = []
    for _ in range(2):
        story = Story(MadeMarket(seed=11, scenario="crash"))
        story.tick(100)
        runs.append((story.now.portfolio, story.said()))
    assert runs[0] == runs[1]


def test_days_are_the_markets() -> None:
    story = Story(replay("2023-08-16"), speed=3600)
    story.tick(23)
    assert story.now.portfolio.pnl_today == pytest.approx(story.now.portfolio.pnl.total)
    story.tick()
    assert story.now.portfolio.pnl_today != pytest.approx(story.now.portfolio.pnl.total)


async def test_the_loop_ticks_at_its_interval_until_it_is_cancelled() -> None:
    waits: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 5:
            enough.set()
        await asyncio.sleep(0)

    clock = iter(range(1000))
    bot = PaperBot("alpha", MadeMarket(), now=Clock(), interval_s=2.0, sleep=sleep, timer=lambda: float(next(clock)))
    async with bot.controller.follow() as events:
        running = asyncio.create_task(bot.run())
        await enough.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        first = await anext(events)
    assert not isinstance(first, EventsMissed | SnapshotTaken)
    now = bot.controller.snapshot()
    assert now is not None
    assert now.session.cycle.number >= 5
    assert now.session.extra["market_time"] >= "2024-01-01T07:38"
    assert all(0 <= wait <= 2 for wait in waits)


async def test_a_cycle_that_breaks_is_logged_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    class Moody(MadeMarket):
        """Breaks once."""

        broken = False

        def advance(self, to: datetime) -> Iterator[Step]:
            if not self.broken:
                self.broken = True
                raise RuntimeError("no market today")
            return super().advance(to)

    waits = asyncio.Semaphore(0)

    async def sleep(_seconds: float) -> None:
        waits.release()
        await asyncio.sleep(0)

    bot = PaperBot("alpha", Moody(), now=Clock(), sleep=sleep)
    with caplog.at_level(logging.ERROR):
        running = asyncio.create_task(bot.run())
        for _ in range(4):
            await waits.acquire()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert "a cycle of alpha broke" in caplog.text
    assert bot.controller.snapshot() is not None


def test_orders_can_only_fail_on_a_venue_there_is() -> None:
    with pytest.raises(ValueError, match="no venue is called kraken; there are bybit, okx, binance"):
        Story().bot.orders_fail("kraken")


def test_settings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="speed"):
        PaperBot("alpha", MadeMarket(), now=Clock(), speed=-1)
    with pytest.raises(ValueError, match="max_positions"):
        PaperSettings(max_positions=-1)


def test_a_retouched_fact_is_the_copy_that_pydantic_would_make() -> None:
    leg = Leg(venue="okx", instrument="ETH-PERP", side=Side.SHORT, size=Decimal(1), notional=Decimal(100))
    changes = {"notional": Decimal(120), "size": Decimal(2)}
    ours, theirs = retouched(leg, changes), leg.model_copy(update=changes)
    assert ours == theirs
    assert ours.model_dump_json(exclude_unset=True) == theirs.model_dump_json(exclude_unset=True)
    assert leg.notional == 100


def test_every_field_that_is_retouched_was_set_when_it_was_described() -> None:
    story = Story()
    story.tick(3)
    held = story.position("SOL-1")
    source = inspect.getsource(position_portraits)
    for fact in (held, held.pnl, held.risk, *held.legs):
        retouched_fields = {name for name in type(fact).model_fields if f'"{name}": ' in source}
        assert retouched_fields <= fact.model_fields_set


def test_many_positions_make_one_line_of_funding() -> None:
    story = Story(max_positions=12, max_per_asset=6, position_usd=1000)
    story.tick(12, seconds=0)
    story.tick(seconds=30 * 60)
    assert any(event.message.startswith("Funding +") for event in story.now.timeline)


async def test_a_command_of_long_ago_is_not_started() -> None:
    story = Story()
    command = story.command(Ping, command_id=uuid4())
    story.clock.move(31)
    result = await story.bot.controller.execute(command)
    assert result.message == "This came too late to be started. Nothing was done."
    assert story.clock().tzinfo is UTC
