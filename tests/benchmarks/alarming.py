"""A desk that watches a bot in this process: on a real PostgreSQL that syncs, to the platform in another one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic

from bot_integration import Bot, BotController, Leg, Position, PositionStage, Side
from bot_integration.control import ControlServer, RemoteBot
from chatops.adapters.telegram.adapter import TelegramAdapter
from chatops.adapters.telegram.inbound import PLATFORM
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.desk import build_desk
from chatops.fleet import Fleet
from chatops.messages import Incoming
from chatops.patience import Patience
from chatops.people import Directory
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from chatops.storage.wakeup import DELIVERIES, Wakeup
from chatops.tasks import running
from tests.benchmarks.facts import facts
from tests.benchmarks.outgoing import Unlimited
from tests.benchmarks.platform import Platform

#: The health factors of legs in trouble, and of one that is well.
LOW, EMERGENCY, WELL = 0.148, 0.08, 0.4
#: Other positions that the bot holds, which are well.
OTHERS = 10
#: Between two looks whether all is out.
LOOK_EVERY_S = 0.01
#: Between two snapshots of a bot that goes on by itself.
PUBLISH_S = 0.5


@dataclass(frozen=True, slots=True)
class Alarming:
    """A bot whose legs get into trouble, and the database of the desk that tells of it."""

    bot: BotController
    database: Database

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        platform: Platform,
        bot: str,
        database: Database,
        folder: Path,
        *,
        chat: int,
        limited: bool,
        far: bool = False,
    ) -> AsyncIterator["Alarming"]:
        """As the gateway opens it, until the block ends; one room is told. A `far` bot is behind its control API."""
        access = platform.access(bot)
        kind = TelegramAdapter if limited else Unlimited
        adapter = kind(access.token, Inbox(database), Directory(()), now=_now, base_url=access.base_url)
        trader = BotController("alpha")
        room = Room(PLATFORM, str(chat))
        made = cls(trader, database)
        made.publish({})
        async with AsyncExitStack() as stack:
            watched: Bot = trader
            if far:
                server = await stack.enter_async_context(ControlServer(trader, listen=f"unix:{folder / 'far.sock'}"))
                watched = await stack.enter_async_context(RemoteBot(trader.name, server.url))
            desk = build_desk(
                name="bench",
                version="0",
                database=database,
                fleet=Fleet([watched]),
                directory=Directory(()),
                adapters=[adapter],
                now=_now,
                patience=Patience(),
                spool=folder / f"{bot}.spool",
                alerts=AlertTerms(places=(Place("ops", room),)),
            )
            stack.push_async_callback(adapter.close)
            await adapter.start(_heed_nobody)
            await desk.alerting.load()
            await stack.enter_async_context(desk.outbox.open())
            listening = Wakeup(database.url).run({DELIVERIES: desk.outbox.wake})
            await stack.enter_async_context(running(listening, "listening for what is owed"))
            await stack.enter_async_context(running(desk.alerting.run(), "alerts"))
            while desk.alerting.watch.pulse.evaluated_at is None:  # noqa: ASYNC110 - nobody is told of it
                await asyncio.sleep(LOOK_EVERY_S)
            yield made

    def publish(self, health: Mapping[str, float], well: Sequence[str] = ()) -> float:
        """Hold these besides, with such health; gives the monotonic moment before that was said."""
        return _publish(self.bot, {**dict.fromkeys(well, WELL), **health})

    async def all_over(self) -> None:
        """Wait until no alert stands any more, which takes some snapshots without their legs, and nothing is owed."""
        left = (
            "SELECT EXISTS (SELECT FROM alerts WHERE resolved_at IS NULL) "
            "OR EXISTS (SELECT FROM deliveries WHERE state IN ('pending', 'sending'))"
        )
        self.publish({})
        while await self.database.fetchval(left):
            await asyncio.sleep(PUBLISH_S)
            self.publish({})


@asynccontextmanager
async def alarm_bot(folder: Path) -> AsyncIterator[tuple[Callable[[Mapping[str, float]], None], str]]:
    """Such a bot for a desk in another process: what it holds from then on, and the URL of its control API."""
    bot, held = BotController("alpha"), dict[str, float]()

    async def keep_saying() -> None:
        while True:
            _publish(bot, held)
            await asyncio.sleep(PUBLISH_S)

    async with (
        ControlServer(bot, listen=f"unix:{folder / 'alarm.sock'}") as server,
        running(keep_saying(), "the bot"),
    ):
        yield held.update, server.url


def subject(name: str) -> str:
    """What an alert of it is about, as its message says it."""
    return f"{name}/bybit"


def _publish(bot: BotController, health: Mapping[str, float]) -> float:
    now = _now()
    given = facts(OTHERS, now)
    given["positions"] = (*given["positions"], *(_position(name, factor, now) for name, factor in health.items()))
    began = monotonic()
    faults = bot.publish(given)
    assert not faults, faults
    return began


def _position(name: str, health: float, now: datetime) -> Position:
    leg = Leg(
        venue="bybit",
        instrument="SOL spot",
        side=Side.LONG,
        size=Decimal(2),
        entry_price=Decimal(100),
        mark_price=Decimal(101),
        notional=Decimal(202),
        leverage=3.0,
        health_factor=health,
    )
    return Position(id=name, asset="SOL", stage=PositionStage.OPEN, opened_at=now, updated_at=now, legs=(leg,))


def _now() -> datetime:
    return datetime.now(UTC)


async def _heed_nobody(incoming: Incoming) -> None:
    """Nobody writes here."""
