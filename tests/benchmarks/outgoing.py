"""An outbox as the desk has it, in this process: on a real PostgreSQL that syncs, to the platform in another one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.severity import Severity
from chatops.adapters.base import Pace
from chatops.adapters.telegram.adapter import TelegramAdapter
from chatops.adapters.telegram.inbound import PLATFORM
from chatops.ids import uuid7
from chatops.messages import Incoming, Message, Paragraph, Table
from chatops.outbox import Outbox
from chatops.owed import Kind
from chatops.people import Directory
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.inbox import Inbox
from chatops.storage.spool import Spool
from chatops.storage.wakeup import DELIVERIES, Wakeup
from chatops.tasks import running
from tests.benchmarks.platform import Platform

#: A message that is not gone by then is lost.
PATIENCE_S = 60.0
_BODY = (
    Paragraph("SOL-PERP on drift: health factor 0.148, below 0.150 for 20 s.", bold=True),
    Table(("leg      size      mark     room", "long    1,204   141.32    0.148", "short  -1,204   141.35    1.900")),
    Paragraph("Add 4,000 USDC, or close a third of it."),
)


class Unlimited(TelegramAdapter):
    """Telegram, as if it took whatever comes."""

    @property
    def pace(self) -> Pace:
        """None at all."""
        return Pace()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The outbox, and the way out that it uses."""

    outbox: Outbox
    adapter: TelegramAdapter

    @classmethod
    @asynccontextmanager
    async def open(
        cls, platform: Platform, bot: str, database: Database, folder: Path, *, limited: bool
    ) -> AsyncIterator["Outgoing"]:
        """As the desk opens it, until the block ends."""
        access = platform.access(bot)
        kind = TelegramAdapter if limited else Unlimited
        adapter = kind(access.token, Inbox(database), Directory(()), now=_now, base_url=access.base_url)
        outbox = Outbox(
            [adapter],
            Deliveries(database, uuid7()),
            Spool(folder / f"{bot}.spool"),
            now=_now,
            confirm_within=timedelta(seconds=60),
        )
        async with AsyncExitStack() as stack:
            stack.push_async_callback(adapter.close)
            await adapter.start(_heed_nobody)
            await stack.enter_async_context(outbox.open())
            listening = Wakeup(database.url).run({DELIVERIES: outbox.wake})
            await stack.enter_async_context(running(listening, "listening for what is owed"))
            yield cls(outbox, adapter)

    async def owe(self, name: str, person: int, severity: Severity) -> None:
        """Owe an alert, and wait until it is out."""
        owed = await self.outbox.owe(alert(name), room_of(person), kind=Kind.ALERT, severity=severity)
        if await self.outbox.gone(owed, PATIENCE_S) is None:
            raise TimeoutError(f"the alert {name} is not out within {PATIENCE_S:g} s")


def alert(name: str) -> Message:
    """An alert of the usual length, to be found again by its name."""
    return Message(f"{name}: health of SOL-PERP is low", _BODY)


def room_of(person: int) -> Room:
    """The private chat of a person."""
    return Room(PLATFORM, str(person))


def _now() -> datetime:
    return datetime.now(UTC)


async def _heed_nobody(incoming: Incoming) -> None:
    """Nobody writes here."""
