"""The process that draws, seen from here: started, asked, killed, and gone when told."""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path

from chatops.charts.errors import Died, Undrawable
from chatops.charts.facts import Facts
from chatops.charts.style import Style
from chatops.charts.worker import ERROR, LENGTH, READY

#: Importing matplotlib takes one to two seconds; on its first start it looks through the fonts of the system, too.
START_WITHIN_S = 60.0
#: So long it may take to end by itself, in seconds.
END_WITHIN_S = 1.0
#: What it may know of the environment: tokens are none of its business.
_KNOWN = ("HOME", "LANG", "LC_ALL", "MPLCONFIGDIR", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "XDG_CACHE_HOME")
_BOOT = "import sys; sys.path[:] = sys.argv[1:]; from chatops.charts.worker import main; main()"


class Draughtsman:
    """One process. It draws one picture at a time: who asks waits for the answer before asking again.

    Not Python's process pool: that one imports our main program into each worker, cannot end one that hangs, and
    leaves it behind when we are killed.
    """

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._process.returncode is None

    @classmethod
    async def start(cls) -> "Draughtsman":
        """One that has matplotlib loaded. Raises `Died` where it cannot be."""
        environment = {name: os.environ[name] for name in _KNOWN if name in os.environ}
        # Of the libraries that reckon with many numbers one would take every core.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
        paths = [path or str(Path.cwd()) for path in sys.path]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-c", _BOOT, *paths),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=environment,
            # Ctrl-C is for us: it goes when we are done with it.
            start_new_session=True,
        )
        started = cls(process)
        try:
            async with asyncio.timeout(START_WITHIN_S):
                kind, content = await started._answer()
        except BaseException as error:
            await started.kill()
            if isinstance(error, TimeoutError):
                raise Died("The process that draws pictures does not start.") from error
            raise
        if kind != READY:
            await started.kill()
            raise Died("The process that draws pictures cannot start.") from RuntimeError(content.decode())
        return started

    async def draw(self, facts: Facts, style: Style) -> bytes:
        """The bytes of a PNG. Raises `Undrawable`, or `Died`; where it is cancelled, it has to be killed."""
        question = pickle.dumps((facts, style))
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            self._process.stdin.write(len(question).to_bytes(LENGTH, "big") + question)
            await self._process.stdin.drain()
        kind, content = await self._answer()
        if kind == ERROR:
            raise Undrawable("These facts could not be drawn; the log says why.") from RuntimeError(content.decode())
        return content

    async def kill(self) -> None:
        """End it at once, whatever it does."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._gone()

    async def close(self) -> None:
        """Let it end by itself, and not for long."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_WITHIN_S):
                await self._gone()
        except TimeoutError:
            await self.kill()

    async def _answer(self) -> tuple[bytes, bytes]:
        assert self._process.stdout is not None
        try:
            size = await self._process.stdout.readexactly(LENGTH)
            answer = await self._process.stdout.readexactly(int.from_bytes(size, "big"))
        except asyncio.IncompleteReadError as error:
            await self.kill()
            code = self._process.returncode
            raise Died(f"The process that draws pictures ended ({code}); ask once more.") from error
        return answer[:1], answer[1:]

    async def _gone(self) -> None:
        await self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(ConnectionError):
            await self._process.stdin.wait_closed()
