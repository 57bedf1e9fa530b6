"""A conversation between two processes of ours: a line of JSON each way."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

#: No answer takes longer, or something hangs.
PATIENCE_S = 60.0
#: A line may hold some thousand measurements.
LINE_BYTES = 16 * 1024 * 1024

Answers = Mapping[str, Callable[..., Awaitable[Any]]]


class Child:
    """A process that answers. It ends when its standard input does, so also where we are killed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def running(cls, module: str, *arguments: str) -> AsyncIterator["Child"]:
        """Run the module until the block ends."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES,
        )
        try:
            yield cls(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    async def ask(self, what: str, **values: Any) -> Any:
        """Ask it, and wait for what it answers. Raises `EOFError` where it has died."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([what, values]).encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            answer = await stdout.readline()
        if not answer:
            raise EOFError("the process ended; what it said stands above")
        return json.loads(answer)


async def answer_lines(answers: Answers) -> None:
    """Answer what comes on standard input, one after another, until it ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(LINE_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        what, values = json.loads(line)
        print(json.dumps(await answers[what](**values)), flush=True)
