"""A server whose streams say what a test has written for them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot_integration.control import wire
from bot_integration.control.codec import Encoding, encode
from bot_integration.frames import Frame, Stamp, Whole
from bot_integration.state import Snapshot
from tests.bot_integration.control.listening import listening

Message = str | bytes


def said(frame: Frame, encoding: Encoding = Encoding.JSON) -> Message:
    """A frame as it stands on the wire."""
    given = encode(frame, encoding)
    return given.decode() if encoding is Encoding.JSON else given


def whole(snapshot: Snapshot, encoding: Encoding = Encoding.JSON, seq: int = 0) -> Message:
    """A snapshot as it stands on the wire."""
    return said(Whole(Stamp(snapshot.session_id, seq, snapshot.seq, snapshot.at), snapshot), encoding)


@dataclass
class Scripted:
    """The first stream says the first script, and so on; the last one is said again and again."""

    scripts: Sequence[Sequence[Message]]
    #: Whether a stream is ended when all is said; else it stays open, and silent.
    ends: bool = True
    #: What `GET /v1/health` says of the bot's run.
    session_id: str | None = None
    url: str = ""
    #: What each stream was asked for.
    asked: list[dict[str, Any]] = field(default_factory=list)
    _looks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def looked_at(self, times: int) -> None:
        """Wait until its health was asked for so often."""
        async with asyncio.timeout(30):
            for _ in range(times):
                await self._looks.acquire()

    async def health(self, request: web.Request) -> web.Response:
        self._looks.release()
        return web.json_response({"bot": "alpha", "session_id": self.session_id})

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        ends = web.WebSocketResponse()
        await ends.prepare(request)
        script = self.scripts[min(len(self.asked), len(self.scripts) - 1)]
        self.asked.append(json.loads(await ends.receive_str()))
        for message in script:
            await (ends.send_str(message) if isinstance(message, str) else ends.send_bytes(message))
        while not self.ends and not ends.closed:
            await ends.receive()
        return ends


@asynccontextmanager
async def served(scripted: Scripted) -> AsyncIterator[Scripted]:
    """It, listening."""
    application = web.Application()
    application.add_routes([web.get(wire.STREAM, scripted.stream), web.get(wire.HEALTH, scripted.health)])
    async with listening(application) as scripted.url:
        yield scripted
