"""Eighteen months of real prices, traded on paper, recorded and stored: each figure is reckoned again beside it."""

import math
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from bot_integration import Snapshot
from bot_integration.paper import Trade
from chatops.history.figures import Figures
from chatops.history.resolution import resolution
from chatops.money import spans
from chatops.money.attribution import By
from chatops.money.parts import Parts, cents
from chatops.money.spans import Calendar, Span
from chatops.money.summary import Summary
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from tests.chatops.history.lived import BEGAN, CAPITAL, live, recorder
from tests.chatops.history.table import table
from tests.databases import Databases
from tests.transcripts import differs

TABLE = Path(__file__).parent / "tables" / "all_of_the_market.txt"
#: The last begins with the last bar; prices stay after it.
DAYS = 548
ENDED = BEGAN + timedelta(days=DAYS)
ALL = Span(BEGAN, ENDED)
BOTS = ("alpha",)
UTC_ZONE = ZoneInfo("UTC")
#: Batches are of so many days.
DAYS_A_BATCH = 14
ZERO = Decimal(0)
#: As people may ask, and the whole.
RANGES = {
    "24h": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
    "all": timedelta(days=DAYS),
}


@dataclass(repr=False)
class Lived:
    """What is stored, and what the bot's own ledger says."""

    figures: Figures
    trades: tuple[Trade, ...]
    #: The last of each day; before it the one that the bot began with.
    ends: list[Snapshot]

    def at(self, moment: datetime) -> Snapshot:
        return self.ends[(moment - BEGAN).days]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived(databases: Databases) -> AsyncIterator[Lived]:
    url = await databases.lend()
    async with Database.open(url) as database:
        history = PostgresHistory(database)
        own = recorder()
        ends: list[Snapshot] = []
        trades: tuple[Trade, ...] = ()
        async for day in live(DAYS):
            ends += [day.snapshots[0], day.last] if not ends else [day.last]
            trades = day.trades
            for snapshot in day.snapshots:
                own.take(snapshot)
            if len(ends) % DAYS_A_BATCH == 1 or len(ends) > DAYS:
                batch = own.batch(final=True)
                assert batch is not None
                assert not await history.keep([batch])
        yield Lived(Figures(history), trades, ends)
    await databases.take_back(url)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_part_of_every_range_is_the_bots_own(lived: Lived) -> None:
    for length in RANGES.values():
        span = Span(ENDED - length, ENDED)
        found = await lived.figures.summary(BOTS, span, UTC_ZONE)
        assert cents_of(found.parts) == cents_of(own_parts(lived, span))
        assert cents(found.equity.made) == cents(found.parts.total)
        assert cents(found.unexplained) == ZERO
        assert found.down.length == timedelta(0)
        own = [one for one in lived.trades if one.closed_at in span]
        assert found.performance.trades == len(own)
        assert cents(found.performance.net) == cents(sum((one.pnl.total for one in own), ZERO))


async def test_every_day_made_what_the_bot_says(lived: Lived) -> None:
    drawn = await lived.figures.bars(BOTS, Calendar(spans.days(ALL, UTC_ZONE)))
    assert len(drawn) == DAYS
    for bar in drawn:
        assert bar.parts is not None
        assert cents_of(bar.parts) == cents_of(own_parts(lived, bar.span))
        assert bar.trades == sum(one.closed_at in bar.span for one in lived.trades)
        assert not bar.down


async def test_days_of_any_zone_add_up_to_the_whole(lived: Lived) -> None:
    whole = (await lived.figures.summary(BOTS, ALL, UTC_ZONE)).parts
    for zone in ("Europe/Berlin", "Asia/Kathmandu"):
        for cut in (spans.days, spans.weeks, spans.months):
            drawn = await lived.figures.bars(BOTS, Calendar(cut(ALL, ZoneInfo(zone))))
            assert cents_of(sum((bar.parts or Parts() for bar in drawn), Parts())) == cents_of(whole)


async def test_the_trades_are_judged_as_the_bots_own_list_of_them_is(lived: Lived) -> None:
    found = (await lived.figures.summary(BOTS, ALL, UTC_ZONE)).performance
    made = [one.pnl.total for one in lived.trades]
    won, lost = [one for one in made if one > 0], [-one for one in made if one < 0]
    assert (found.trades, found.wins, found.losses) == (len(made), len(won), len(lost))
    assert found.win_rate == lived.ends[-1].portfolio.win_rate == len(won) / len(made)
    assert found.profit_factor == pytest.approx(float(sum(won) / sum(lost)))
    assert found.average_trade is not None
    assert cents(found.average_trade) == cents(sum(made, ZERO) / len(made))
    assert found.expectancy == pytest.approx(float(sum(made, ZERO) / len(made) / (sum(lost, ZERO) / len(lost))))
    assert found.best is not None
    assert found.worst is not None
    assert (cents(found.best.net), cents(found.worst.net)) == (cents(max(made)), cents(min(made)))


@pytest.mark.parametrize("by", [By.LANE, By.ASSET, By.STRATEGY])
async def test_each_is_judged_by_its_own_trades_and_made_what_the_bot_says(lived: Lived, by: By) -> None:
    found = await lived.figures.performance_by(BOTS, ALL, by)
    assert found.keys() == {getattr(one, by.value) for one in lived.trades}
    for name, one in found.items():
        own = [trade.pnl for trade in lived.trades if getattr(trade, by.value) == name]
        assert (one.trades, one.wins) == (len(own), sum(pnl.total > 0 for pnl in own))
        assert cents(one.net) == cents(sum((pnl.total for pnl in own), ZERO))
    made = await lived.figures.attributed(BOTS, ALL, by)
    held = [one for one in lived.ends[-1].positions if one.stage != "closed"]
    for name, parts in made.items():
        own = [one.pnl for one in lived.trades if getattr(one, by.value) == name]
        own += [one.pnl for one in held if getattr(one, by.value) == name]
        assert cents(parts.total) == cents(sum((pnl.total for pnl in own), ZERO))


async def test_funding_stands_beside_what_was_expected_as_the_bot_counts_it(lived: Lived) -> None:
    found = (await lived.figures.summary(BOTS, ALL, UTC_ZONE)).funding
    told = [one for one in lived.ends[-1].funding if one.accrued_actual is not None]
    assert found.expected is not None
    assert found.of_expected is not None
    assert cents(found.expected) == cents(sum((one.accrued_expected or ZERO for one in told), ZERO))
    assert cents(found.of_expected) == cents(sum((one.accrued_actual or ZERO for one in told), ZERO))
    assert cents(found.actual) == cents(lived.ends[-1].portfolio.pnl.funding)


async def test_drawdown_and_sharpe_are_those_of_equity_at_the_ends_of_days(lived: Lived) -> None:
    assert resolution(ALL).step == timedelta(days=1)
    found = await lived.figures.summary(BOTS, ALL, UTC_ZONE)
    had = [CAPITAL, *(one.portfolio.equity for one in lived.ends[1:])]
    returns = [float(after / before - 1) for before, after in pairwise(had)]
    mean = sum(returns) / len(returns)
    spread = math.sqrt(sum((one - mean) ** 2 for one in returns) / (len(returns) - 1))
    assert found.sharpe.days == DAYS
    assert found.sharpe.ratio == pytest.approx(mean / spread * math.sqrt(365))
    assert found.worst_drawdown is not None
    assert found.worst_drawdown.depth == pytest.approx(deepest(had))
    assert found.returned == pytest.approx(float(had[-1] / CAPITAL - 1))
    assert (cents(found.equity.deposits), cents(found.equity.end or ZERO)) == (CAPITAL, cents(had[-1]))


async def test_there_was_something_to_add_up(lived: Lived) -> None:
    own = lived.ends[-1].portfolio
    assert len(lived.trades) > 100
    assert own.win_rate is not None
    assert 0.1 < own.win_rate < 0.9
    assert any("liquidated" in trade.reason or "one leg is left" in trade.reason for trade in lived.trades)
    assert all((own.pnl.realized, own.pnl.unrealized, own.pnl.funding, own.pnl.fees))


async def test_the_table_of_them(lived: Lived) -> None:
    found: dict[str, Summary] = {
        name: await lived.figures.summary(BOTS, Span(ENDED - length, ENDED), UTC_ZONE)
        for name, length in RANGES.items()
    }
    months = await lived.figures.bars(BOTS, Calendar(spans.months(ALL, UTC_ZONE)))
    days = await lived.figures.bars(BOTS, Calendar(spans.days(ALL, UTC_ZONE)))
    judged = {by: await lived.figures.performance_by(BOTS, ALL, by) for by in (By.LANE, By.ASSET, By.STRATEGY)}
    made = {by: await lived.figures.attributed(BOTS, ALL, by) for by in (By.LANE, By.ASSET, By.STRATEGY, By.VENUE)}
    text = table(found, months, days, judged, made)
    assert not (said := differs(TABLE, text)), said


def own_parts(lived: Lived, span: Span) -> Parts:
    """What the bot's own ledger made between two midnights. Before its first day it had nothing."""
    after = lived.at(span.end).portfolio.pnl
    parts = Parts(after.realized, after.unrealized, after.funding, after.fees)
    if span.start == BEGAN:
        return parts
    before = lived.at(span.start).portfolio.pnl
    return Parts(
        parts.realized - before.realized,
        parts.unrealized - before.unrealized,
        parts.funding - before.funding,
        parts.fees - before.fees,
    )


def cents_of(parts: Parts) -> tuple[Decimal, ...]:
    return tuple(map(cents, (parts.realized, parts.unrealized, parts.funding, parts.fees, parts.total)))


def deepest(had: Iterable[Decimal]) -> float:
    peak, found = ZERO, 0.0
    for one in had:
        peak = max(peak, one)
        found = max(found, float(1 - one / peak))
    return found
