"""A desk with a bot and people in it, on every platform."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot_integration import (
    Bot,
    BotController,
    ClosePosition,
    CommandResult,
    Fill,
    Leg,
    Mode,
    Outcome,
    Pause,
    Pnl,
    Portfolio,
    Position,
    PositionStage,
    Preview,
    Refused,
    Resume,
    Risk,
    Session,
    Side,
    Stage,
    Stream,
    TimelineEvent,
    Venue,
)
from bot_integration.state import EventCategory, PauseState
from chatops.alerting.building import AlertTerms
from chatops.charts.studio import Studio
from chatops.desk import build_desk
from chatops.fleet import Fleet
from chatops.guard.permissions import Permissions
from chatops.parts import Desk
from chatops.patience import Patience
from chatops.people import Directory, Identity, Principal, Role
from chatops.redactor import Redactor
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database, Record
from chatops.storage.errors import DatabaseAway
from chatops.storage.inbox import Inbox
from chatops.storage.totp_key import TotpKey
from tests.flows.chats import OPS, Chat, listening, telegram
from tests.flows.controls import Controls
from tests.flows.platform_chat import PATIENCE_S
from tests.flows.slack_chat import account_id, listening_on_slack, slack
from tests.flows.ways import NEAR, WAYS, MemoryChat, Way
from tests.folders import new_folder
from tests.plug import Plug
from tests.servers.telegram import TelegramServer

ADA, BOB, VIC, EVE = "1", "2", "3", "666"
#: Where every story is told. Slack comes by a socket that we open, and by calls that it signs.
PLATFORMS = ("memory", "telegram", "slack", "slack-http")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Platforms and ways are told apart: on real ones the bot is near, which is enough of each."""
    items[:] = [item for item in items if not _is_told_elsewhere(item)]


def _is_told_elsewhere(item: pytest.Item) -> bool:
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    is_far = given.get("way", NEAR) != NEAR
    return is_far and given.get("chat", "memory") != "memory"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
        self._alarms: list[tuple[datetime, asyncio.Future[None]]] = []

    def __call__(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        """What waits by this clock has waited at once."""
        self.pass_by(seconds=seconds)

    async def wait(self, seconds: float) -> None:
        """What waits by this one waits until the test lets that much time go by."""
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._alarms.append((self.moment + timedelta(seconds=seconds), alarm))
        await alarm

    def pass_by(self, **span: float) -> None:
        """Let time go by."""
        self.moment += timedelta(**span)
        for at, alarm in self._alarms:
            if at <= self.moment and not alarm.done():
                alarm.set_result(None)
        self._alarms = [(at, alarm) for at, alarm in self._alarms if not alarm.done()]


@dataclass
class Trader:
    """A bot with two positions that does what it is told, and counts how often."""

    controller: BotController
    now: Callable[[], datetime]
    open: list[str] = field(default_factory=lambda: ["SOL-1", "ETH-1"])
    closed: list[tuple[str, float]] = field(default_factory=list)
    scopes: set[str] = field(default_factory=set)
    #: What its previews say that closing now would realize.
    would_realize: Decimal = Decimal("4.25")
    #: The health factors of its positions' legs.
    health: dict[str, float] = field(default_factory=lambda: {"SOL-1": 0.4, "ETH-1": 0.228})
    #: By which a desk holds it, and the end that it holds.
    way: Way = field(default_factory=Way)
    held: Bot = field(init=False)

    def __post_init__(self) -> None:
        self.held = self.controller
        self._opened_at = self.now() - timedelta(hours=1)
        self.controller.on(ClosePosition)(self._close)
        self.controller.previews(ClosePosition)(self._preview)
        self.controller.on(Pause)(self._pause)
        self.controller.on(Resume)(self._resume)
        self.controls = Controls(self)
        self.publish()

    def publish(self) -> None:
        """Say how things are."""
        faults = self.controller.publish(
            {
                "session": Session(
                    strategy="carry",
                    mode=Mode.PAPER,
                    started_at=self.now() - timedelta(hours=2),
                    stage=Stage.MONITORING,
                    pause=PauseState(
                        paused=bool(self.scopes),
                        scopes=tuple(sorted(self.scopes)),
                        by="somebody",
                        active_breakers=tuple(self.controls.tripped),
                        kill_switch=self.controls.killed,
                    ),
                    breakers=self.controls.breakers(),
                ),
                "parameters": self.controls.parameters(),
                "positions": [self._position(id_) for id_ in self.open],
                "venues": [Venue(name="bybit", stream=Stream.CONNECTED, balance=Decimal(5000))],
                "portfolio": Portfolio(equity=Decimal("10012.50"), pnl_today=Decimal("12.50")),
                "timeline": [
                    TimelineEvent(at=self.now(), category=EventCategory.EXECUTION, message="SOL-1 opened"),
                ],
            }
        )
        assert faults == ()

    def _position(self, id_: str) -> Position:
        return Position(
            id=id_,
            asset=id_.split("-", maxsplit=1)[0],
            lane="carry",
            stage=PositionStage.OPEN,
            opened_at=self._opened_at,
            updated_at=self.now(),
            pnl=Pnl(unrealized=Decimal("4.25"), total=Decimal("4.25")),
            risk=Risk(
                should_exit=id_ == "ETH-1",
                reasons=("health factor 0.228 < 0.25",) if id_ == "ETH-1" else (),
                held=id_ in self.controls.held,
                hold_until=self.controls.held.get(id_),
            ),
            legs=(
                Leg(
                    venue="bybit",
                    instrument=f"{id_} spot",
                    side=Side.LONG,
                    size=Decimal(2),
                    entry_price=Decimal(100),
                    mark_price=Decimal(101),
                    notional=Decimal(202),
                    health_factor=self.health.get(id_, 0.4),
                    liquidation_price=Decimal(80),
                ),
            ),
        )

    def _held(self, command: ClosePosition) -> str:
        if command.position_id not in self.open:
            raise Refused(f"{command.position_id} is not open.")
        return command.position_id

    async def _close(self, command: ClosePosition) -> CommandResult:
        held = self._held(command)
        if command.percent == 100:
            self.open.remove(held)
        self.closed.append((held, command.percent))
        self.publish()
        return CommandResult(
            command_id=command.id,
            outcome=Outcome.DONE,
            message=f"{held} closed: +4.25 USD realized",
            fills=(Fill(venue="bybit", instrument=held, side="sell", size=Decimal(2), price=Decimal(101)),),
        )

    async def _preview(self, command: ClosePosition) -> Preview:
        self._held(command)
        return Preview(command="close_position", at=self.now(), realized=self.would_realize, fees=Decimal("0.20"))

    async def _pause(self, command: Pause) -> str:
        self.scopes.add(command.scope)
        self.publish()
        return f"Paused {command.scope}."

    async def _resume(self, command: Resume) -> str:
        if self.controls.tripped:
            raise Refused(f"The breaker {next(iter(self.controls.tripped))} is active.")
        if command.scope not in self.scopes:
            raise Refused(f"{command.scope} is not paused.")
        self.scopes.remove(command.scope)
        self.publish()
        return f"Resumed {command.scope}."


@dataclass(frozen=True)
class World:
    """All that a story needs."""

    clock: Clock
    bot: Trader
    chat: Chat
    desk: Desk
    database: Database

    async def reads(self, words: str) -> None:
        """Wait until the newest message has these words: what was owed is sent by itself."""
        await self.until(lambda: bool(self.chat.shown) and words in self.chat.last.text)

    async def shows(self, count: int) -> None:
        """Wait until so many messages are shown."""
        await self.until(lambda: len(self.chat.shown) >= count)

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not so():  # noqa: ASYNC110 - platforms differ in what they tell of
                await asyncio.sleep(0.002)

    async def in_time(self, so: Callable[[], bool]) -> None:
        """Let time go by until it is so: for what looks again and again, and may not have begun to."""
        async with asyncio.timeout(PATIENCE_S):
            while not so():
                await self.pass_by(0.5)

    async def pass_by(self, seconds: float) -> None:
        """Let so little time go by, no faster than the database answers: held up, it must not find minutes gone."""
        self.clock.pass_by(seconds=seconds)
        await asyncio.sleep(0.002)
        with suppress(DatabaseAway):
            await self.database.fetchval("SELECT 1")
        # A clock that runs ahead of the line would leave out what a person sees in between.
        await self.in_step()

    async def all_sent(self) -> None:
        """Wait until what is owed is sent, and noted so, while the clock stands."""
        async with asyncio.timeout(PATIENCE_S):
            unsent = "SELECT count(*) FROM deliveries WHERE state <> 'sent'"
            while await self.database.fetchval(unsent):  # noqa: ASYNC110 - rows that other tasks write set no event
                await asyncio.sleep(0.002)

    async def in_step(self) -> None:
        """Wait until the desk knows what its bots say now."""
        await self.bot.way.in_step()

    async def log(self) -> list[Record]:
        """The command log, oldest first."""
        return await self.database.fetch("SELECT * FROM command_log ORDER BY at, id")

    async def steps(self, command_id: uuid.UUID) -> list[str]:
        """The steps of an ask, in their order."""
        rows = await self.database.fetch(
            "SELECT step FROM command_events WHERE command_id = $1 ORDER BY seq", command_id
        )
        return [row["step"] for row in rows]


def accounts(*ids: str) -> frozenset[Identity]:
    """Those of one person, on every platform."""
    named = {Identity(platform, id_) for platform in ("memory", "telegram") for id_ in ids}
    return frozenset(named | {Identity("slack", account_id(id_)) for id_ in ids})


def people() -> Directory:
    """An admin, an operator and a viewer."""
    return Directory(
        Principal(name, role, accounts(id_))
        for name, role, id_ in (
            ("ada", Role.ADMIN, ADA),
            ("bob", Role.OPERATOR, BOB),
            ("vic", Role.VIEWER, VIC),
        )
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=WAYS)
async def way(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Way]:
    """How the desk holds its bots: every story is told by every way."""
    async with Way(request.param, clock) as way:
        yield way


@pytest.fixture
async def trader(clock: Clock, way: Way) -> Trader:
    trader = Trader(BotController("alpha", now=clock), clock, way=way)
    trader.held = await way.to(trader.controller)
    return trader


@pytest.fixture
async def plug(postgres_url: str, database_url: str) -> AsyncIterator[Plug]:
    plug = Plug(postgres_url, database_url)
    yield plug
    await plug.put_back()


def settle_in(database: Database, clock: Clock, trader: Trader, chat: Chat) -> World:
    """Open the desk, or open it again after a stop, on the same database, and listen to people at once."""
    world = world_of(database, clock, trader, chat)
    chat.connect(world.desk.gateway.receive)
    return world


def world_of(
    database: Database,
    clock: Clock,
    trader: Trader,
    chat: Chat,
    *,
    bot: Bot | None = None,
    others: Sequence[Bot] = (),
    directory: Directory | None = None,
    patience: Patience | None = None,
    permissions: Permissions | None = None,
    totp_key: TotpKey | None = None,
    backlog: Backlog | None = None,
    alerts: AlertTerms | None = None,
    studio: Studio | None = None,
    redact: Redactor | None = None,
) -> World:
    """The same desk, to which nobody is connected yet. `bot` is what it holds, where that is not the trader.

    The desk has `others` besides.
    """
    desk = build_desk(
        name="main",
        version="1.2.3",
        database=database,
        fleet=Fleet([bot or trader.held, *others]),
        directory=directory or people(),
        adapters=[chat],
        now=clock,
        patience=patience or Patience(),
        permissions=permissions,
        totp_key=totp_key,
        backlog=backlog,
        monotonic=lambda: clock().timestamp(),
        sleep=clock.wait,
        spool=new_folder() / "spool",
        alerts=alerts,
        studio=studio,
        redact=redact,
    )
    return World(clock, trader, chat, desk, database)


#: For stories that only the memory platform can tell: a chat that is broken, a text that no client sends.
on_memory = pytest.mark.parametrize("chat", ["memory"], indirect=True)
#: For stories in which the bot plays no part, or that are long: by any way they would be the same.
near_alone = pytest.mark.parametrize("way", [NEAR], indirect=True)


@pytest.fixture
def inbox(database: Database) -> Inbox:
    """Where platforms keep what comes until it was handled."""
    return Inbox(database)


@pytest.fixture(params=PLATFORMS)
async def chat(
    request: pytest.FixtureRequest, database: Database, inbox: Inbox, clock: Clock, way: Way
) -> AsyncIterator[Chat]:
    """Where people talk: every story is told on every platform, on Slack by both ways in."""
    async with AsyncExitStack() as stack:
        match request.param:
            case "telegram":
                server = await stack.enter_async_context(telegram(clock))
                on_it = listening(server, server.group(OPS), database, clock, people(), inbox=inbox)
                there = await stack.enter_async_context(on_it)
                await there.until_it_listens()
                yield there
            case "slack" | "slack-http":
                platform = await stack.enter_async_context(slack(clock))
                by_http = request.param == "slack-http"
                on_slack = listening_on_slack(platform, database, clock, people(), inbox=inbox, by_http=by_http)
                yield await stack.enter_async_context(on_slack)
            case _:
                yield MemoryChat(clock, way)


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[TelegramServer]:
    async with telegram(clock) as server:
        yield server


@pytest.fixture
def world(database: Database, clock: Clock, trader: Trader, chat: Chat) -> World:
    return settle_in(database, clock, trader, chat)


@pytest.fixture
async def telling(world: World) -> AsyncIterator[World]:
    """A desk that knows ada, bob and vic, and sends what it owes."""
    async with world.desk.outbox.open():
        yield world
