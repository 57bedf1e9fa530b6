"""The answer to how the desk itself is."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from chatops.asks import System
from chatops.commands.registry import Asking, Registry, Reply
from chatops.condition import Condition, Stored
from chatops.fleet import Fleet
from chatops.link import Link
from chatops.owed import State
from chatops.probes import LOST_LATELY, SAID_WITHIN_S, judge
from chatops.resident import resident_bytes
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.delivery_facts import oldest_s
from chatops.storage.delivery_search import DeliverySearch
from chatops.storage.errors import DatabaseAway
from chatops.views.format import is_stale
from chatops.views.system import system


class SystemCommands:
    """Looks at the parts of the desk. That one of them does not answer is an answer."""

    def __init__(
        self,
        name: str,
        version: str,
        database: Database,
        aside: Backlog,
        *,
        links: Callable[[], Mapping[str, Link]],
        now: Callable[[], datetime],
        embedded: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`embedded` is whether the database is our own, `aside` has what waits for it on disk."""
        self._name = name
        self._version = version
        self._database = database
        self._embedded = embedded
        self._aside = aside
        self._links = links
        self._now = now
        self._tick = monotonic
        self._began = monotonic()

    def register(self, registry: Registry) -> None:
        """Answer this word."""
        registry.on(System, self.system)

    async def system(self, ask: System, asking: Asking) -> Reply:
        """How the desk is."""
        stored = await self._stored()
        condition = Condition(
            name=self._name,
            version=self._version,
            up=timedelta(seconds=self._tick() - self._began),
            embedded=self._embedded,
            stored=stored,
            aside=self._aside.count,
            links=self._links(),
            heard=self._heard(asking.fleet),
            bots=len(asking.fleet.names),
            memory=resident_bytes(),
        )
        return Reply(system(condition, self._now()))

    def _heard(self, fleet: Fleet) -> int:
        now = self._now()
        return sum(facts is not None and not is_stale(facts.at, now) for _, facts in fleet.snapshots())

    async def _stored(self) -> Stored | str:
        search = DeliverySearch(self._database)
        try:
            async with asyncio.timeout(SAID_WITHIN_S):
                before, began = self._now(), self._tick()
                theirs: datetime = await self._database.fetchval("SELECT clock_timestamp()")
                took = timedelta(seconds=self._tick() - began)
                waiting, lost = await search.waiting(), await search.lost(LOST_LATELY)
        except DatabaseAway as error:
            return str(error)
        except TimeoutError:
            return "PostgreSQL does not answer in time. What is asked meanwhile waits on disk."
        return Stored(
            took=took,
            ahead=before + took / 2 - theirs,
            owed={state: sum(one.count for one in waiting if one.state is state) for state in State},
            oldest=timedelta(seconds=oldest_s(waiting)),
            in_time=judge(waiting, lost).ok,
            lost=lost,
        )
