"""The client's end of a bot's stream, as tests hold it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from bot_integration.control.codec import Encoding, parse


class Ends:
    """An open stream."""

    def __init__(self, ends: ClientWebSocketResponse, encoding: Encoding) -> None:
        self.ends = ends
        self._encoding = encoding

    async def subscribe(self, **wish: Any) -> dict[str, Any]:
        """Ask; gives the first that is told."""
        await self.ends.send_json({"action": "subscribe", **wish})
        return await self.next()

    async def next(self) -> dict[str, Any]:
        """The next frame."""
        message = await asyncio.wait_for(self.ends.receive(), 30)
        assert message.type is (WSMsgType.TEXT if self._encoding is Encoding.JSON else WSMsgType.BINARY), message
        frame: dict[str, Any] = parse(message.data, self._encoding)
        return frame

    async def told(self, kind: str) -> dict[str, Any]:
        """The next frame of this type."""
        while (frame := await self.next())["type"] != kind:
            pass
        return frame

    async def reaches(self, bot_seq: int) -> None:
        """Read up to this snapshot of the bot."""
        while (await self.next())["bot_seq"] < bot_seq:
            pass

    async def end(self) -> tuple[int | None, str | None]:
        """The code and the words of the end, whatever comes before it."""
        async with asyncio.timeout(30):
            while (message := await self.ends.receive()).type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                pass
        return self.ends.close_code, message.extra


@asynccontextmanager
async def stream(url: str, encoding: Encoding = Encoding.JSON, **headers: str) -> AsyncIterator[Ends]:
    """Connect, and ask for nothing yet."""
    async with (
        ClientSession(url, headers=headers) as http,
        http.ws_connect("/v1/stream", params={"encoding": encoding}) as ends,
    ):
        yield Ends(ends, encoding)


@contextmanager
def deaf(url: str) -> Iterator[socket.socket]:
    """A connection that has subscribed, and never reads."""
    address = urlsplit(url)
    with socket.socket() as connection:
        # Small, so that little is on its way.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect((address.hostname, address.port))
        connection.sendall(
            b"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 101"
        # A text under a mask of zeros, as clients must have one.
        connection.sendall(bytes((0x81, 0x80 | 24, 0, 0, 0, 0)) + b'{"action" : "subscribe"}')
        yield connection
