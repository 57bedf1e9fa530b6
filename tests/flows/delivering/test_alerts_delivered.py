"""Alerts on the strict platform, under its limits and while it is away: what the room reads in the end is the truth."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot_integration import BotController
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.desk import build_desk
from chatops.fleet import Fleet
from chatops.parts import Desk
from chatops.patience import Patience
from chatops.people import Directory
from tests.flows.conftest import Trader
from tests.flows.delivery_world import Delivery, room, texts
from tests.servers.telegram import Chat, Status, TelegramServer

NUMBER = re.compile(r"#(\d+)")
MANY, EMERGENCIES = 1_000, 10


class Night:
    """A desk that reads what its bot says when the story lets it, and sends to the platform by itself."""

    def __init__(self, world: Delivery, group: Chat) -> None:
        self.world = world
        self.group = group
        self.bot = Trader(BotController("alpha", now=world.clock), world.clock)
        self.desk: Desk = build_desk(
            name="main",
            version="1.2.3",
            database=world.database,
            fleet=Fleet([self.bot.controller]),
            directory=Directory(()),
            adapters=[world.way],
            now=world.clock,
            patience=Patience(),
            monotonic=lambda: world.clock().timestamp(),
            sleep=world.clock.wait,
            spool=world.spool,
            alerts=AlertTerms(places=(Place("ops", room(group)),)),
        )

    async def reads(self, **health: float) -> None:
        """The bot says how its positions are, and the desk reads it."""
        self.bot.health |= {name.replace("_", "-"): value for name, value in health.items()}
        self.bot.publish()
        await self.look()

    async def look(self) -> None:
        watch, snapshot = self.desk.alerting.watch, self.bot.controller.snapshot()
        assert snapshot is not None
        with self.world.watch.one():
            await watch.hear("alpha", snapshot)
            await watch.tick()

    async def goes_on(self, seconds: int, every_s: int = 10) -> None:
        """Time goes by in which the bot says that all is as it was."""
        for _ in range(0, seconds, every_s):
            await self.world.pass_by(every_s)
            self.bot.publish()
            await self.look()
        await self.world.quiet()

    @property
    def told(self) -> set[int]:
        """The alerts that are named in the group, in messages or in the files that go with them."""
        files = [one.document.content.decode() for one in self.group.from_bot if one.document is not None]
        return {int(number) for text in (*texts(self.group), *files) for number in NUMBER.findall(text)}


@asynccontextmanager
async def night(world: Delivery, server: TelegramServer) -> AsyncIterator[Night]:
    made = Night(world, server.group(-201, "ops"))
    await made.desk.alerting.load()
    async with made.desk.outbox.open():
        await made.desk.alerting.watch.begin()
        yield made
        made.desk.alerting.watch.close()


async def test_what_fired_and_was_over_while_telegram_was_away_is_told_as_that(
    world: Delivery, server: TelegramServer
) -> None:
    async with night(world, server) as story:
        server.fail(Status(502), times=None)
        await story.reads(SOL_1=0.148)
        await story.goes_on(60)
        await story.reads(SOL_1=0.4)
        await story.goes_on(120)
        assert story.desk.alerting.open() == []
        assert texts(story.group) == []
        server.heal()
        await world.until(lambda: story.told == {1}, within_s=300)
        await story.goes_on(30)
        (only,) = texts(story.group)
        assert only.startswith("✅ RESOLVED SOL-1/bybit health_factor after 2 min")
        assert "Began 12:00:00 / Over  12:02:00 / Worst CRITICAL" in only


async def test_a_thousand_at_once_into_one_group_come_emergencies_first_folded_and_none_is_lost(
    world: Delivery, server: TelegramServer
) -> None:
    async with night(world, server) as story:
        names = [f"P{number}" for number in range(MANY)]
        story.bot.open = names
        story.bot.health = dict.fromkeys(names, 0.148) | dict.fromkeys(names[::100], 0.08)
        began = world.clock()
        await story.reads()
        await world.until(lambda: len(story.told) == MANY)
        assert world.clock() - began < timedelta(minutes=1)
        titles = [one.partition(" / ")[0] for one in texts(story.group)]
        assert all("EMERGENCY" in title for title in titles[:EMERGENCIES])
        assert len(titles) <= 20
        assert not [call for call in server.calls if call.status == 429]
