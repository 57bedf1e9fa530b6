"""The desk: gateway, outbox and settling, joined over one database."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chatops.adapters.base import Adapter
from chatops.asks import ASKS
from chatops.commands.people import PeopleCommands
from chatops.commands.preferences import PreferenceCommands
from chatops.commands.registry import Registry
from chatops.commands.trading import TradingCommands
from chatops.commands.watching import WatchingCommands
from chatops.fleet import Fleet
from chatops.gateway import Gateway, Patience
from chatops.guard.permissions import Permissions
from chatops.herald import Herald
from chatops.ids import uuid7
from chatops.notices.kinds import Loudness, NoticeKind
from chatops.outbox import Counted, Moved, Outbox
from chatops.people import Directory
from chatops.pinned import PinnedStatus
from chatops.preferences import Preferences
from chatops.room import Room
from chatops.settling import Settling
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.last_told import PostgresLastTold
from chatops.storage.ledger import PostgresLedger
from chatops.storage.preferences import PostgresPreferences
from chatops.storage.spool import Spool


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that answers people."""

    gateway: Gateway
    outbox: Outbox
    settling: Settling
    ledger: PostgresLedger
    deliveries: Deliveries
    preferences: Preferences
    herald: Herald
    status: PinnedStatus


def build_desk(
    *,
    name: str,
    version: str,
    database: Database,
    fleet: Fleet,
    directory: Directory,
    adapters: Sequence[Adapter],
    now: Callable[[], datetime],
    patience: Patience,
    spool: Path,
    permissions: Permissions | None = None,
    rooms: Sequence[Room] = (),
    notices: Mapping[Room, Mapping[NoticeKind, Loudness]] | None = None,
    counted: Counted = lambda owed, state: None,
    moved: Moved = lambda platform, old, new: None,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Desk:
    """Join the parts, from the ground up. Nothing runs yet.

    `spool` is the file for what is owed while the database is away; `rooms` are told when a platform is,
    and those of `notices` what happens in the bots.
    """
    # What is on its way belongs to this run of the program: another one finds it abandoned.
    sender = uuid7()
    permissions = permissions or Permissions()
    ledger = PostgresLedger(database, sender)
    deliveries = Deliveries(database, sender)
    preferences = Preferences(PostgresPreferences(database), notices or {})

    def both_moved(platform: str, old: str, new: str) -> None:
        preferences.moved(platform, old, new)
        moved(platform, old, new)

    outbox = Outbox(
        adapters,
        deliveries,
        Spool(spool),
        now=now,
        confirm_within=patience.confirm,
        rooms=rooms,
        monotonic=monotonic,
        sleep=sleep,
        counted=counted,
        moved=both_moved,
    )
    registry = Registry()
    WatchingCommands(fleet, now).register(registry)
    TradingCommands(fleet, permissions).register(registry)
    PeopleCommands(name, version, permissions).register(registry)
    status = PinnedStatus(fleet, outbox, adapters, preferences, now=now, sleep=sleep)
    PreferenceCommands(preferences, status, permissions).register(registry)
    herald = Herald(fleet, outbox, preferences, now=now, sleep=sleep, memory=PostgresLastTold(database))
    if missing := registry.missing(ASKS):
        raise ValueError(f"nobody answers {', '.join(kind.word for kind in missing)}")
    gateway = Gateway(
        directory=directory,
        fleet=fleet,
        registry=registry,
        presses=ledger,
        ledger=ledger,
        outbox=outbox,
        permissions=permissions,
        now=now,
        patience=patience,
        used=herald.used,
    )
    settling = Settling(left=ledger, ledger=ledger, fleet=fleet, outbox=outbox, now=now)
    return Desk(gateway, outbox, settling, ledger, deliveries, preferences, herald, status)
