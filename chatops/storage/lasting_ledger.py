"""The ledger that takes entries while PostgreSQL is away, too: they wait on disk, and are carried in, in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from chatops.guard.presses import StoredPress
from chatops.ledger import Aside, Entry, Recorded, Unsettled
from chatops.messages import Receipt
from chatops.recollection import Recollection
from chatops.room import Room
from chatops.storage.backlog import Backlog
from chatops.storage.backlog_rows import carry_row, waiting_entry
from chatops.storage.database import Database
from chatops.storage.entry_rows import Row
from chatops.storage.errors import DatabaseAway
from chatops.storage.lasting_inbox import LastingInbox
from chatops.storage.ledger import PostgresLedger, Stored
from chatops.words import OURS

SaidT = TypeVar("SaidT")

_AWAY = "PostgreSQL was away just now. Ask again in a minute."


class LastingLedger:
    """A `Ledger` and the `Presses` over PostgreSQL, with what it has seen of them in memory.

    Where the database fails an entry goes aside, unless it may not (`Entry.aside`). Whether the database has it too is
    not known then: carried in later, it is there once. Entries of one ask go one after the other.
    """

    def __init__(
        self,
        database: Database,
        sender: UUID,
        backlog: Backlog,
        stored: Stored = OURS.stored,
        *,
        redact: Callable[[Entry], Entry] = lambda entry: entry,
    ) -> None:
        """`sender` is who sends what an entry owes: as `Deliveries` has it. `redact` takes secrets out of entries."""
        self._redact = redact
        self._database = database
        self._sender = sender
        self._postgres = PostgresLedger(database, sender, stored)
        self._backlog = backlog
        self._inbox = LastingInbox(database, backlog)
        self._seen = Recollection()
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @property
    def is_here(self) -> bool:
        """Whether the database is there, as far as we know; else entries go aside."""
        return self._backlog.is_here

    def lost(self, error: object) -> None:
        """Somebody else found the database away, for this reason."""
        self._backlog.lost(error)

    def knows(self, command_id: UUID) -> bool:
        """Whether this was asked here, as far as it remembers."""
        return self._seen.knows(command_id)

    def remember(self, minted: Iterable[StoredPress]) -> None:
        """These buttons were shown, and are stored by somebody else."""
        self._seen.remember(minted)

    def people_changed(self) -> None:
        """What somebody who was revoked had open ends in the database alone: of what waits that knows, and not we."""
        self._seen.forget_waiting()

    def when_lost(self, told: Callable[[], None]) -> None:
        """Have it called each time that the database goes away."""
        self._backlog.when_lost(told)

    async def carry(self) -> None:
        """Bring what waits on disk into the database; then it is here. Raises `DatabaseAway`."""
        if not self._backlog.is_here:
            # Nothing may wait, and then nothing else would be asked of it.
            await self._database.fetchval("SELECT seq FROM command_chain")
            await self._backlog.carry(self._carry)

    async def record(self, entry: Entry) -> Recorded:
        """Write it all, or nothing; where the database is away on disk."""
        entry = self._redact(entry)
        async with self._alone(entry.steps[0].command_id):
            if self._backlog.is_here:
                try:
                    return self._noted(entry, await self._postgres.record(entry))
                except DatabaseAway as error:
                    self._backlog.lost(error)
            return await self._set_aside(entry)

    async def find(self, token: str) -> StoredPress | None:
        """The row behind a button. Raises `DatabaseAway` where that is away, and it is not remembered."""
        if self._backlog.is_here:
            try:
                return await self._postgres.find(token)
            except DatabaseAway as error:
                self._backlog.lost(error)
        found = self._seen.find(token)
        if found is None:
            raise DatabaseAway(_AWAY)
        return found

    async def find_reply(self, room: Room, message_id: str) -> StoredPress | None:
        """The row that waits for a reply to this message; while the database is away it is read as any other text."""
        if self._backlog.is_here:
            try:
                return await self._postgres.find_reply(room, message_id)
            except DatabaseAway as error:
                self._backlog.lost(error)
        return None

    async def awaited_in(self, room: Room, person: str, now: datetime) -> StoredPress | None:
        """The newest row that waits for this person's reply there; while the database is away nobody is waited for."""
        if self._backlog.is_here:
            try:
                return await self._postgres.awaited_in(room, person, now)
            except DatabaseAway as error:
                self._backlog.lost(error)
        return None

    async def waiting(self, command_id: UUID) -> Unsettled | None:
        """The ask of this id, where it waits for a press or a code. Raises `DatabaseAway` where that is not known."""
        if self._backlog.is_here:
            try:
                return await self._postgres.waiting(command_id)
            except DatabaseAway as error:
                self._backlog.lost(error)
        if not self._seen.knows(command_id):
            raise DatabaseAway(_AWAY)
        return self._seen.waiting(command_id)

    async def waiting_of(self, person: str) -> list[Unsettled]:
        """What this person asked that waits, the newest first; while the database is away, as far as remembered."""
        if self._backlog.is_here:
            try:
                return await self._postgres.waiting_of(person)
            except DatabaseAway as error:
                self._backlog.lost(error)
        return self._seen.waiting_of(person)

    async def unsettled(self) -> list[Unsettled]:
        """What waits or runs, oldest first, with its steps. Raises `DatabaseAway`."""
        return await self._asked(self._postgres.unsettled)

    async def ask_of(self, command_id: UUID) -> Unsettled | None:
        """The ask of this id, however it stands. Raises `DatabaseAway`."""
        return await self._asked(partial(self._postgres.ask_of, command_id))

    async def unknown(self, since: datetime) -> list[Unsettled]:
        """What was asked since then and ended as unknown, oldest first. Raises `DatabaseAway`."""
        return await self._asked(partial(self._postgres.unknown, since))

    async def pass_over(self, receipt: Receipt, note: str) -> None:
        """Call an update handled, though no ask came of it. Raises `DiskRefuses`."""
        await self._inbox.done(receipt, note)

    async def _asked(self, ask: Callable[[], Awaitable[SaidT]]) -> SaidT:
        """What only the database knows."""
        if not self._backlog.is_here:
            raise DatabaseAway(_AWAY)
        try:
            return await ask()
        except DatabaseAway as error:
            self._backlog.lost(error)
            raise

    def _noted(self, entry: Entry, recorded: Recorded) -> Recorded:
        """Remember what the database says of it."""
        if recorded is Recorded.WHOLE:
            self._seen.note(entry)
            if entry.receipt is not None:
                self._backlog.is_first(entry.receipt)
        elif entry.redeems is not None and self._seen.may_redeem(entry.redeems):
            # Somebody else settled it.
            self._seen.forget(entry.redeems.command_id)
        return recorded

    async def _set_aside(self, entry: Entry) -> Recorded:
        if entry.redeems is not None:
            first = self._seen.may_redeem(entry.redeems)
            if first is None:
                raise DatabaseAway(_AWAY)
            if not first:
                return Recorded.BEFORE
        if entry.aside is Aside.REFUSED:
            raise DatabaseAway(_AWAY)
        if entry.receipt is not None and not self._backlog.is_first(entry.receipt):
            return Recorded.BEFORE
        if entry.asked is not None and self._seen.knows(entry.asked.id):
            return Recorded.BEFORE
        is_on_disk = await self._backlog.add(waiting_entry(entry, self._sender), anyhow=entry.aside is Aside.ANYHOW)
        self._seen.note(entry)
        if is_on_disk and entry.receipt is not None and entry.receipt.arrival is not None:
            entry.receipt.arrival.stored.set()
        return Recorded.ASIDE

    async def _carry(self, row: Row) -> bool:
        return await carry_row(self._database, row)

    @asynccontextmanager
    async def _alone(self, command_id: UUID) -> AsyncIterator[None]:
        lock = self._locks.get(command_id)
        if lock is None:
            lock = self._locks[command_id] = asyncio.Lock()
        async with lock:
            yield
