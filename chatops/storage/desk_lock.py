"""The mark of the one desk that may use a data directory."""

import fcntl
import os
from pathlib import Path

from chatops.storage.errors import DataDirInUse


class DeskLock:
    """A file that its owner holds locked. The kernel lets go of it however the owner dies.

    Whoever forks while it is held hands the lock to the child: start worker processes by spawning.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take it and write down who has it. Raises `DataDirInUse`, naming the one that has. Safe to call twice."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataDirInUse(
                f"Another desk (process {holder or 'unknown'}) uses {self._path.parent}. "
                "Stop it, or give this one a desk.data_dir of its own."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go."""
        # The file stays: two desks could hold two locks if its name were given to a new file.
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None
