"""What must go out while PostgreSQL is away, on disk before it is sent: a line of JSON a fact."""

import asyncio
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
    """A file that is only appended to until it is cleared. Each method returns once the disk has it.

    Raises `OSError` where the disk does not take it.
    """

    def __init__(self, path: Path, sync: Callable[[int], None] = os.fsync) -> None:
        """`sync` has the disk take what an open file, or a directory, holds."""
        self.path = path
        self._sync = sync
        self._lock = asyncio.Lock()

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
        async with self._lock:
            return await asyncio.to_thread(self._read)

    async def clear(self, refused: Collection[UUID] = ()) -> None:
        """Forget it all: the table has it. What it `refused` is kept in the file beside it (`.bad`)."""
        async with self._lock:
            await asyncio.to_thread(self._clear, frozenset(refused))

    async def _append(self, fact: Mapping[str, Any]) -> None:
        line = encode_json(fact) + b"\n"
        async with self._lock:
            # Cancelled, it would go on in its thread without the lock, into the line of the next.
            writing = asyncio.ensure_future(asyncio.to_thread(self._write, line))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await asyncio.wait([writing])
                raise

    def _write(self, line: bytes) -> None:
        is_new = not self.path.exists()
        if is_new:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            end = os.fstat(file).st_size
            if end and os.pread(file, 1, end - 1) != b"\n":
                # The line before was torn by a kill: it must not take this one with it.
                line = b"\n" + line
            while line:
                line = line[os.write(file, line) :]
            self._sync(file)
        finally:
            os.close(file)
        if is_new:
            _sync_directory(self.path.parent, self._sync)

    def _read(self) -> list[SpoolRecord]:
        if not self.path.exists():
            return []
        *lines, rest = self.path.read_bytes().split(b"\n")
        if rest:
            log.warning("the last line of %s is torn and left out: %s bytes", self.path.name, len(rest))
        records: dict[UUID, SpoolRecord] = {}
        bad: list[bytes] = []
        for line in lines:
            try:
                record = _after(records, decode_json(line))
            except UNREADABLE:
                bad.append(line)
            else:
                records[record.id] = record
        if bad:
            log.error("%s lines of %s cannot be read and are kept in %s", len(bad), self.path.name, self._aside.name)
            self._keep_aside(bad)
        return list(records.values())

    @property
    def _aside(self) -> Path:
        return self.path.with_name(f"{self.path.name}.bad")

    def _keep_aside(self, lines: list[bytes]) -> None:
        file = os.open(self._aside, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(file, "r+b") as stream:
            kept = set(stream.read().split(b"\n"))
            stream.write(b"".join(line + b"\n" for line in lines if line not in kept))
            stream.flush()
            self._sync(stream.fileno())

    def _clear(self, refused: Collection[UUID]) -> None:
        if not self.path.exists():
            return
        if refused:
            log.error("%s messages that the table refuses are kept in %s", len(refused), self._aside.name)
            self._keep_aside([line for line in self.path.read_bytes().split(b"\n") if _id_of(line) in refused])
        with self.path.open("r+b") as stream:
            stream.truncate(0)
            self._sync(stream.fileno())


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


def _sync_directory(path: Path, sync: Callable[[int], None]) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(directory)
    finally:
        os.close(directory)
