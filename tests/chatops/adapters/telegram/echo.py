"""Stands where the gateway will: repeats what was written, and edits what was pressed on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chatops.adapters.base import Part, SendError
from chatops.adapters.telegram.adapter import TelegramAdapter
from chatops.link import Connected
from chatops.messages import Incoming, Key, Message, Posting, Press, Receipt, Text
from chatops.people import Directory, Principal
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox, Unhandled
from tests.servers.common.bell import Bell
from tests.servers.telegram import TelegramServer

PATIENCE_S = 30.0


class Clock:
    """A moment that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Patience:
    """A `sleep` that lasts until a test ends it."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._bell = Bell()
        self._over = 0

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        mine = len(self.asked)
        self._bell.ring()
        await self._bell.until(lambda: self._over >= mine, None)

    async def until_asked(self, times: int = 1) -> None:
        """Wait until it was asked to sleep so often."""
        assert await self._bell.until(lambda: len(self.asked) >= times, PATIENCE_S)

    def end(self) -> None:
        """Whoever sleeps wakes up."""
        self._over = len(self.asked)
        self._bell.ring()


class TappedInbox(Inbox):
    """The real one, which tells what was done with it, and dies on order."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.bell = Bell()
        self.notes: dict[UUID, str | None] = {}
        #: Called before and after a batch is stored; it may raise, or never return.
        self.before_store: Callable[[], Awaitable[None]] = _go_on
        self.after_store: Callable[[], Awaitable[None]] = _go_on
        #: Called before what came unstored is stored by itself; it may raise.
        self.before_keep: Callable[[], Awaitable[object]] = _go_on
        #: Called before what was left over is read.
        self.before_unhandled: Callable[[], Awaitable[object]] = _go_on
        self._is_dead = False

    async def die(self) -> None:
        """Never come back."""
        self._is_dead = True
        self.bell.ring()
        await asyncio.Event().wait()

    async def until_dead(self) -> None:
        """Wait until somebody has died here."""
        assert await self.bell.until(lambda: self._is_dead, PATIENCE_S)

    async def store(self, platform: str, updates: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Receipt | None]:
        await self.before_store()
        receipts = await super().store(platform, updates)
        await self.after_store()
        return receipts

    async def keep(self, receipts: Iterable[Receipt]) -> None:
        await self.before_keep()
        await super().keep(receipts)

    async def unhandled(self, platform: str) -> list[Unhandled]:
        await self.before_unhandled()
        return await super().unhandled(platform)

    async def done(self, receipt: Receipt, note: str | None = None) -> None:
        await super().done(receipt, note)
        self.notes[receipt.command_id] = note
        self.bell.ring()

    async def until_done(self, count: int) -> list[str | None]:
        """Wait until so many updates are done; gives their notes in the order in which they came."""
        assert await self.bell.until(lambda: len(self.notes) >= count, PATIENCE_S)
        return [self.notes[command_id] for command_id in sorted(self.notes)]


class Echo:
    """An adapter with somebody behind it."""

    def __init__(
        self, server: TelegramServer, adapter: TelegramAdapter, inbox: TappedInbox, patience: Patience
    ) -> None:
        self.server = server
        self.adapter = adapter
        self.inbox = inbox
        self.patience = patience
        self.came: list[Incoming] = []
        self.bell = Bell()
        #: While it is cleared nothing that came is handled.
        self.is_awake = asyncio.Event()
        self.is_awake.set()

    @property
    def is_connected(self) -> bool:
        """Whether the adapter says that the platform answers."""
        return isinstance(self.adapter.state, Connected)

    async def receive(self, incoming: Incoming) -> None:
        """Answer, then say that it is done."""
        self.came.append(incoming)
        self.bell.ring()
        await self.is_awake.wait()
        if isinstance(incoming, Text):
            posting = Posting(Message(incoming.text), ((Key("Press", f"token {incoming.text}"[:64]),),))
            await self.adapter.send(incoming.room, posting)
        elif isinstance(incoming, Press):
            posting = Posting(Message(f"pressed {incoming.token}"))
            try:
                await self.adapter.edit(incoming.room, incoming.message_id, posting)
            except SendError as error:
                if error.without is not Part.CARD:
                    raise
                await self.adapter.send(incoming.room, posting)
        assert incoming.receipt is not None
        await self.inbox.done(incoming.receipt)

    async def until_polling(self) -> None:
        """Wait until a poll waits at the platform: what comes now is handed over at once."""
        await self.server.wait_for(lambda: self.server.updates.is_polled and self.server.calls_of("getUpdates")[1:])

    async def until_came(self, count: int) -> None:
        """Wait until so much has come."""
        assert await self.bell.until(lambda: len(self.came) >= count, PATIENCE_S), self.came


@asynccontextmanager
async def listening(
    server: TelegramServer,
    database: Database,
    *,
    people: Sequence[Principal] = (),
    directory: Directory | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    prepare: Callable[[Echo], None] = lambda _: None,
    wait_s: int = 25,
    **others: Any,
) -> AsyncIterator[Echo]:
    """An echo that listens until the block ends. `others` are the adapter's own."""
    inbox, patience = TappedInbox(database), Patience()
    adapter = TelegramAdapter(
        server.token,
        inbox,
        directory or Directory(people),
        base_url=server.base_url,
        now=now,
        sleep=patience.sleep,
        jitter=lambda: 0.0,
        wait_s=wait_s,
        **others,
    )
    echo = Echo(server, adapter, inbox, patience)
    prepare(echo)
    await adapter.start(echo.receive)
    try:
        yield echo
    finally:
        await adapter.close()


async def _go_on() -> None:
    return
