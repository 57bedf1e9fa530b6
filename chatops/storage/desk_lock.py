"""The mark of the one desk that may use a data directory."""

import fcntl
import os
from pathlib import Path
from weakref import WeakMethod

from chatops.storage.errors import DataDirInUse

#: Its name in a data directory.
LOCK = "desk.lock"


class DeskLock:
    """A file that its owner holds locked. The kernel lets go of it however the owner dies.

    A process that is forked off meanwhile does not hold it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._heeds_forks = False

    @property
    def is_ours(self) -> bool:
        """Whether this process is the one that has it, by this object or another."""
        try:
            return self._path.read_text().strip() == str(os.getpid())
        except OSError:
            return False

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
        if not self._heeds_forks:
            self._heeds_forks = True
            forked = WeakMethod(self._forked)
            os.register_at_fork(after_in_child=lambda: (let_go := forked()) and let_go())

    def release(self) -> None:
        """Let go."""
        # The file stays: two desks could hold two locks if its name were given to a new file.
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            # Not by closing alone: a fork of this very moment has it open as well.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None

    def _forked(self) -> None:
        # What the child has of it would keep the lock when its owner is killed. The file says who that is: not emptied.
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
