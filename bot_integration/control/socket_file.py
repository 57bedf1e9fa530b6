"""The file of a Unix socket: taken over from the dead, never from the living."""

import os
import socket
import stat
from pathlib import Path

from bot_integration.control.errors import CannotListen

#: Bytes of a path that every kernel takes: 107 on Linux, 103 on macOS.
LONGEST = 103


class SocketFile:
    """A Unix socket bound to a path that only its owner may open. Listening is up to whoever takes the socket."""

    def __init__(self, path: Path) -> None:
        """Bind. Raises `CannotListen` where something that lives, or is no socket, has the path."""
        self.path = path
        if len(bytes(path)) > LONGEST:
            raise CannotListen(f"{path} is too long for a socket: {len(bytes(path))} bytes of {LONGEST}.")
        _clear(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.bind(str(path))
            # Before anybody can connect: the socket does not listen yet.
            path.chmod(0o600)
            self._identity = _identity(path)
        except OSError as error:
            self.socket.close()
            raise CannotListen(
                f"{path} cannot be made: {error.strerror}. Its folder must exist and be ours to write."
            ) from error

    def remove(self) -> None:
        """Close the socket and remove its file, unless another has taken the path since."""
        self.socket.close()
        try:
            ours = _identity(self.path) == self._identity
        except FileNotFoundError:
            return
        if ours:
            self.path.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """Remove what a killed process left behind."""
    try:
        kind = os.lstat(path).st_mode
    except OSError:
        # Nothing there, or nothing that we may see: binding tells what is wrong.
        return
    if not stat.S_ISSOCK(kind):
        raise CannotListen(f"{path} is there and is no socket. Remove it, or choose another path.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        # A listener whose queue is full must not hold us up; it is alive all the same.
        caller.setblocking(False)
        try:
            caller.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            return
        except OSError as error:
            raise CannotListen(f"{path} is in use, or not ours: {error.strerror}. Choose another path.") from error
        else:
            raise CannotListen(f"{path} is in use: another process listens there. Stop it, or choose another path.")


def _identity(path: Path) -> tuple[int, int]:
    facts = os.lstat(path)
    return facts.st_dev, facts.st_ino
