"""Hundreds of clients of WebSocket streams, in a process of their own, that do next to nothing.

With a client library they would cost several times what the server does, and the wait for them be what is measured.
"""

import asyncio
import base64
import gc
import os
import re
from bisect import bisect_left
from functools import partial
from time import monotonic, process_time
from typing import Any, cast
from urllib.parse import urlsplit

from chatops.event_loop import new_event_loop
from tests.benchmarks.lines import answer_lines

SUBSCRIBE = '{"action": "subscribe"}'
PATIENCE_S = 30.0

_BOT_SEQ = re.compile(rb'"bot_seq":(\d+)')
#: A text frame without a mask is what servers send; a mask of zeros leaves a client's text as it is.
_TEXT, _PING, _PONG, _MASKED, _NO_MASK = 0x81, 0x89, 0x8A, 0x80, bytes(4)


class Client(asyncio.Protocol):
    """Notes when each frame was there whole, by the number of the snapshot that it leads to."""

    def __init__(self, host: str, first_word: str) -> None:
        self.frames: list[bytes] = []
        self.came: dict[int, float] = {}
        #: How many frames are kept as they came.
        self.frames_wanted = 0
        self._newest = -1
        self._news = asyncio.Event()
        self._host = host
        self._first_word = first_word.encode()
        self._buffer = bytearray()
        self._is_open = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET /v1/stream HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        now = monotonic()
        self._buffer += data
        if not self._is_open and not self._open():
            return
        while (frame := self._take()) is not None:
            if not frame:
                continue
            found = _BOT_SEQ.search(frame, 0, 300)
            assert found is not None, frame[:300]
            self._newest = int(found[1])
            # A heartbeat says it again.
            self.came.setdefault(self._newest, now)
            self._news.set()
            if len(self.frames) < self.frames_wanted:
                self.frames.append(frame)

    async def has(self, number: int) -> None:
        """Wait until it was told of this snapshot."""
        while self._newest < number:
            self._news.clear()
            await self._news.wait()

    def knew(self, numbers: list[int]) -> list[float]:
        """When it knew of each: two that came close together may have been told as one."""
        came = sorted(self.came.items())
        told = [number for number, _ in came]
        return [came[bisect_left(told, number)][1] for number in numbers]

    def close(self) -> None:
        """Go, without a good-bye."""
        assert self._transport is not None
        self._transport.abort()

    def _open(self) -> bool:
        head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not end:
            return False
        assert head.startswith(b"HTTP/1.1 101"), head
        assert self._transport is not None
        self._is_open, self._buffer = True, bytearray(rest)
        self._transport.write(bytes((_TEXT, _MASKED | len(self._first_word))) + _NO_MASK + self._first_word)
        return True

    def _take(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, begin = buffer[1], 2
        if length == 126:
            length, begin = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, begin = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < begin + length:
            return None
        kind, frame = buffer[0], bytes(buffer[begin : begin + length])
        del buffer[: begin + length]
        if kind == _PING:
            assert self._transport is not None
            self._transport.write(bytes((_PONG, _MASKED)) + _NO_MASK)
            return b""
        assert kind == _TEXT, f"the server said {kind:x} {frame[:100]!r}"
        return frame


class Clients:
    """All of them, by the server that they are clients of."""

    def __init__(self) -> None:
        self._of: dict[str, list[Client]] = {}
        self._cpu_at = 0.0

    async def connect(self, url: str, count: int) -> None:
        """Have so many clients more, each of which has been told something."""
        loop = asyncio.get_running_loop()
        host, _, port = urlsplit(url).netloc.partition(":")
        clients: list[Client] = []
        for _ in range(count):
            _, client = await loop.create_connection(partial(Client, host, SUBSCRIBE), host, int(port))
            clients.append(client)
        self._of[url] = clients
        await self._have(url, 0)

    async def start(self, url: str) -> None:
        """Forget what came, and keep the frames of one."""
        self._cpu_at = process_time()
        for client in self._of[url]:
            client.came.clear()
        first = self._of[url][0]
        first.frames.clear()
        first.frames_wanted = 1_000_000

    async def came(self, url: str, numbers: list[int]) -> dict[str, Any]:
        """Once the last of these snapshots was told to all: when each was, to whom; and the CPU that all took."""
        await self._have(url, numbers[-1])
        cpu_s = process_time() - self._cpu_at
        return {"moments": [client.knew(numbers) for client in self._of[url]], "cpu_s": cpu_s}

    async def _have(self, url: str, number: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            for client in self._of[url]:
                await client.has(number)

    async def frames(self, url: str) -> list[str]:
        """What one of them was told."""
        return [frame.decode() for frame in self._of[url][0].frames]

    async def leave(self) -> None:
        """Close all connections."""
        for clients in self._of.values():
            for client in clients:
                client.close()


async def main() -> None:
    """Do what is asked until standard input ends."""
    # Who measures must not stop to clean up: nothing here goes in circles, and it does not live long.
    gc.disable()
    clients = Clients()
    await answer_lines(
        {
            "connect": clients.connect,
            "start": clients.start,
            "came": clients.came,
            "frames": clients.frames,
            "leave": clients.leave,
        }
    )


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
