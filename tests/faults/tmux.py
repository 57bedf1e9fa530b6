"""A terminal that can be looked at: its picture, its modes, its size."""

import asyncio
import os
import shlex
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.program import NotSeen, eventually

with_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")

#: The alternate screen, a hidden cursor, mouse reports: what a program may leave behind.
_MODES = "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"
_UNTOUCHED = "0 1 0"


class Tmux:
    """One server with a window a program."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "tmux"

    async def run(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *("tmux", "-S", str(self._socket), "-f", "/dev/null", *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return said.decode()

    async def open(self, name: str, columns: int, rows: int, *command: str) -> "Window":
        """Run it in a window of its own, as from a shell that goes on afterwards."""
        window = Window(self, name, self._folder)
        # As they are where a parent exported them: they stay when the window changes.
        words = shlex.join(("env", f"COLUMNS={columns}", f"LINES={rows}", sys.executable, *command))
        script = (
            f"stty -g > {window.before}; (echo $(exec sh -c 'echo $PPID') > {window.pid}; exec {words});"
            f" echo ended $?; stty -g > {window.after}; exec sleep 600"
        )
        size = ("-x", str(columns), "-y", str(rows))
        await self.run("new-session", "-d", "-s", name, *size, script)
        return window


class Window:
    """What one program shows."""

    def __init__(self, tmux: Tmux, name: str, folder: Path) -> None:
        self._tmux = tmux
        # The session of this very name: `left` alone is the pane on the left of another.
        self._target = f"={name}:"
        self.before = folder / f"{name}.before"
        self.after = folder / f"{name}.after"
        self.pid = folder / f"{name}.pid"

    async def picture(self) -> list[str]:
        return (await self._tmux.run("capture-pane", "-p", "-t", self._target)).splitlines()

    async def shows(self, *words: str) -> list[str]:
        """Wait until all of this is on it at once."""

        seen: list[str] = []

        async def look() -> list[str] | None:
            seen[:] = await self.picture()
            return seen if all(word in "\n".join(seen) for word in words) else None

        try:
            return await eventually(look, f"{words} on the screen")
        except NotSeen as error:
            error.add_note("\n".join(seen))
            raise

    async def hides(self, words: str) -> None:
        """Wait until this is on it no more."""

        seen: list[str] = []

        async def look() -> bool:
            seen[:] = await self.picture()
            return words not in "\n".join(seen)

        try:
            await eventually(look, f"the end of {words!r}")
        except NotSeen as error:
            error.add_note("\n".join(seen))
            raise

    async def type(self, *keys: str) -> None:
        await self._tmux.run("send-keys", "-t", self._target, *keys)

    async def strikes(self, key: str, *, until: str) -> None:
        """Type it again and again, until this is on it."""

        async def look() -> bool:
            await self.type(key)
            return until in "\n".join(await self.picture())

        await eventually(look, f"{until!r} on the screen")

    async def resize(self, columns: int, rows: int) -> None:
        await self._tmux.run("resize-window", "-t", self._target, "-x", str(columns), "-y", str(rows))

    def signal(self, number: signal.Signals) -> None:
        """To the program, not to the shell that started it."""
        os.kill(int(self.pid.read_text()), number)

    async def is_restored(self) -> None:
        """Wait until the program has ended; the terminal has to be then as it was before."""
        await self.shows("ended ")

        async def look() -> str | None:
            return self.after.read_text() if self.after.exists() else None

        after = await eventually(look, "the end of the program")
        modes = (await self._tmux.run("display-message", "-p", "-t", self._target, _MODES)).strip()
        assert (self._target, modes, after) == (self._target, _UNTOUCHED, self.before.read_text())


@asynccontextmanager
async def tmux(folder: Path) -> AsyncIterator[Tmux]:
    server = Tmux(folder)
    try:
        yield server
    finally:
        await server.run("kill-server")
