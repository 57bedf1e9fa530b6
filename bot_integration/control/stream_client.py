"""One client of a stream: what it wants, how far it has read, and the bytes that wait for it."""

import asyncio
import socket
from uuid import UUID

from aiohttp import web

from bot_integration.control.codec import Encoding
from bot_integration.control.packets import Packet, Wish
from bot_integration.control.stream_limits import StreamLimits


class StreamClient:
    """Bytes go straight to its transport: no task, no queue and no lock a client.

    What the kernel does not take waits in the transport. Above a bound nothing more is given to it, so that it never
    holds much; once that is read, the client is given a fresh snapshot.
    """

    def __init__(
        self, ends: web.WebSocketResponse, transport: asyncio.Transport, encoding: Encoding, limits: StreamLimits
    ) -> None:
        self.ends = ends
        self.wish = Wish(encoding, None)
        #: Where it stands; None while it waits for its first snapshot.
        self.session_id: UUID | None = None
        self.seq = -1
        #: Nothing is told before it has asked.
        self.is_subscribed = False
        self._transport = transport
        self._limits = limits
        #: The last snapshot and what came last do not count: a large one must not make a client look slow.
        self._whole_bytes = self._last_bytes = 0
        self._behind_since: float | None = None
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.kernel_bytes)

    @property
    def is_open(self) -> bool:
        """Whether anything can be given to it."""
        return not (self.ends.closed or self._transport.is_closing())

    @property
    def is_behind(self) -> bool:
        """Whether it reads too slowly: it waits for a fresh snapshot."""
        return self._behind_since is not None

    def looks_behind(self, now: float) -> bool:
        """Look at what waits for it: whether it is behind, still or from now on."""
        waiting = self._transport.get_write_buffer_size()
        if self._behind_since is None:
            if waiting > self._limits.waiting_bytes + max(self._whole_bytes, self._last_bytes):
                self._behind_since = now
        elif not waiting:
            return False
        return self.is_behind

    def has_stalled(self, now: float) -> bool:
        """Whether it has been behind for longer than anybody waits."""
        return self._behind_since is not None and now - self._behind_since > self._limits.stalled_s

    def give(self, packet: Packet, *, is_whole: bool = False) -> None:
        """Tell it, and where that leads; nothing is written where the packet is empty."""
        self.session_id, self.seq = packet.session_id, packet.seq
        self._last_bytes = len(packet.bytes)
        if is_whole:
            self._behind_since, self._whole_bytes = None, self._last_bytes
        if packet.bytes:
            self._transport.write(packet.bytes)

    def say(self, message: bytes) -> None:
        """Write what concerns it alone."""
        self._transport.write(message)

    def cut(self) -> None:
        """End the connection at once; what waits is let go."""
        self._transport.abort()

    def let_go(self) -> None:
        """End it after all is said. Where something still waits nobody reads it: a good-bye would wait for ever."""
        if self._transport.get_write_buffer_size():
            self._transport.abort()
