"""The inbox that takes updates while PostgreSQL is away, too: they wait on disk, and are handled all the same."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from chatops.arrival import Arrival
from chatops.ids import uuid7
from chatops.messages import Receipt
from chatops.storage.backlog import Backlog
from chatops.storage.backlog_rows import waiting_end, waiting_updates
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway, DiskRefuses
from chatops.storage.inbox import Inbox, Unhandled, held_by_jsonb

log = logging.getLogger(__name__)


class LastingInbox(Inbox):
    """Raises `DatabaseAway` only from `unhandled`, and `DiskRefuses` where neither the database nor the disk takes it.

    What was handed over before, in this run and not too long ago, is known by its id while the database is away.
    """

    def __init__(self, database: Database, backlog: Backlog) -> None:
        super().__init__(database)
        self._backlog = backlog
        #: What nobody has taken yet, though it is being handled.
        self._unkept: list[Receipt] = []

    async def store(self, platform: str, updates: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Receipt | None]:
        """As `Inbox` has it. What is on disk alone comes with its arrival, stored.

        Where the disk refuses it too it comes unstored, once: it can be handled, and not be confirmed.
        """
        command_ids = [uuid7() for _ in updates]
        if self._backlog.is_here:
            try:
                stored = await self._store(platform, updates, command_ids)
            except DatabaseAway as error:
                # It may be stored all the same: then as the same ask.
                self._backlog.lost(error)
            else:
                for (update_id, payload), receipt in zip(updates, stored, strict=True):
                    if receipt is not None:
                        self._backlog.is_first(_unstored(platform, update_id, payload, receipt.command_id))
                return stored
        came = [
            _unstored(platform, update_id, payload, command_id)
            for (update_id, payload), command_id in zip(updates, command_ids, strict=True)
        ]
        new = [receipt if self._backlog.is_first(receipt) else None for receipt in came]
        try:
            await self.keep([*self._unkept, *(receipt for receipt in new if receipt is not None)])
        except DiskRefuses as error:
            if not any(new):
                raise
            log.error("what came is handled, and on no disk: %s", error)  # noqa: TRY400 - foreseen
        return list(new)

    async def keep(self, receipts: Iterable[Receipt]) -> None:
        """Store what came with these and is not stored yet, or have it on disk."""
        missing = [one for one in receipts if one.arrival is not None and not one.arrival.stored.is_set()]
        if not missing:
            return
        if self._backlog.is_here:
            try:
                await super().keep(missing)
            except DatabaseAway as error:
                self._backlog.lost(error)
        if any(not _is_stored(one) for one in missing):
            self._unkept = missing
            await self._backlog.add(waiting_updates([_storable(one) for one in missing]))
            for one in missing:
                _set_stored(one)
        self._unkept = []

    async def done(self, receipt: Receipt, note: str | None = None) -> None:
        """It is handled, or passed over for the reason in `note`. Done twice, the first time counts."""
        if self._backlog.is_here:
            try:
                await super().done(receipt, note)
            except DatabaseAway as error:
                self._backlog.lost(error)
            else:
                return
        self._backlog.is_first(receipt)
        await self._backlog.add(waiting_end(_storable(receipt), note))
        _set_stored(receipt)

    async def leave(self, receipt: Receipt, note: str) -> None:
        """As `Inbox` has it. What is left while the database is away is not new where it comes again."""
        if self._backlog.is_here:
            try:
                await super().leave(receipt, note)
            except DatabaseAway as error:
                self._backlog.lost(error)
            else:
                return
        await self.done(receipt, note)

    async def unhandled(self, platform: str) -> list[Unhandled]:
        """What is stored and not done. Raises `DatabaseAway`, also before what is on disk is carried."""
        if not self._backlog.is_here:
            raise DatabaseAway("PostgreSQL was away just now.")
        try:
            return await super().unhandled(platform)
        except DatabaseAway as error:
            self._backlog.lost(error)
            raise


def _unstored(platform: str, update_id: str, payload: Mapping[str, Any], command_id: UUID) -> Receipt:
    return Receipt(None, command_id, Arrival(platform, update_id, payload))


def _storable(receipt: Receipt) -> Receipt:
    arrival = receipt.arrival
    if arrival is None:
        return receipt
    held = Arrival(arrival.platform, arrival.update_id, held_by_jsonb(arrival.payload))
    return Receipt(receipt.inbox_id, receipt.command_id, held)


def _is_stored(receipt: Receipt) -> bool:
    return receipt.arrival is None or receipt.arrival.stored.is_set()


def _set_stored(receipt: Receipt) -> None:
    if receipt.arrival is not None:
        receipt.arrival.stored.set()
