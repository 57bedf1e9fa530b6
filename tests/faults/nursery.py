"""`python -m tests.faults.nursery FD`: programs of ours, each forked from one process that has loaded them.

Half of what a short program does is loading itself, and the stories start hundreds. A program that comes from here is
a process like any other, with its own arguments, folder, environment and outputs; it can be killed, and ends as it
would: only what it imports is there already. `quarterdeck` as people start it has stories of its own.

Over the socket FD comes a `Birth` for each, behind its length, with three file descriptors: its input, its outputs, and
a pipe into which its process id is written, and its exit code once it has ended.
"""

import json
import os
import runpy
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from types import FrameType
from typing import Self

from chatops.loading import loading

LENGTH = struct.Struct("!I")
_INPUT, _OUTPUT, _ERROR = range(3)
_FDS = 3


@dataclass(frozen=True, slots=True)
class Birth:
    """What a program is started with."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        return cls(**json.loads(data))


class Nursery:
    """Forks a program for whoever asks on `line`, and tells what became of it."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        #: Where the end of each is told.
        self._told: dict[int, int] = {}

    def attend(self) -> Birth | None:
        """Until nobody asks any more: None. In each new process it gives what that was started with."""
        signal.signal(signal.SIGCHLD, self._reap)
        while True:
            head, fds, _, _ = socket.recv_fds(self._line, LENGTH.size, _FDS)
            if not head:
                return None
            size = LENGTH.unpack(head)[0]
            birth = Birth.decode(self._line.recv(size, socket.MSG_WAITALL))
            # Nobody's end is told before its beginning.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
            child = os.fork()
            if child == 0:
                # Its number will be another file's: nobody may close it by the old name.
                self._line.detach()
                _settle(birth, fds)
                return birth
            given, shown, told = fds
            os.close(given)
            os.close(shown)
            _tell(told, child)
            self._told[child] = told
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def _reap(self, number: int, frame: FrameType | None) -> None:
        for child in list(self._told):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                told = self._told.pop(child)
                _tell(told, os.waitstatus_to_exitcode(status))
                os.close(told)


def _tell(told: int, number: int) -> None:
    # Whoever asked may have gone; the others need the nursery still.
    with suppress(BrokenPipeError):
        os.write(told, f"{number}\n".encode())


def _settle(birth: Birth, fds: Sequence[int]) -> None:
    """Be as a process is that was started anew."""
    given, shown, _ = fds
    os.dup2(given, _INPUT)
    os.dup2(shown, _OUTPUT)
    os.dup2(shown, _ERROR)
    os.closerange(_ERROR + 1, os.sysconf("SC_OPEN_MAX"))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    os.chdir(birth.folder)
    os.environ.clear()
    os.environ.update(birth.environment)
    time.tzset()
    sys.path[0] = birth.folder
    sys.argv[1:] = birth.arguments


def _load() -> None:
    """What the words of the command line would import."""
    with loading():
        import chatops.adapters.slack.adapter
        import chatops.adapters.telegram.adapter
        import chatops.app
        import chatops.bots
        import chatops.checkup
        import chatops.cli
        import chatops.demo  # noqa: F401 - it is there for those that are forked


def main() -> None:
    line = socket.socket(fileno=int(sys.argv[1]))
    _load()
    if Nursery(line).attend() is not None:
        # From here on it is `python -m chatops`, to its very end.
        runpy.run_module("chatops", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
