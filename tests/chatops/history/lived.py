"""A paper bot that lives through the real market, by a clock that jumps from look to look."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot_integration import Event, Snapshot, SnapshotTaken
from bot_integration.paper import PaperBot, PaperSettings, ReplayMarket, Trade
from chatops.history.recorder import Recorder
from chatops.history.rows import Head
from tests.material import market_file

BEGAN = datetime(2023, 1, 1, tzinfo=UTC)
CAPITAL = Decimal(100_000)
#: The last look of a day is as near to midnight as there is a moment.
LOOKS = (timedelta(hours=8), timedelta(hours=16), timedelta(days=1) - datetime.resolution)
#: It takes risks, so that it also loses, and so that venues take legs.
TRAITS = PaperSettings(
    speed=1,
    capital_usd=CAPITAL,
    daily_loss_cap_usd=CAPITAL,
    max_per_asset=3,
    cooldown_h=0,
    horizon_intervals=400,
    min_carry_bps=0.3,
    min_spread_bps=0.3,
    flip_patience_h=40,
    negative_carry_patience_h=1000,
    exit_erosion_pct=400,
    perp_leverage=Decimal(5),
    borrow_leverage=Decimal(4),
    spot_fee_bps=Decimal(1),
    perp_fee_bps=Decimal(1),
)


@dataclass(frozen=True, slots=True)
class Day:
    """What the bot says at the end of a day: all snapshots of it, and the trades it has made."""

    snapshots: tuple[Snapshot, ...]
    trades: tuple[Trade, ...]

    @property
    def last(self) -> Snapshot:
        return self.snapshots[-1]


async def live(days: int, began: datetime = BEGAN) -> AsyncIterator[Day]:
    """One day after the other."""
    now = began
    bot = PaperBot("alpha", ReplayMarket.read(market_file(), began), now=lambda: now, settings=TRAITS)
    async with bot.controller.follow() as events:
        bot.tick(0)
        for number in range(days):
            heard: list[Snapshot] = []
            for look in LOOKS:
                moment = began + timedelta(days=number) + look
                elapsed, now = (moment - now).total_seconds(), moment
                bot.tick(elapsed)
                heard += await _heard(events, bot)
            yield Day(tuple(heard), bot.trades)


def recorder(head: Head | None = None, bot: str = "alpha") -> Recorder:
    """One that takes eight hours between two looks for nothing unusual, and keeps few whole snapshots."""
    return Recorder(bot, head, unseen_after=timedelta(hours=9), keep_every=timedelta(days=30))


async def _heard(events: AsyncIterator[Event], bot: PaperBot) -> list[Snapshot]:
    """Everything that was published up to now."""
    newest = bot.controller.snapshot()
    assert newest is not None
    heard = []
    async for event in events:
        if isinstance(event, SnapshotTaken):
            heard.append(event.snapshot)
            if event.snapshot.seq == newest.seq:
                break
    return heard
