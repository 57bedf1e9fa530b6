"""Speaks to a control socket as any program would: lines out, lines in."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlsplit

from bot_integration.commands import Command

Message = dict[str, Any]


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str, limit: int = 16 * 1024 * 1024) -> AsyncIterator[Self]:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=limit)
        try:
            yield cls(reader, writer)
        finally:
            writer.transport.abort()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    def send(self, *lines: bytes | Message) -> None:
        """Lines as they are, or objects; all at once, so that nothing happens over there between two of them."""
        self.writer.write(
            b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
        )

    async def hear(self) -> Message:
        async with asyncio.timeout(30):
            line = await self.reader.readline()
        assert line.endswith(b"\n"), "the connection was closed"
        heard = json.loads(line)
        assert isinstance(heard, dict)
        return heard

    async def hear_of(self, kind: str) -> Message:
        """The next of this type; what comes before it is let go."""
        while (heard := await self.hear())["type"] != kind:
            pass
        return heard

    async def hear_of_all(self, *kinds: str) -> dict[str, Message]:
        """The next of each of these types, in whatever order they come."""
        found: dict[str, Message] = {}
        while len(found) < len(kinds):
            heard = await self.hear()
            if heard["type"] in kinds:
                found.setdefault(heard["type"], heard)
        return found

    async def greeted(self) -> Message:
        """The hello and the first state are heard; gives the state."""
        assert (await self.hear())["type"] == "hello"
        state = (await self.hear_of("state"))["state"]
        assert isinstance(state, dict)
        return state

    async def rest(self) -> list[Message]:
        """All that comes until the other end closes."""
        async with asyncio.timeout(30):
            told = await self.reader.read()
        return [json.loads(line) for line in told.splitlines()]


def asked(command: Command, kind: str = "command") -> Message:
    return {"type": kind, "command": command.model_dump(mode="json")}
