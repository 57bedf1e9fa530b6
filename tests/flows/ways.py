"""How a desk holds its bot: in its own process, or behind a control API, by each transport there is."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from bot_integration import Bot, Snapshot
from bot_integration.clock import utc_now
from bot_integration.control import ControlServer, RemoteBot
from bot_integration.control.socket import ControlSocket
from chatops.adapters.base import Receive
from chatops.adapters.memory import MemoryAdapter
from chatops.messages import Incoming
from tests.flows.platform_chat import PATIENCE_S
from tests.folders import new_folder

NEAR = "near"
#: Every story is told by each of them.
WAYS = (NEAR, "http", "unix", "ndjson")
TOKEN = "flows"


class Way:
    """The way between bots and the desk of one story, open while it is entered."""

    def __init__(self, name: str = NEAR, now: Callable[[], datetime] = utc_now) -> None:
        self.name = name
        self._now = now
        self._ends: list[tuple[Bot, Bot]] = []
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    async def to(self, bot: Bot) -> Bot:
        """The bot as a desk holds it by this way. Where it has said something, that has come through."""
        if self.name == NEAR:
            return bot
        far = await self._opened.enter_async_context(
            RemoteBot(bot.name, await self._serve(bot), self._token, now=self._now)
        )
        self._ends.append((bot, far))
        await self.in_step()
        return far

    async def in_step(self) -> None:
        """Wait until every far end shows what its bot says now. A desk that holds its bot near need not wait."""
        async with asyncio.timeout(PATIENCE_S):
            for near, far in self._ends:
                while not _same(near.snapshot(), far.snapshot()):  # noqa: ASYNC110 - either may change
                    await asyncio.sleep(0.001)

    def before(self, receive: Receive) -> Receive:
        """Whoever writes or presses does so after what the bots said has come through."""

        async def received(incoming: Incoming) -> None:
            await self.in_step()
            await receive(incoming)

        return received

    @property
    def _token(self) -> str | None:
        return None if self.name == "unix" else TOKEN

    async def _serve(self, bot: Bot) -> str:
        server: ControlServer | ControlSocket
        if self.name == "ndjson":
            server = ControlSocket(bot, "127.0.0.1:0", self._token, now=self._now)
        else:
            listen = f"unix:{new_folder() / 'bot.sock'}" if self.name == "unix" else "127.0.0.1:0"
            server = ControlServer(bot, listen=listen, token=self._token)
        await self._opened.enter_async_context(server)
        return server.url


class MemoryChat(MemoryAdapter):
    """The memory platform, on which people act when the desk knows what its bots said."""

    def __init__(self, now: Callable[[], datetime], way: Way, *, platform: str = "memory", menus: bool = False) -> None:
        super().__init__(now, platform=platform, menus=menus)
        self._way = way

    def connect(self, receive: Receive) -> None:
        """Hand what people write and press to `receive` from now on."""
        super().connect(self._way.before(receive))


def _same(near: Snapshot | None, far: Snapshot | None) -> bool:
    """Whether a reader could tell them apart: facts that are said again unchanged are not told again."""
    if near is None or far is None:
        return near is None
    if (near.session_id, near.seq) == (far.session_id, far.seq):
        return True
    told = [one.model_dump(mode="json", exclude={"seq", "at"}) for one in (near, far)]
    return told[0] == told[1]
