"""Alerts that go on while PostgreSQL is away: their steps wait on disk, and are carried in, in order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from alerts.model import Advance, Alert
from alerts.silence import Silence
from alerts.store import Open
from chatops.guard.presses import StoredPress
from chatops.owed import Owed
from chatops.storage.alert_carrying import waiting_steps
from chatops.storage.alert_rows import Carriers
from chatops.storage.alerts import NOBODY, AlertTables, Steps
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.delivery_rows import press_row_of
from chatops.storage.errors import DatabaseAway

ValueT = TypeVar("ValueT")

_AWAY = "PostgreSQL was away just now."


class OweBy(Protocol):
    """Who sends what is owed, wherever that can be kept."""

    async def __call__(
        self,
        owed: Sequence[Owed],
        storing: Callable[[], Awaitable[ValueT]],
        aside: Callable[[], Awaitable[None]],
    ) -> ValueT | None:
        """Have messages stored by `storing`; None where the database is away, and they are kept after `aside` was."""
        ...


class LastingAlerts:
    """Alerts in PostgreSQL, and beside it while that is away.

    The backlog is the ledger's too: whoever finds the database away tells everybody, and what waits is carried in its
    order, before the messages. A disk that takes nothing stops no alarm: the steps are in memory alone then.
    """

    def __init__(
        self, database: Database, backlog: Backlog, *, carry: Callable[[], Awaitable[None]], owe_by: OweBy
    ) -> None:
        """`carry` brings what waits in the backlog into the database. `owe_by` has messages stored, and sent."""
        self._tables = AlertTables(database)
        self._backlog = backlog
        self._carry = carry
        self._owe_by = owe_by
        #: A step that overtook another of its alert would be refused.
        self._in_turn = asyncio.Lock()

    async def take_over(self) -> int:
        """Be the worker from now on, after what the last one had to leave on disk is stored. Raises `DatabaseAway`."""
        await self._carry()
        return await self._asked(self._tables.take_over)

    async def load(self) -> list[Open]:
        """All that stand, and what is resolved and not told so everywhere, oldest first. Raises `DatabaseAway`."""
        return await self._asked(self._tables.load)

    async def last_number(self) -> int:
        """The highest number that an alert ever had; 0 where there was none. Raises `DatabaseAway`."""
        return await self._asked(self._tables.last_number)

    async def silences(self) -> list[Silence]:
        """Those in force and to come. Raises `DatabaseAway`."""
        return await self._asked(self._tables.silences)

    async def advance(
        self,
        fence: int,
        advances: Sequence[Advance],
        owed: Sequence[Owed] = (),
        minted: Sequence[StoredPress] = (),
        carriers: Carriers = NOBODY,
    ) -> dict[UUID, Alert]:
        """Store these steps with what they owe, or keep them on disk while the database is away; the messages go out.

        Gives the alerts as they stand now, by the id that was handed in; while it is away as they were handed in.
        A worker that could not take over yet has the fence 0. Raises `Overtaken`, and then nothing is owed. Without
        `advances` it says whether we are still the worker, and raises `DatabaseAway`.
        """
        steps = Steps(advances, owed, [press_row_of(press) for press in minted], carriers)
        given = {one.alert.id: one.alert for one in advances}

        async def storing() -> dict[UUID, Alert]:
            return await self._asked(lambda: self._tables.store(fence, steps))

        async def aside() -> None:
            # Whoever sends may wait for something else, and the database be there.
            try:
                given.update(await storing())
            except DatabaseAway:
                await self._backlog.add(waiting_steps(fence, steps), anyhow=True)

        if not advances:
            return await storing()
        async with self._in_turn:
            stored = await self._owe_by(owed, storing, aside)
        return given if stored is None else stored

    async def _asked(self, ask: Callable[[], Awaitable[ValueT]]) -> ValueT:
        if not self._backlog.is_here:
            raise DatabaseAway(_AWAY)
        try:
            return await ask()
        except DatabaseAway as error:
            self._backlog.lost(error)
            raise
