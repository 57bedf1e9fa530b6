"""A program under measurement, in a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import check_output
from time import monotonic

#: A desk stops its database before it ends.
END_S = 40.0
_KIB = 1_024


@dataclass(frozen=True, slots=True)
class Program:
    """It runs."""

    process: asyncio.subprocess.Process
    #: The monotonic moment before it was started.
    started_at: float

    def rss_mib(self) -> float:
        """Memory that the process itself has resident now; not that of its children."""
        return int(check_output(["ps", "-o", "rss=", "-p", str(self.process.pid)])) / _KIB


@asynccontextmanager
async def running(log: Path, module: str, arguments: Sequence[str]) -> AsyncIterator[Program]:
    """Run `python -m module` until the block ends; what it says goes to `log`, and its end here where it died."""
    with log.open("wb") as said:
        started_at = monotonic()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments), stdin=asyncio.subprocess.DEVNULL, stdout=said, stderr=said
        )
        try:
            yield Program(process, started_at)
        except BaseException:
            if process.returncode is not None:
                print(f"{module} ended by itself ({process.returncode}):\n{_end_of(log)}", file=sys.stderr)
            raise
        finally:
            await _end(process)


def _end_of(log: Path) -> str:
    return log.read_text()[-2_000:]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(END_S):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
