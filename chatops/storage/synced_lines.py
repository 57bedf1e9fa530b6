"""A file of lines that is only appended to until it is cleared, each on disk before it counts."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)


class SyncedLines:
    """Each method returns once the disk has it. Raises `OSError` where the disk does not take it, or give it."""

    def __init__(self, path: Path, sync: Callable[[int], None] = os.fsync) -> None:
        """`sync` has the disk take what an open file, or a directory, holds."""
        self.path = path
        self._sync = sync
        self._lock = asyncio.Lock()

    @property
    def aside(self) -> Path:
        """The file beside it for lines that nobody could make use of."""
        return self.path.with_name(f"{self.path.name}.bad")

    async def append(self, line: bytes) -> None:
        """Write a line, which has no line break in it. Cancelled, it may be written or not."""
        async with self._lock:
            # Cancelled, it would go on in its thread without the lock, into the line of the next.
            writing = asyncio.ensure_future(asyncio.to_thread(self._append, line + b"\n"))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await asyncio.wait([writing])
                raise

    async def read(self) -> list[bytes]:
        """All whole lines. What a kill tore off the last one is left out, and logged."""
        async with self._lock:
            return await asyncio.to_thread(self._read)

    async def keep_aside(self, lines: list[bytes]) -> None:
        """Have them in the file beside it, each once."""
        async with self._lock:
            await asyncio.to_thread(self._keep_aside, lines)

    async def clear(self, still: Callable[[], bool] = lambda: True) -> bool:
        """Forget it all, where it is `still` so once nobody else writes. Says whether it was."""
        async with self._lock:
            if not still():
                return False
            await asyncio.to_thread(self._clear)
            return True

    def _append(self, line: bytes) -> None:
        is_new = not self.path.exists()
        if is_new:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            end = os.fstat(file).st_size
            if end and os.pread(file, 1, end - 1) != b"\n":
                # The line before was torn by a kill: it must not take this one with it.
                line = b"\n" + line
            try:
                while line:
                    line = line[os.write(file, line) :]
                self._sync(file)
            except OSError:
                # Whoever wrote it is told that it is not there.
                os.ftruncate(file, end)
                raise
        finally:
            os.close(file)
        if is_new:
            _sync_directory(self.path.parent, self._sync)

    def _read(self) -> list[bytes]:
        if not self.path.exists():
            return []
        *lines, rest = self.path.read_bytes().split(b"\n")
        if rest:
            log.warning("the last line of %s is torn and left out: %s bytes", self.path.name, len(rest))
        return lines

    def _keep_aside(self, lines: list[bytes]) -> None:
        file = os.open(self.aside, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(file, "r+b") as stream:
            kept = set(stream.read().split(b"\n"))
            stream.write(b"".join(line + b"\n" for line in lines if line not in kept))
            stream.flush()
            self._sync(stream.fileno())

    def _clear(self) -> None:
        if not self.path.exists():
            return
        with self.path.open("r+b") as stream:
            stream.truncate(0)
            self._sync(stream.fileno())


def _sync_directory(path: Path, sync: Callable[[int], None]) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(directory)
    finally:
        os.close(directory)
