"""A bot that trades in the process of the test, with the gateway beside it: its chat, and what can be broken in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter
from uuid import uuid4

from bot_integration import Bot, BotController, ClosePosition, Outcome, Ping, Snapshot
from bot_integration.clock import utc_now
from bot_integration.own_loop import LoopClosed, cross
from chatops.adapters.memory import MemoryAdapter
from chatops.app import open_desk
from chatops.attached import Attached
from chatops.messages import Posting
from chatops.opened import Open
from chatops.people import Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.settings import Settings
from tests.benchmarks.facts import facts
from tests.faults.program import eventually

ADA = "1"
#: Between two things that the bot does.
TRADE_S = 0.005


class Chat(MemoryAdapter):
    """A platform that raises whatever it is told to, wherever it is asked."""

    def __init__(self) -> None:
        super().__init__(utc_now)
        self.raises: BaseException | None = None

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        self._break()
        return await super().send(room, posting, reply_to=reply_to, plain=plain)

    async def probe(self) -> None:
        self._break()
        await super().probe()

    def _break(self) -> None:
        if self.raises is not None:
            raise self.raises


class Moody(BotController):
    """A bot that breaks whoever asks for its facts, once for each thing to do then."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.when_asked: list[Callable[[], object]] = []

    def snapshot(self) -> Snapshot | None:
        if self.when_asked:
            self.when_asked.pop()()
        return super().snapshot()


@dataclass
class Beside:
    """What a story needs. Everything that people do happens on the gateway's loop."""

    settings: Settings
    bot: Moody = field(default_factory=lambda: Moody("alpha"))
    chat: Chat = field(default_factory=Chat)
    #: How long each publish took.
    published_s: list[float] = field(default_factory=list)
    pinged: int = 0
    held: int = 1
    closed_on: list[asyncio.AbstractEventLoop] = field(default_factory=list)
    #: Raised by the next openings, the last first.
    wont_open: list[BaseException] = field(default_factory=list)
    opened: int = 0
    loop: asyncio.AbstractEventLoop | None = None
    desk: Open | None = None
    attached: Attached | None = None

    def __post_init__(self) -> None:
        self.bot.on(ClosePosition)(self._close)

    @asynccontextmanager
    async def opening(
        self, settings: Settings, bots: Sequence[Bot], announce: Callable[[str], None]
    ) -> AsyncIterator[Open]:
        """For `attach`: the desk, with our chat on it."""
        if self.wont_open:
            raise self.wont_open.pop()
        ada = Directory([Principal("ada", Role.ADMIN, frozenset({Identity("memory", ADA)}))])
        async with open_desk(
            settings, bots=bots, directory=ada, faces=[self.chat], rooms=[self.chat.room], health=False
        ) as opened:
            self.chat.connect(opened.desk.gateway.receive)
            self.loop, self.desk = asyncio.get_running_loop(), opened
            self.opened += 1
            yield opened

    async def trade(self) -> None:
        """Publish and run commands of its own, for ever."""
        while True:
            began = perf_counter()
            assert not self.bot.publish(facts(self.held))
            self.published_s.append(perf_counter() - began)
            ping = Ping(id=uuid4(), by="the bot", not_after=datetime.now(UTC) + timedelta(seconds=60))
            assert (await self.bot.execute(ping)).outcome is Outcome.DONE
            self.pinged += 1
            await asyncio.sleep(TRADE_S)

    async def says(self, text: str) -> None:
        assert self.loop is not None
        await cross(self.chat.say(ADA, text), self.loop)

    async def presses(self, label: str) -> None:
        assert self.loop is not None
        await cross(self.chat.press(ADA, label), self.loop)

    async def hears(self, words: str) -> None:
        async def look() -> bool:
            return any(words in shown.text for shown in list(self.chat.shown))

        await eventually(look, words)

    async def is_followed(self) -> None:
        """Wait until it is on record what people know of the bot: what comes from now on is news."""

        async def look() -> object:
            assert self.desk is not None
            assert self.loop is not None
            known = "SELECT value FROM desk WHERE key = 'told:alpha'"
            return await cross(self.desk.database.fetchval(known), self.loop)

        await eventually(look, "following the bot")

    async def is_open(self, times: int = 1) -> None:
        """Wait until the gateway is open, for the so-many-th time at least."""

        async def look() -> bool:
            return self.attached is not None and self.attached.is_running and self.opened >= times

        await eventually(look, "the opening")

    async def answers(self) -> None:
        """Somebody asks, and hears."""
        self.chat.shown.clear()

        async def look() -> bool:
            # A gateway that was harmed looks open until it notices: whoever is cut short by that asks again.
            await self.is_open()
            with suppress(LoopClosed):
                await self.says("/status")
                return True
            return False

        await eventually(look, "somebody's question")
        await self.hears("alpha is well")

    async def trades_on(self) -> None:
        """Wait until the bot has done some more."""
        enough = self.pinged + 5

        async def look() -> bool:
            return self.pinged >= enough

        await eventually(look, "trading")

    async def _close(self, command: ClosePosition) -> str:
        self.closed_on.append(asyncio.get_running_loop())
        return f"{command.position_id} closed"
