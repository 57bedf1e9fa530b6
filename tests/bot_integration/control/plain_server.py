"""A bot of another language, as a test scripts it; and a line to a real one that breaks when it is told to."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.bot_integration.control.socket_caller import Message

STATE: Message = {
    "type": "state",
    "state": {"session": {"strategy": "grid", "mode": "live"}, "portfolio": {"equity": 100}},
}


def state(**more: Any) -> Message:
    return {"type": "state", "state": {**STATE["state"], **more}}


class _Server(ABC):
    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"tcp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self.cut()

    async def cut(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self.speak(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    @abstractmethod
    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """To one that has connected, until it is done."""


class PlainServer(_Server):
    """Says `greeting` to whoever connects, and answers each line with what `answer` gives."""

    def __init__(self, *greeting: Message | bytes, answer: Callable[[Message], list[Message]] = lambda _: []) -> None:
        super().__init__()
        self.greeting = greeting
        self._answer = answer
        self._writers: list[asyncio.StreamWriter] = []
        self.heard: list[Message] = []

    def push(self, *messages: Message | bytes) -> None:
        """Say it to all."""
        for writer in self._writers:
            _say(writer, *messages)

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        _say(writer, *self.greeting)
        while line := await reader.readline():
            self.heard.append(json.loads(line))
            _say(writer, *self._answer(self.heard[-1]))


class BreakingLine(_Server):
    """Passes everything on to `upstream`; breaks before a `command_result` comes back, as often as it is told to."""

    def __init__(self, upstream: str, breaks: int) -> None:
        super().__init__()
        self._upstream = urlsplit(upstream)
        self._breaks = breaks
        self.commands = 0

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(
            self._upstream.hostname, self._upstream.port, limit=1 << 24
        )
        there = asyncio.create_task(self._there(reader, far_writer))
        try:
            while line := await far_reader.readline():
                if self._breaks and b'"type":"command_result"' in line:
                    self._breaks -= 1
                    return
                writer.write(line)
        finally:
            there.cancel()
            await asyncio.gather(there, return_exceptions=True)
            far_writer.transport.abort()

    async def _there(self, reader: asyncio.StreamReader, far_writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            self.commands += json.loads(line)["type"] == "command"
            far_writer.write(line)


def _say(writer: asyncio.StreamWriter, *messages: Message | bytes) -> None:
    for message in messages:
        writer.write(message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n")
