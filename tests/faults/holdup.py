"""A way to a bot's socket on which a command, or the answer to it, can be held up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from pathlib import Path

_COMMAND = b"POST /v1/commands "


class What(Enum):
    """What is held up."""

    NOTHING = auto()
    COMMANDS = auto()
    ANSWERS = auto()


class Holdup:
    """Stands between a gateway and its bot. Everything else passes at once."""

    def __init__(self, bot: Path) -> None:
        self._bot = bot
        self._calls: set[asyncio.Task[None]] = set()
        self.what = What.NOTHING
        #: Set while something is held up.
        self.held = asyncio.Event()
        #: Lets what is held up go on its way, if who sent it is dead or not.
        self.released = asyncio.Event()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until both sides have closed it."""
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        # Cancelled, asyncio's own callback would log it as an error.
        with suppress(OSError, asyncio.CancelledError):
            await self._pass_on(reader, writer)
        writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.read(65_536)
        holds = self.what if head.startswith(_COMMAND) else What.NOTHING
        if holds is What.COMMANDS:
            await self._hold()
        bot_reader, bot_writer = await asyncio.open_unix_connection(self._bot)
        try:
            bot_writer.write(head)
            up = asyncio.create_task(_pump(reader, bot_writer))
            if holds is What.ANSWERS:
                first = await bot_reader.read(65_536)
                await self._hold()
                writer.write(first)
            await _pump(bot_reader, writer)
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
        finally:
            bot_writer.close()

    async def _hold(self) -> None:
        self.held.set()
        await self.released.wait()

    async def close(self) -> None:
        for call in list(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)


@asynccontextmanager
async def holdup(listen: Path, bot: Path) -> AsyncIterator[Holdup]:
    """Listens at one socket, and passes on to the other."""
    way = Holdup(bot)
    server = await asyncio.start_unix_server(way.take, listen)
    try:
        yield way
    finally:
        server.close()
        await way.close()
        await server.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
