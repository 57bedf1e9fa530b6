"""One desk on Telegram and on Slack: both real adapters, both strict servers, one database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from chatops.adapters.memory import Shown
from chatops.alerting.building import AlertTerms
from chatops.desk import build_desk
from chatops.fleet import Fleet
from chatops.guard.permissions import Permissions
from chatops.link import Connected
from chatops.patience import Patience
from chatops.people import Directory, Identity
from chatops.room import Room
from chatops.storage.database import Database
from chatops.tasks import running
from tests.flows.chats import OPS, TelegramChat, listening, telegram
from tests.flows.conftest import Clock, Trader, World
from tests.flows.nights import TERMS
from tests.flows.platform_chat import PATIENCE_S
from tests.flows.slack_chat import SlackChat, account_id, listening_on_slack, slack
from tests.folders import new_folder
from tests.servers.slack import ApiError
from tests.servers.slack import Status as SlackStatus
from tests.servers.telegram import Status

TELEGRAM, SLACK = "telegram", "slack"
#: From either side: where a story begins, and the other one.
EITHER = ((TELEGRAM, SLACK), (SLACK, TELEGRAM))

Platform = TelegramChat | SlackChat

#: Told again by the policy alone: however slow a machine is, no throttle passes in a story.
UNTHROTTLED = {**TERMS, "health_factor": replace(TERMS["health_factor"], throttles={})}


def known_as(platform: str, who: str) -> Identity:
    """The account of one of the people of stories there."""
    return Identity(platform, account_id(who) if platform == SLACK else who)


@dataclass(frozen=True)
class Both:
    """A desk and its two platforms."""

    world: World
    platforms = (TELEGRAM, SLACK)
    telegram: TelegramChat
    slack: SlackChat

    def on(self, platform: str) -> Platform:
        return self.telegram if platform == TELEGRAM else self.slack

    def alone(self, platform: str, who: str) -> Room:
        """Where somebody reads alone there."""
        chat = self.on(platform)
        return chat.direct(known_as(platform, who))

    def read(self, platform: str, who: str = "") -> list[Shown]:
        """What the room there shows, or somebody alone."""
        chat = self.on(platform)
        return chat.in_room(self.alone(platform, who) if who else chat.room)

    def text(self, platform: str, who: str = "") -> str:
        return "\n\n".join(one.text for one in self.read(platform, who))

    def is_reached(self, platform: str) -> bool:
        """Whether the desk takes it to be there."""
        return isinstance(self.world.desk.outbox.links[platform], Connected)

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until it is so, while the clock stands."""
        with self._seen():
            await self.world.until(so)

    async def in_time(self, so: Callable[[], bool]) -> None:
        """Let time go by until it is so: so slowly that no step of an escalation comes due meanwhile."""
        with self._seen():
            async with asyncio.timeout(PATIENCE_S):
                while not so():
                    await self.world.pass_by(0.25)

    async def answered(self, platform: str, who: str, words: str) -> Shown:
        """Somebody says something in the room there; gives what it shows last."""
        await self.on(platform).say(who, words)
        return self.on(platform).last

    def falls(self, health: float, position: str = "SOL-1") -> None:
        """The health factor of its leg is this now."""
        self.world.bot.health[position] = health
        self.world.bot.publish()

    async def recovers(self) -> None:
        """It is well again, and for long enough to count."""
        alerting = self.world.desk.alerting
        for _ in range(12):
            self.falls(0.4)
            await self.until(lambda: alerting.watch.pulse.evaluated_at == alerting.now())
            self.world.clock.pass_by(seconds=10)

    async def settled(self) -> None:
        """Wait until nothing is owed any more that could go."""
        query = "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')"
        async with asyncio.timeout(PATIENCE_S):
            while await self.world.database.fetchval(query):
                self.world.clock.pass_by(seconds=0.5)
                await asyncio.sleep(0.002)

    @contextmanager
    def _seen(self) -> Iterator[None]:
        """Where it did not come to it, what there is to see instead."""
        try:
            yield
        except TimeoutError:
            raise AssertionError(f"{self.telegram.picture()}\n{self.slack.picture()}") from None

    @contextmanager
    def away(self, platform: str, *, dead_token: bool = False) -> Iterator[None]:
        """Nothing that goes out there is taken, as long as the block lasts."""
        if platform == TELEGRAM:
            fault = Status(401) if dead_token else Status(502)
            rules = [
                self.telegram.server.fail(fault, method=method, times=None)
                for method in ("getMe", "sendMessage", "editMessageText", "answerCallbackQuery")
            ]
        else:
            refusal = ApiError("token_revoked") if dead_token else SlackStatus(503)
            rules = [self.slack.server.fail(refusal, times=None)]
        try:
            yield
        finally:
            for rule in rules:
                rule.lift()


@asynccontextmanager
async def on_both(
    database: Database,
    clock: Clock,
    trader: Trader,
    directory: Directory,
    *,
    alerts: Callable[[TelegramChat, SlackChat], AlertTerms] | None = None,
    permissions: Permissions | None = None,
) -> AsyncIterator[Both]:
    """It, from its start to its stop. `alerts` gives what it watches by; both rooms are told of outages."""
    # Silences end by the database's clock: here none is over before it begins.
    clock.moment = clock.moment.replace(year=2037)
    trader.publish()
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(telegram(clock))
        other = await stack.enter_async_context(slack(clock))
        here = await stack.enter_async_context(listening(one, one.group(OPS), database, clock, directory))
        there = await stack.enter_async_context(listening_on_slack(other, database, clock, directory))
        await here.until_it_listens()
        desk = build_desk(
            name="main",
            version="1.2.3",
            database=database,
            fleet=Fleet([trader.held]),
            directory=directory,
            adapters=[here, there],
            now=clock,
            patience=Patience(),
            permissions=permissions,
            rooms=[here.room, there.room],
            monotonic=lambda: clock().timestamp(),
            sleep=clock.wait,
            spool=new_folder() / "spool",
            alerts=alerts(here, there) if alerts is not None else None,
        )
        world = World(clock, trader, here, desk, database)
        for chat in (here, there):
            chat.connect(desk.gateway.receive)
        await desk.load()
        await stack.enter_async_context(desk.outbox.open())
        if alerts is not None:
            await stack.enter_async_context(running(desk.alerting.run(), "alerts"))
            await stack.enter_async_context(running(desk.drills.run(), "drills"))
            await world.until(lambda: desk.alerting.watch.pulse.evaluated_at is not None)
        both = Both(world, here, there)
        yield both


async def met(both: Both, *people: str) -> None:
    """These have written to the app on both platforms, so that it may write to them."""
    for who in people:
        for platform in (TELEGRAM, SLACK):
            await both.on(platform).say(who, "/whoami", room=both.alone(platform, who))
