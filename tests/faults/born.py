"""Processes from a nursery, as those who wait for them see them."""

import asyncio
import atexit
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from tests.faults.nursery import LENGTH, Birth

_ROOT = Path(__file__).parents[2]


class Input:
    """What a process reads; nobody may read it any more."""

    def __init__(self, fd: int) -> None:
        self._file = os.fdopen(fd, "wb", buffering=0)

    def write(self, data: bytes) -> None:
        with suppress(BrokenPipeError):
            self._file.write(data)

    def close(self) -> None:
        self._file.close()


class Born:
    """A process of the nursery: what of `asyncio.subprocess.Process` is needed here."""

    def __init__(self, stdin: Input, shown: "Output", told: "Output", pid: int) -> None:
        self.stdin = stdin
        self.stdout = shown.reader
        self.pid = pid
        self.returncode: int | None = None
        self._outputs = (shown, told)
        self._ending = asyncio.create_task(self._hear_of_its_end(told.reader))

    def send_signal(self, number: signal.Signals) -> None:
        """Raises `ProcessLookupError` once it has ended."""
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        return await asyncio.shield(self._ending)

    async def let_go(self) -> None:
        """Once it has ended. What it started may have its output still."""
        await self._ending
        self.stdin.close()
        for output in self._outputs:
            output.transport.close()

    async def _hear_of_its_end(self, told: asyncio.StreamReader) -> int:
        self.returncode = int(await _said(told))
        return self.returncode


@dataclass(frozen=True, slots=True)
class Output:
    """Our end of a pipe that something is said into."""

    reader: asyncio.StreamReader
    transport: asyncio.ReadTransport

    @classmethod
    async def of(cls, fd: int) -> Self:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", buffering=0)
        )
        return cls(reader, transport)


async def born(arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path | None) -> Born:
    """`python -m chatops ARGUMENTS`, from a nursery that all stories of this test process share."""
    given, stdin = os.pipe()
    shown, output = os.pipe()
    told, telling = os.pipe()
    try:
        birth = Birth(arguments, environment, str((folder or Path.cwd()).absolute())).encode()
        line = _nursery()
        socket.send_fds(line, [LENGTH.pack(len(birth))], [given, output, telling])
        line.sendall(birth)
    finally:
        for fd in (given, output, telling):
            os.close(fd)
    end = await Output.of(told)
    return Born(Input(stdin), await Output.of(shown), end, int(await _said(end.reader)))


async def _said(told: asyncio.StreamReader) -> bytes:
    if not (line := await told.readline()):
        raise RuntimeError("the nursery has died, and its programs are nobody's")
    return line


@cache
def _nursery() -> socket.socket:
    """It ends with the last who could ask it."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = (sys.executable, "-m", "tests.faults.nursery", str(theirs.fileno()))
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=_ROOT, pass_fds=[theirs.fileno()])

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
