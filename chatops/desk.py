"""The desk: gateway, outbox and settling, joined over one database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chatops.adapters.base import Adapter
from chatops.asks import ASKS
from chatops.commands.people import PeopleCommands
from chatops.commands.registry import Registry
from chatops.commands.trading import TradingCommands
from chatops.commands.watching import WatchingCommands
from chatops.fleet import Fleet
from chatops.gateway import Gateway, Patience
from chatops.outbox import Outbox
from chatops.people import Directory
from chatops.settling import Settling
from chatops.storage.database import Database
from chatops.storage.ledger import PostgresLedger


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that answers people."""

    gateway: Gateway
    outbox: Outbox
    settling: Settling
    ledger: PostgresLedger


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
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Desk:
    """Join the parts, from the ground up. Nothing runs yet."""
    ledger = PostgresLedger(database)
    outbox = Outbox(adapters, ledger, now, patience.confirm, sleep)
    registry = Registry()
    WatchingCommands(fleet, now).register(registry)
    TradingCommands(fleet).register(registry)
    PeopleCommands(name, version).register(registry)
    if missing := registry.missing(ASKS):
        raise ValueError(f"nobody answers {', '.join(kind.word for kind in missing)}")
    gateway = Gateway(
        directory=directory,
        fleet=fleet,
        registry=registry,
        presses=ledger,
        ledger=ledger,
        outbox=outbox,
        now=now,
        patience=patience,
    )
    settling = Settling(left=ledger, ledger=ledger, fleet=fleet, outbox=outbox, now=now)
    return Desk(gateway, outbox, settling, ledger)
