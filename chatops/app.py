"""The composition root: everything is made here, from the ground up, and closed in the opposite order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from chatops.adapters.base import Adapter
from chatops.adapters.telegram.adapter import TelegramAdapter
from chatops.adapters.telegram.link import Away
from chatops.bots import open_bot
from chatops.desk import Desk, build_desk
from chatops.fleet import Fleet
from chatops.gateway import Patience
from chatops.health import HealthServer, Probe
from chatops.people import Directory
from chatops.settings import Settings
from chatops.storage.claim import claim
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres, visiting
from chatops.storage.errors import DataDirInUse, StorageError
from chatops.storage.inbox import Inbox
from chatops.tasks import running
from chatops.views.format import span

log = logging.getLogger(__name__)

#: Buttons older than this are forgotten at a start; pressed, they are answered as unknown.
BUTTONS_LAST = timedelta(days=30)


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Open:
    """A desk that runs."""

    desk: Desk
    fleet: Fleet
    database: Database
    telegram: TelegramAdapter | None


@asynccontextmanager
async def open_database(settings: Settings, *, beside: bool = False) -> AsyncIterator[Database]:
    """The database of the settings or the embedded one, in its newest shape.

    With `beside`, that of a desk which runs already is opened too, and left running.
    """
    async with AsyncExitStack() as stack:
        if settings.database.url is not None:
            url = settings.database.url.get_secret_value()
        else:
            url = await _open_embedded(stack, settings.desk.data_dir, beside)
        database = await stack.enter_async_context(Database.open(url))
        await database.migrate()
        yield database


async def _open_embedded(stack: AsyncExitStack, data_dir: Path, beside: bool) -> str:
    postgres = EmbeddedPostgres(data_dir)
    try:
        url = await stack.enter_async_context(postgres)
    except DataDirInUse:
        if not beside:
            raise
        return stack.enter_context(visiting(data_dir))
    await stack.enter_async_context(running(postgres.keep(), "the embedded PostgreSQL"))
    return url


@asynccontextmanager
async def open_desk(
    settings: Settings,
    *,
    directory: Directory | None = None,
    faces: Sequence[Adapter] = (),
    health: bool = True,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Open]:
    """Everything that the settings name, running until the block ends.

    `faces` are adapters that somebody else runs, such as the terminal of the demo; `directory` goes before the people
    of the settings. Without `health` nothing listens.
    """
    directory = directory or settings.directory()
    patience = Patience(settings.confirm.confirm, settings.confirm.stale)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        await stack.enter_async_context(claim(database))
        bots = [await stack.enter_async_context(open_bot(bot, now)) for bot in settings.bots]
        fleet = Fleet(bots)
        telegram = None
        if settings.telegram is not None:
            telegram = TelegramAdapter(
                settings.telegram.token.get_secret_value(),
                Inbox(database),
                directory,
                now=now,
                base_url=settings.telegram.base_url,
                stale_after=patience.stale,
            )
        desk = build_desk(
            name=settings.desk.name,
            version=version("quarterdeck"),
            database=database,
            fleet=fleet,
            directory=directory,
            adapters=[*faces, *([telegram] if telegram else [])],
            now=now,
            patience=patience,
        )
        await desk.ledger.forget_presses(now() - BUTTONS_LAST)
        leftover = await desk.settling.take_stock()
        if telegram is not None:
            stack.push_async_callback(telegram.close)
            await telegram.start(desk.gateway.receive)
        await stack.enter_async_context(running(desk.settling.settle(leftover), "settling"))
        await stack.enter_async_context(running(desk.settling.expire_for_ever(patience.confirm), "expiring"))
        opened = Open(desk, fleet, database, telegram)
        if health:
            probes = {
                "database": lambda: _database_probe(database),
                "bots": lambda: _bots_probe(fleet, now),
                **({"telegram": lambda: _telegram_probe(telegram, now)} if telegram else {}),
            }
            await stack.enter_async_context(HealthServer(settings.http.listen, probes))
        yield opened


async def run(settings: Settings) -> None:
    """Run the desk until cancelled."""
    async with open_desk(settings) as opened:
        log.info("the desk %s is open: bots %s", settings.desk.name, ", ".join(opened.fleet.names) or "none")
        try:
            await asyncio.Event().wait()
        finally:
            log.info("the desk %s closes", settings.desk.name)


async def _database_probe(database: Database) -> Probe:
    try:
        await database.fetchval("SELECT 1")
    except StorageError as error:
        return Probe(False, str(error))
    return Probe(True, "answers")


async def _telegram_probe(telegram: TelegramAdapter, now: Callable[[], datetime]) -> Probe:
    link = telegram.state
    since = span(now() - link.since)
    if isinstance(link, Away):
        return Probe(False, f"away for {since}: {link.reason}")
    return Probe(True, f"connected for {since}")


async def _bots_probe(fleet: Fleet, now: Callable[[], datetime]) -> Probe:
    # A bot that is away must not have its gateway restarted: that is told, and no reason to be called unready.
    said = [
        f"{bot.name}: {span(now() - snapshot.at)} old" if snapshot else f"{bot.name}: nothing heard yet"
        for bot, snapshot in fleet.snapshots()
    ]
    return Probe(True, "; ".join(said) or "none", required=False)
