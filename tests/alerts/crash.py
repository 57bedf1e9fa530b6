"""The crash of ETH on 17 and 18 August 2023, replayed for a watch: two days of the market in 48 minutes of ours."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from bot_integration import BotController, ClosePosition, CommandResult
from bot_integration.paper import PaperBot, PaperSettings, ReplayMarket
from tests.material import market_file

BEGINS = datetime(2023, 8, 17, tzinfo=UTC)
#: Seconds of the market in one of ours: what `quarterdeck demo` has.
SPEED = 60.0
LASTS_S = int(timedelta(days=2).total_seconds() / SPEED)
#: What is borrowed on Bybit, and held short on OKX.
POSITION = "ETH-1"


class Crash:
    """A paper bot that holds a 3.5x borrowed ETH leg on Bybit and nothing else, and lets the danger be seen."""

    def __init__(self, bot: str, now: Callable[[], datetime]) -> None:
        # What would end the story earlier is out of the way.
        settings = PaperSettings(max_positions=1, exit_health_factor=0, flip_patience_h=1000)
        self._now = now
        self._market = ReplayMarket.read(market_file(), BEGINS)
        self._paper = PaperBot(bot, self._market, now=now, speed=SPEED, settings=settings, sleep=_at_once)
        self._paper.tick(0)

    @property
    def bot(self) -> BotController:
        return self._paper.controller

    @property
    def market_at(self) -> datetime:
        return self._market.step.at

    @property
    def health_factor(self) -> float | None:
        """Of the borrowed leg; None once it is closed."""
        snapshot = self.bot.snapshot()
        position = snapshot.position(POSITION) if snapshot is not None else None
        return position.legs[0].health_factor if position is not None and position.legs else None

    def tick(self, seconds: float) -> None:
        """The market goes on for so many seconds of ours, and a snapshot is published."""
        self._paper.tick(seconds)

    async def close(self, by: str) -> CommandResult:
        """Somebody has had enough."""
        late = self._now() + timedelta(seconds=30)
        return await self.bot.execute(ClosePosition(id=uuid4(), by=by, not_after=late, position_id=POSITION))


async def _at_once(seconds: float) -> None:
    """Orders take no time."""
