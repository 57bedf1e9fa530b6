"""The real prices of three months, traded on paper: every figure is the one that the bot's own ledger has."""

import math
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot_integration import Event, Snapshot, SnapshotTaken
from bot_integration.paper import PaperBot, PaperSettings, ReplayMarket, Trade
from chatops.history.recorder import Recorder
from chatops.money import spans
from chatops.money.attribution import By, attributed, parts
from chatops.money.books import Books
from chatops.money.daily import bars
from chatops.money.equity import curve, worst
from chatops.money.facts import ZERO
from chatops.money.funding import funding_by_market
from chatops.money.parts import Parts
from chatops.money.performance import performance_by
from chatops.money.spans import Calendar, Span
from chatops.money.summary import equity, summary
from tests.chatops.history.lived import recorder
from tests.chatops.history.memory_store import books
from tests.material import market_file

START = datetime(2023, 12, 1, tzinfo=UTC)
DAYS = 92
CAPITAL = Decimal(100_000)
ALL = Span(START, START + timedelta(days=DAYS))
UTC_ZONE = ZoneInfo("UTC")
#: A thousandth of a cent: what Decimals of 28 digits lose is far below it.
EXACT = Decimal("1e-5")
#: The last look of a day is as near to midnight as there is a moment.
LOOKS = (timedelta(hours=8), timedelta(hours=16), timedelta(days=1) - datetime.resolution)


@dataclass(repr=False)
class Lived:
    """What the bot said of itself, and what was recorded of it."""

    books: Books
    trades: tuple[Trade, ...]
    last: Snapshot
    #: Made on each day of the market, as the bot says.
    made: list[Decimal]
    #: At each look.
    equity: list[Decimal]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived() -> Lived:
    now = START
    # It takes risks, so that it also loses, and so that venues take legs.
    traits = PaperSettings(
        speed=1,
        capital_usd=CAPITAL,
        cooldown_h=0,
        borrow_leverage=Decimal(5),
        perp_leverage=Decimal(9),
        exit_health_factor=0,
        flip_patience_h=8,
        negative_carry_patience_h=1000,
        horizon_intervals=400,
        min_carry_bps=0.2,
        min_spread_bps=0.3,
    )
    bot = PaperBot("alpha", ReplayMarket.read(market_file(), START), now=lambda: now, settings=traits)
    own = recorder()
    made: list[Decimal] = []
    async with bot.controller.follow() as events:
        bot.tick(0)
        last = await _read(events, bot, own)
        had = [last.portfolio.equity]
        for number in range(DAYS):
            for look in LOOKS:
                moment = START + timedelta(days=number) + look
                elapsed, now = (moment - now).total_seconds(), moment
                bot.tick(elapsed)
                last = await _read(events, bot, own)
                had.append(last.portfolio.equity)
            made.append(last.portfolio.pnl_today or ZERO)
    batch = own.batch(final=True)
    assert batch is not None
    return Lived(books([batch]), bot.trades, last, made, had)


async def _read(events: AsyncIterator[Event], bot: PaperBot, own: Recorder) -> Snapshot:
    """Everything that was published up to now."""
    newest = bot.controller.snapshot()
    assert newest is not None
    async for event in events:
        if isinstance(event, SnapshotTaken):
            own.take(event.snapshot)
            if event.snapshot.seq == newest.seq:
                break
    return newest


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_part_is_the_bots_own(lived: Lived) -> None:
    own = lived.last.portfolio
    whole = summary(lived.books, ALL, UTC_ZONE)
    for got, said in (
        (whole.parts.realized, own.pnl.realized),
        (whole.parts.unrealized, own.pnl.unrealized),
        (whole.parts.funding, own.pnl.funding),
        (whole.parts.fees, own.pnl.fees),
        (whole.parts.total, own.pnl.total),
        (whole.equity.made, own.pnl.total),
        (whole.equity.end, own.equity),
        (whole.equity.deposits, CAPITAL),
        (whole.funding.actual, own.pnl.funding),
        (whole.unexplained, ZERO),
    ):
        assert same(got, said)


async def test_there_was_something_to_add_up(lived: Lived) -> None:
    own = lived.last.portfolio
    assert len(lived.trades) > 50
    assert any("one leg is left" in trade.reason for trade in lived.trades)
    assert own.win_rate
    assert all((own.pnl.realized, own.pnl.unrealized, own.pnl.funding, own.pnl.fees))
    assert len(lived.books.payments) > 500


async def test_every_day_made_what_the_bot_said_at_its_end(lived: Lived) -> None:
    drawn = bars(lived.books, Calendar(spans.days(ALL, UTC_ZONE)))
    assert len(drawn) == DAYS
    for bar, made in zip(drawn, lived.made, strict=True):
        assert bar.parts is not None
        assert same(bar.parts.total, made)
    assert sum(bar.trades for bar in drawn) == len(lived.trades)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"])
async def test_days_weeks_and_months_of_any_zone_add_up_to_the_whole(lived: Lived, zone: str) -> None:
    whole = parts(lived.books, ALL)
    for cut in (spans.days, spans.weeks, spans.months):
        drawn = bars(lived.books, Calendar(cut(ALL, ZoneInfo(zone))))
        assert alike(sum((bar.parts or Parts() for bar in drawn), Parts()), whole)


@pytest.mark.parametrize("by", list(By))
async def test_whoever_made_it_all_of_them_made_the_whole(lived: Lived, by: By) -> None:
    assert alike(sum(attributed(lived.books, ALL, by).values(), Parts()), parts(lived.books, ALL))


async def test_every_strategy_made_what_the_bot_says(lived: Lived) -> None:
    found = attributed(lived.books, ALL, By.STRATEGY)
    said = {one.name: one.pnl for one in lived.last.portfolio.strategies}
    assert found.keys() == said.keys()
    for name, pnl in said.items():
        assert alike(found[name], Parts(pnl.realized, pnl.unrealized, pnl.funding, pnl.fees))


async def test_every_position_made_what_its_trade_says(lived: Lived) -> None:
    found = attributed(lived.books, ALL, By.POSITION)
    for trade in lived.trades:
        assert alike(found[f"alpha {trade.id}"], Parts(trade.pnl.realized, ZERO, trade.pnl.funding, trade.pnl.fees))


async def test_trades_are_judged_as_the_bots_list_of_them_is(lived: Lived) -> None:
    found = summary(lived.books, ALL, UTC_ZONE).performance
    made = [trade.pnl.total for trade in lived.trades]
    won, lost = [one for one in made if one > 0], [-one for one in made if one < 0]
    assert (found.trades, found.win_rate) == (lived.last.portfolio.trades, lived.last.portfolio.win_rate)
    assert same(found.net, sum(made, ZERO))
    assert found.profit_factor == pytest.approx(float(sum(won) / sum(lost)))
    assert found.best is not None
    assert found.worst is not None
    assert same(found.best.net, max(made))
    assert same(found.worst.net, min(made))
    lanes = performance_by(lived.books.trades, ALL, By.LANE)
    assert {lane: one.trades for lane, one in lanes.items()} == Counter(trade.lane for trade in lived.trades)


async def test_funding_stands_beside_what_was_expected_as_the_bot_counts_it(lived: Lived) -> None:
    found = funding_by_market(lived.books.payments, ALL)
    told = [one for one in lived.last.funding if one.accrued_actual is not None]
    assert told
    for one in told:
        got = found[one.venue, one.asset]
        assert same(got.of_expected, one.accrued_actual)
        assert same(got.expected, one.accrued_expected)


@given(st.lists(st.integers(0, DAYS * 86_400), min_size=1, max_size=4))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_cut_anywhere_the_pieces_make_the_whole(lived: Lived, cuts: list[int]) -> None:
    moments = [ALL.start, *sorted(START + timedelta(seconds=one) for one in cuts), ALL.end]
    pieces = [Span(start, end) for start, end in pairwise(moments)]
    assert alike(sum((parts(lived.books, piece) for piece in pieces), Parts()), parts(lived.books, ALL))
    assert all(same(parts(lived.books, piece).total, equity(lived.books, piece).made) for piece in pieces)


async def test_the_curve_falls_as_far_as_equity_did(lived: Lived) -> None:
    # It begins with the capital, before the fees of the first order.
    peak, deepest = CAPITAL, 0.0
    for had in lived.equity:
        peak = max(peak, had)
        deepest = max(deepest, float(1 - had / peak))
    found = worst(curve(lived.books, ALL))
    assert found is not None
    assert found.depth == pytest.approx(deepest, abs=1e-9)


async def test_the_sharpe_ratio_is_that_of_equity_at_the_ends_of_days(lived: Lived) -> None:
    ends = [CAPITAL, *lived.equity[len(LOOKS) :: len(LOOKS)]]
    returns = [float(after / before - 1) for before, after in pairwise(ends)]
    mean = sum(returns) / len(returns)
    spread = math.sqrt(sum((one - mean) ** 2 for one in returns) / (len(returns) - 1))
    found = summary(lived.books, ALL, UTC_ZONE).sharpe
    assert found.days == DAYS
    assert found.ratio == pytest.approx(mean / spread * math.sqrt(365))


def same(one: Decimal | None, other: Decimal | None) -> bool:
    """To far less than a cent."""
    assert one is not None
    assert other is not None
    return abs(one - other) < EXACT


def alike(one: Parts, other: Parts) -> bool:
    return (
        same(one.realized, other.realized)
        and same(one.unrealized, other.unrealized)
        and same(one.funding, other.funding)
        and same(one.fees, other.fees)
        and same(one.total, other.total)
    )
