"""A desk that knows what is recorded of its bots, and a bot that holds both sides of a trade."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot_integration import Bot, BotController, Funding, Mode, Portfolio, Session, Stream, Venue
from chatops.history.rows import Measured, Metric
from chatops.messages import Table
from chatops.people import Directory
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from tests.chatops.views.facts import carry
from tests.earnings import Earnings, snapshot_of
from tests.flows.chats import Chat
from tests.flows.conftest import Clock, Trader, World, world_of
from tests.flows.pictures import Watched

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class Carry:
    """A bot that holds one position on two venues and is paid funding on both."""

    def __init__(self, clock: Clock) -> None:
        self.controller = BotController("beta", now=clock)
        self._clock = clock
        self.opened_at = clock() - 12 * HOUR
        self.publish()

    def publish(self, **more: Any) -> None:
        now = self._clock()
        facts: dict[str, Any] = {
            "session": Session(strategy="carry", mode=Mode.PAPER, started_at=now - DAY),
            "positions": (carry("SOL-1", hours=12, opened_at=self.opened_at),),
            "funding": tuple(
                Funding(
                    venue=venue,
                    asset=asset,
                    rate=rate,
                    next_at=now + 2 * HOUR + 13 * MINUTE,
                    accrued_expected=expected,
                    accrued_actual=actual,
                )
                for venue, asset, rate, expected, actual in (
                    ("drift", "SOL", 0.0001, Decimal("12.50"), Decimal("12.31")),
                    ("kamino", "SOL", -0.00005, None, None),
                    ("drift", "BTC", 0.0009, None, None),
                )
            ),
            "venues": (
                Venue(name="kamino", stream=Stream.CONNECTED, balance=Decimal(3_000), locked_capital=Decimal(2_500)),
                Venue(name="drift", stream=Stream.DOWN, balance=Decimal(1_000)),
                Venue(name="solana", stream=Stream.POLL_ONLY, height=312_345_678),
            ),
            "portfolio": Portfolio(equity=Decimal("4012.50")),
            **more,
        }
        assert self.controller.publish(facts) == ()


class Desks:
    """Opens desks that know what is recorded."""

    def __init__(self, database: Database, clock: Clock, trader: Trader, chat: Chat) -> None:
        self.database, self.clock, self.trader, self.chat = database, clock, trader, chat
        self.history = PostgresHistory(database)
        self.studio = Watched()

    async def keep(self, made: Earnings, **more: Any) -> None:
        """Have it recorded."""
        batch = made.batch(snapshot_of(made, self.clock()))
        fields = {name: getattr(batch, name) for name in batch.__slots__}
        assert await self.history.keep([type(batch)(**{**fields, **more})]) == frozenset()

    def open(self, *others: Bot, directory: Directory | None = None) -> World:
        world = world_of(
            self.database,
            self.clock,
            self.trader,
            self.chat,
            others=others,
            directory=directory,
            studio=self.studio,
        )
        self.chat.connect(world.desk.gateway.receive)
        return world


def table(chat: Chat) -> Sequence[str]:
    """The lines of the first table."""
    return next(block.lines for block in chat.last.message.blocks if isinstance(block, Table))


def measured(bot: str, metric: Metric, subject: str, at: datetime, value: float) -> Measured:
    return Measured(bot, metric, subject, at, value, value, value, value, 1)
