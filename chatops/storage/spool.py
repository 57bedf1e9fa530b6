"""What must go out while PostgreSQL is away, on disk before it is sent: a line of JSON a fact."""

import logging
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from chatops.guard.audit import moment
from chatops.owed import Owed, State
from chatops.storage.delivery_rows import UNREADABLE, owed_of_json, row_of
from chatops.storage.json_codec import decode_json, encode_json
from chatops.storage.synced_lines import SyncedLines

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SpoolRecord:
    """All that is known on disk of one message."""

    id: UUID
    #: None where the table has it, and only what became of it is here.
    owed: Owed | None = None
    #: When it last began to be sent; None where it was not, or where that try is known to have shown nothing.
    begun_at: datetime | None = None
    attempts: int = 0
    #: How the last try ended; None where that is not known. `PENDING`: it goes again.
    state: State | None = None
    message_id: str | None = None
    reason: str | None = None
    #: When it ended so.
    at: datetime | None = None


class Spool:
    """What is known of each message, a line a fact. Each method returns once the disk has it.

    Raises `OSError` where the disk does not take it.
    """

    def __init__(self, path: Path, sync: Callable[[int], None] = os.fsync) -> None:
        """`sync` has the disk take what an open file, or a directory, holds."""
        self.path = path
        self._lines = SyncedLines(path, sync)

    async def add(self, owed: Owed) -> None:
        """A message that is owed, and not in the table."""
        await self._append({"add": row_of(owed)})

    async def begun(self, delivery: UUID, at: datetime) -> None:
        """It is being sent from now on."""
        await self._append({"begun": str(delivery), "at": moment(at)})

    async def result(self, delivery: UUID, state: State, said: str, at: datetime) -> None:
        """How it ended. `said` is the message's id on the platform with `SENT`, the reason with any other state."""
        await self._append({"result": str(delivery), "state": state, "said": said, "at": moment(at)})

    async def read(self) -> list[SpoolRecord]:
        """What is on disk, in the order in which it came.

        What cannot be read is kept in a file beside it (`.bad`) and logged; it never stops the rest.
        """
        records: dict[UUID, SpoolRecord] = {}
        bad: list[bytes] = []
        for line in await self._lines.read():
            try:
                record = _after(records, decode_json(line))
            except UNREADABLE:
                bad.append(line)
            else:
                records[record.id] = record
        if bad:
            aside = self._lines.aside.name
            log.error("%s lines of %s cannot be read and are kept in %s", len(bad), self.path.name, aside)
            await self._lines.keep_aside(bad)
        return list(records.values())

    async def clear(self, refused: Collection[UUID] = ()) -> None:
        """Forget it all: the table has it. What it `refused` is kept in the file beside it (`.bad`)."""
        if refused:
            log.error("%s messages that the table refuses are kept in %s", len(refused), self._lines.aside.name)
            await self._lines.keep_aside([line for line in await self._lines.read() if _id_of(line) in refused])
        await self._lines.clear()

    async def _append(self, fact: Mapping[str, Any]) -> None:
        await self._lines.append(encode_json(fact))


def _after(records: Mapping[UUID, SpoolRecord], fact: Any) -> SpoolRecord:
    """The record that a fact is of, with it."""
    if "add" in fact:
        owed = owed_of_json(fact["add"])
        return replace(records.get(owed.id, SpoolRecord(owed.id)), owed=owed)
    id_ = UUID(fact["begun"] if "begun" in fact else fact["result"])
    at = datetime.fromisoformat(fact["at"])
    record = records.get(id_, SpoolRecord(id_))
    if "begun" in fact:
        return replace(record, begun_at=at, attempts=record.attempts + 1, state=None, reason=None)
    state, said = State(fact["state"]), str(fact["said"])
    if state is State.SENT:
        return replace(record, state=state, message_id=said, reason=None, at=at)
    begun_at = None if state is State.PENDING else record.begun_at
    return replace(record, state=state, reason=said, begun_at=begun_at, at=at)


def _id_of(line: bytes) -> UUID | None:
    """Of which message a line tells; None where it cannot be read."""
    try:
        return _after({}, decode_json(line)).id
    except UNREADABLE:
        return None
