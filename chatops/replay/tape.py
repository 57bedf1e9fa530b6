"""Where a replay is read from: the database, or the file of a session."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol

from chatops.history.port import Reading
from chatops.history.rows import Kept, Run
from chatops.history.walking import AT_ONCE, span_of, walked
from chatops.money.spans import Span
from chatops.storage.sessions.file import NotASession, read_session
from chatops.storage.sessions.lines import Opening


class Tape(Protocol):
    """A session that can be walked from any moment on."""

    @property
    def run(self) -> Run:
        """Which it is."""
        ...

    def kept(self, begins: datetime | None) -> AsyncIterator[Kept]:
        """Its snapshots from a moment on, oldest first. Raises `StorageError`."""
        ...


class StoredTape:
    """One of the database."""

    def __init__(self, history: Reading, run: Run) -> None:
        self._history = history
        self._run = run

    @property
    def run(self) -> Run:
        """Which it is."""
        return self._run

    async def kept(self, begins: datetime | None) -> AsyncIterator[Kept]:
        """Its snapshots from a moment on."""
        span = span_of(self._run)
        starts = max(begins or span.start, span.start)
        if starts < span.end:
            async for one in walked(self._history, self._run.session_id, Span(starts, span.end)):
                yield one


class FileTape:
    """One of a file. What is wrong with it is known when its line comes."""

    def __init__(self, path: Path) -> None:
        """Reads where it begins; raises `NotASession` and `OSError`."""
        self._path = path
        head = list(islice(read_session(path), 2))
        if len(head) < 2 or not isinstance(head[0], Opening) or not isinstance(head[1], Run):
            raise NotASession(f"{path} line 2: after its head stands the run.")
        self._run = head[1]

    @property
    def run(self) -> Run:
        """Which it is."""
        return self._run

    async def kept(self, begins: datetime | None) -> AsyncIterator[Kept]:
        """Its snapshots from a moment on."""
        facts = (said for said in read_session(self._path) if isinstance(said, Kept))
        while some := await asyncio.to_thread(lambda: list(islice(facts, AT_ONCE))):
            for one in some:
                if begins is None or one.snapshot.at >= begins:
                    yield one
