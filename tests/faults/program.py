"""Programs of ours as processes: what they say is kept, every wait has a limit, and none outlives its test."""

import asyncio
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from tests.faults.born import Born, born

ValueT = TypeVar("ValueT")

#: For whatever has to start, answer or stop on a machine that does other things too.
PATIENCE_S = 60.0
#: Between two looks at what sets no event: another process's files and rows.
LOOK_S = 0.01

#: The session's leader that it is takes the terminal for its own, so that keys become signals.
_WITH_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class NotSeen(AssertionError):
    """Something did not happen in time."""


class Program:
    """A process that runs, and all that it has said on both of its outputs."""

    def __init__(self, process: asyncio.subprocess.Process | Born) -> None:
        self._process = process
        self._heard = bytearray()
        self._news = asyncio.Event()
        #: Set once nothing more can come from it.
        self._is_mute = asyncio.Event()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def said(self) -> str:
        return self._heard.decode(errors="replace")

    def hear(self, data: bytes) -> None:
        self._heard += data
        self._news.set()

    def hear_no_more(self) -> None:
        self._is_mute.set()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def terminate(self) -> None:
        """As a service manager stops it."""
        self.signal(signal.SIGTERM)

    def type(self, text: str) -> None:
        """Give it some input."""
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())

    def close_input(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def says(self, words: str, *, times: int = 1, within_s: float = PATIENCE_S) -> None:
        """Wait until it has said this so many times."""
        try:
            async with asyncio.timeout(within_s):
                while self.said.count(words) < times:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise NotSeen(f"it did not say {words!r} within {within_s:g} s, but:\n{self.said}") from None

    async def ends(self, within_s: float = PATIENCE_S) -> int:
        """Wait until it has ended and all it said was heard; gives the exit code."""
        try:
            async with asyncio.timeout(within_s):
                code = await self._process.wait()
                # What it said last may still be on its way to us.
                await self._is_mute.wait()
                return code
        except TimeoutError:
            raise NotSeen(f"it did not end within {within_s:g} s, and said:\n{self.said}") from None

    async def kill(self) -> None:
        """As the power does it."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Seat(Program):
    """A program with a terminal that a person sits at."""

    def __init__(self, process: asyncio.subprocess.Process, terminal: int) -> None:
        super().__init__(process)
        self._terminal = terminal

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def hang_up(self) -> None:
        """Close the window."""
        asyncio.get_running_loop().remove_reader(self._terminal)
        os.close(self._terminal)
        self._terminal = -1
        self.hear_no_more()

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    async def has_time(self) -> None:
        """Let it go on for a moment, or end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await self._process.wait()

    def let_go(self) -> None:
        """Close our end of the terminal."""
        if self._terminal >= 0:
            self.hang_up()


@asynccontextmanager
async def program(
    *arguments: str,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    module: tuple[str, ...] | None = None,
) -> AsyncIterator[Program]:
    """`python -m chatops ARGUMENTS` out of the nursery, or another module, with an input that can be typed and closed.

    `module` is how one names it to Python: `("-m", "chatops")` is the same as people start it.
    """
    async with AsyncExitStack() as stack:
        process: asyncio.subprocess.Process | Born
        if module is None and sys.platform == "linux":
            process = await born(arguments, _environment(environment), cwd)
            stack.push_async_callback(process.let_go)
        else:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *(module or ("-m", "chatops")), *arguments),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=cwd,
                env=_environment(environment),
            )
        running = Program(process)
        assert process.stdout is not None
        stack.push_async_callback(_end, asyncio.create_task(_listen(process.stdout, running)))
        stack.push_async_callback(running.kill)
        yield running


@asynccontextmanager
async def seat(*arguments: str, cwd: Path | None = None) -> AsyncIterator[Seat]:
    """The same, at a terminal of its own: Ctrl-C is typed as `\\x03`."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-S", "-c", _WITH_TERMINAL, sys.executable, "-m", "chatops", *arguments),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env=_environment({"TERM": "xterm"}),
            start_new_session=True,
        )
    finally:
        os.close(theirs)
    sitting = Seat(process, ours)
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            sitting.hear(os.read(ours, 65_536))
        except BlockingIOError:
            # Woken for nothing.
            return
        except OSError:
            # Nobody has the other end any more.
            loop.remove_reader(ours)
            sitting.hear_no_more()

    loop.add_reader(ours, read)
    try:
        yield sitting
    finally:
        await sitting.kill()
        sitting.let_go()


async def outcome(*arguments: str, cwd: Path | None = None, typed: str = "") -> tuple[int, str]:
    """Run it to its end; gives the exit code and all that it said."""
    async with program(*arguments, cwd=cwd) as running:
        running.type(typed)
        running.close_input()
        return await running.ends(), running.said


async def eventually(
    look: Callable[[], Awaitable[ValueT | None]], what: str, *, within_s: float = PATIENCE_S
) -> ValueT:
    """Look again and again, until there is something to see; for what sets no event."""
    try:
        async with asyncio.timeout(within_s):
            while not (found := await look()):  # noqa: ASYNC110 - rows of another process set no event
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise NotSeen(f"{what} did not happen within {within_s:g} s") from None
    return found


async def until_there(*paths: Path) -> None:
    """Wait until there is one of these."""

    async def look() -> bool:
        return await asyncio.to_thread(lambda: any(path.exists() for path in paths))

    await eventually(look, " or ".join(map(str, paths)))


async def _listen(stream: asyncio.StreamReader, running: Program) -> None:
    while data := await stream.read(65_536):
        running.hear(data)
    running.hear_no_more()


async def _end(listening: "asyncio.Task[None]") -> None:
    # What it started may still hold the pipe.
    await asyncio.wait([listening], timeout=1)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUARTERDECK_")}
    return {**kept, "TERM": "dumb", "COLUMNS": "200", **(more or {})}
