"""The process that serves a directory of database files, as its postmaster.pid tells of it."""

import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

#: Lies among the database files: reached by whoever can reach those, and by nobody else.
SOCKET_NAME = ".s.PGSQL.5432"
_PID_FILE = "postmaster.pid"
#: The line of the pid file that says how far it is, counted from 0.
_STATUS_LINE = 7


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What the pid file says at one moment. It may be stale: see `lives`."""

    pid: int
    ready: bool

    @classmethod
    def of(cls, cluster: Path) -> Self | None:
        """The one that the pid file names, or None where there is no such file."""
        try:
            lines = (cluster / _PID_FILE).read_text().splitlines()
            status = lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else ""
            return cls(abs(int(lines[0])), status == "ready")
        except (OSError, ValueError, IndexError):
            # Missing, or only half written yet.
            return None

    def lives(self, cluster: Path) -> bool:
        """Whether it is the living server of these files: after a crash its number may be anybody's.

        Where the system does not show what a process is, that there is one has to do.
        """
        try:
            os.kill(self.pid, 0)
            about = Path("/proc", str(self.pid))
            if not about.exists():
                return True
            name, state = (about / "stat").read_text().split("(", 1)[1].rsplit(") ", 1)
            if name != "postgres" or state.startswith("Z"):
                return False
            return (about / "cwd").readlink() == cluster.resolve()
        except (ProcessLookupError, FileNotFoundError):
            return False
        except PermissionError:
            # Another user's is not ours. But some containers hide even from root what others do.
            return os.geteuid() == 0

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


def listens(directory: Path) -> bool:
    """Whether a server answers at the socket in `directory`, which has a short name."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(directory / SOCKET_NAME))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            # Too busy to take one more is alive too.
            return True
    return True


def forget(cluster: Path) -> None:
    """Remove the pid file of a dead server. Its number may be a living stranger's by now."""
    (cluster / _PID_FILE).unlink(missing_ok=True)
