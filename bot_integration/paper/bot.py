"""A bot that trades on paper: the engine behind a controller, walked by a clock."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot_integration.clock import utc_now
from bot_integration.controller import BotController
from bot_integration.paper.closing import ClosingHandlers
from bot_integration.paper.desk import Desk
from bot_integration.paper.engine import Engine
from bot_integration.paper.handlers import ControlHandlers
from bot_integration.paper.market import Market
from bot_integration.paper.orders import Orders
from bot_integration.paper.own import OwnHandlers
from bot_integration.paper.portrait import Portrait
from bot_integration.paper.position import Trade
from bot_integration.paper.previews import Previewers
from bot_integration.paper.rebalancing import RebalanceHandlers
from bot_integration.paper.settings import PaperSettings

log = logging.getLogger(__name__)


class PaperBot:
    """Trades a market on paper. `controller` is the `Bot` that the outside sees.

    Facts are dated by `now`, which is the watcher's clock; the market has its own time, `speed` times as fast, that
    stands in `session.extra["market_time"]`. Days and hours of the strategy are the market's.
    """

    def __init__(
        self,
        name: str,
        market: Market,
        *,
        now: Callable[[], datetime] = utc_now,
        interval_s: float = 1.0,
        speed: float | None = None,
        settings: PaperSettings | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`speed` is seconds of the market in a second and goes before that of the settings."""
        settings = settings or PaperSettings()
        if speed is not None:
            settings = PaperSettings.model_validate({**settings.model_dump(), "speed": speed})
        self._interval_s = interval_s
        self._sleep = sleep
        self._timer = timer
        self._controller = BotController(name, now=now)
        self._desk = Desk(market, settings, now=now, publish=self._publish, note=self._controller.note)
        orders = Orders(self._desk)
        self._engine = Engine(self._desk, orders, timer)
        self._portrait = Portrait(name, self._controller.session_id, self._desk)
        ControlHandlers(self._desk).register(self._controller)
        ClosingHandlers(self._desk, orders, sleep).register(self._controller)
        RebalanceHandlers(self._desk, orders, sleep).register(self._controller)
        Previewers(self._desk).register(self._controller)
        OwnHandlers(self._desk).register(self._controller)

    @property
    def controller(self) -> BotController:
        """The bot, as the outside sees it."""
        return self._controller

    @property
    def settings(self) -> PaperSettings:
        """As they are now; hot ones change."""
        return self._desk.settings

    @property
    def trades(self) -> tuple[Trade, ...]:
        """The closed trades, oldest first; the last 5,000 of them."""
        return tuple(self._desk.trades)

    def tick(self, elapsed_s: float | None = None) -> None:
        """One turn of the loop, this many seconds (the interval) of the watcher's time after the last."""
        elapsed = self._interval_s if elapsed_s is None else elapsed_s
        self._engine.turn(self._desk.step.at + timedelta(seconds=elapsed * self._desk.settings.speed))

    def orders_fail(self, venue: str, failing: bool = True) -> None:
        """Let the venue reject every order from now on, or no longer. Its quotes go on."""
        if venue not in self._desk.venues:
            raise ValueError(f"no venue is called {venue}; there are {', '.join(self._desk.venues)}")
        self._desk.exchange.orders_fail(venue, failing)

    async def run(self) -> None:
        """Tick at every interval, until cancelled; commands that run are then waited for."""
        due = self._timer()
        # Each tick moves the market by the same step, so that a replay is the same on a slow machine.
        elapsed = 0.0
        try:
            while True:
                try:
                    self.tick(elapsed)
                except Exception:
                    log.exception("a cycle of %s broke", self._controller.name)
                elapsed = self._interval_s
                # Turns that were missed (the machine slept) are not caught up on.
                due = max(due + self._interval_s, self._timer())
                await self._sleep(max(0.0, due - self._timer()))
        finally:
            await self._controller.aclose()

    def _publish(self) -> None:
        self._desk.assess()
        self._controller.publish(self._portrait.draw())
