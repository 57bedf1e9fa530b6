"""A desk that watches its bot while people sleep: alerts and drills run, one room is told, ada is on call."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo

from alerts.oncall import Rotation
from alerts.terms import DEFAULTS
from chatops.adapters.memory import Shown
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.people import Directory
from chatops.storage.database import Database
from chatops.tasks import running
from tests.flows.chats import Chat
from tests.flows.conftest import Clock, Trader, World, world_of

#: Here time goes by without a word of the bot.
TERMS = {**DEFAULTS, "stale_data": replace(DEFAULTS["stale_data"], on=False)}
ROTATION = Rotation(("ada", "bob"), date(2037, 5, 4), 0, time(9), ZoneInfo("UTC"))


@asynccontextmanager
async def a_night(
    database: Database, clock: Clock, trader: Trader, chat: Chat, directory: Directory | None = None
) -> AsyncIterator[World]:
    """It, with bob on call after ada."""
    # Silences end by the database's clock: here none is over before it begins.
    clock.moment = clock.moment.replace(year=2037)
    trader.publish()
    told = AlertTerms(places=(Place("ops", chat.room),), terms=TERMS, rotation=ROTATION)
    world = world_of(database, clock, trader, chat, alerts=told, directory=directory)
    chat.connect(world.desk.gateway.receive)
    await world.desk.alerting.load()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(world.desk.outbox.open())
        await stack.enter_async_context(running(world.desk.alerting.run(), "alerts"))
        await stack.enter_async_context(running(world.desk.drills.run(), "drills"))
        await world.until(lambda: world.desk.alerting.watch.pulse.evaluated_at is not None)
        yield world


async def falls(world: World, health: float, position: str = "SOL-1") -> Shown:
    """The health factor of its leg is this now, and the room has read so."""
    world.bot.health[position] = health
    world.bot.publish()
    await world.in_step()
    await world.reads(f"HF {health:.3f}")
    return world.chat.last


async def answered(world: World, person: str, words: str) -> Shown:
    await world.chat.say(person, words)
    # Who is on call may be told by themselves meanwhile.
    return world.chat.in_room(world.chat.room)[-1]


def text(world: World) -> str:
    return "\n".join(one.text for one in world.chat.shown)
