"""A TCP line to a control API that can lose requests, lose answers, silence or cut streams, or go down."""

import asyncio
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from bot_integration.control.accepting import stop_accepting
from tests.kept_port import kept_port


class FaultyLine:
    """Forwards connections to `upstream`, a URL. Only POSTs get lost, and only streams fall silent."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.lose_answers = False
        self.lose_requests = False
        #: Streams stay open, and nothing comes through any more.
        self.mute_streams = False
        self.url = ""
        self.posts = 0
        #: How many streams were ever opened.
        self.streams = 0
        self.connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._kept = ExitStack()
        self._port = 0

    async def __aenter__(self) -> Self:
        self._port = self._kept.enter_context(kept_port())
        self.url = f"http://127.0.0.1:{self._port}"
        await self.come_up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.go_down()
        self._kept.close()

    async def come_up(self) -> None:
        """Listen, on the port that is ours from the beginning to the end."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)

    async def go_down(self) -> None:
        """Refuse new connections and cut those that are open."""
        assert self._server is not None
        await stop_accepting(self._server)
        await self.cut()
        await self._server.wait_closed()

    async def cut(self) -> None:
        """End what is open, in the middle of whatever it says; who connects anew is let in."""
        cut = tuple(self.connections)
        for connection in cut:
            connection.cancel()
        await asyncio.gather(*cut, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            # Only we cancel: a connection that ends so has ended well.
            with suppress(OSError, asyncio.CancelledError):
                await self._carry(reader, writer)
        finally:
            self.connections.discard(task)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(65_536)
        is_post = request.startswith(b"POST")
        is_stream = request.startswith(b"GET /v1/stream")
        self.posts += is_post
        self.streams += is_stream
        if is_post and self.lose_requests:
            return
        address = urlsplit(self.upstream)
        far_reader, far_writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            far_writer.write(request)
            there = asyncio.create_task(_pump(reader, far_writer))
            back = asyncio.create_task(self._back(far_reader, writer, is_post=is_post, is_stream=is_stream))
            try:
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there.cancel()
                back.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        finally:
            far_writer.transport.abort()

    async def _back(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_post: bool, is_stream: bool
    ) -> None:
        is_first = True
        while data := await reader.read(65_536):
            if is_post and self.lose_answers:
                return
            # A stream is always let in.
            if is_first or not (is_stream and self.mute_streams):
                writer.write(data)
                await writer.drain()
            is_first = False


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
