"""All clients of one bot's stream: brought up to date together, a few at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

from aiohttp import WSCloseCode

from bot_integration.control.packets import Packets, Wish, give_way
from bot_integration.control.seldom import Seldom
from bot_integration.control.stream_client import StreamClient
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.control.subscribing import Subscribe
from bot_integration.ending import end
from bot_integration.feed import Feed
from bot_integration.frames import Changed, Stamp, Whole, Why

log = logging.getLogger(__name__)

#: Clients that are written to in one go: a bot on another thread of this process waits for no more.
CLIENTS_AT_ONCE = 100
CLOSES = "The bot's control API closes."


class Audience:
    """Tells its clients what a feed tells, while it is entered, on the loop of the feed.

    Nothing is queued: each client stands at a number of the stream, and is given what leads from there to now. So a
    burst becomes one frame, and nobody can be told anything twice, or out of order.
    """

    def __init__(self, feed: Feed, limits: StreamLimits) -> None:
        self._feed = feed
        self._limits = limits
        self._packets = Packets(feed)
        self._clients: dict[StreamClient, None] = {}
        self._news = asyncio.Event()
        self._is_closing = False
        self._seldom = Seldom(log)
        self._telling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._telling = asyncio.create_task(self._tell_for_ever(), name="telling the clients of a stream")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
        if self._telling is not None:
            await end(self._telling)

    def __len__(self) -> int:
        return len(self._clients)

    @property
    def turns_away(self) -> tuple[WSCloseCode, str] | None:
        """Why nobody else is let in now; None where somebody is."""
        if self._is_closing:
            return WSCloseCode.GOING_AWAY, CLOSES
        if len(self._clients) >= self._limits.clients:
            return WSCloseCode.TRY_AGAIN_LATER, f"There are {self._limits.clients} clients already. Try again later."
        return None

    @asynccontextmanager
    async def hosting(self, client: StreamClient) -> AsyncIterator[None]:
        """Count it among us until the block ends."""
        self._clients[client] = None
        try:
            yield
        finally:
            del self._clients[client]

    async def subscribe(self, client: StreamClient, asked: Subscribe) -> None:
        """Tell it from now on what it asked for, and first what it needs for that."""
        wish, resume = Wish(client.wish.encoding, asked.channels), asked.resume
        missed = None
        if resume is not None:
            # Nothing is told to it meanwhile that it did not ask for.
            client.is_subscribed = False
            missed = await self._packets.caught_up(resume, wish)
        client.wish, client.is_subscribed = wish, True
        stamp = self._packets.stamp()
        if stamp is None or not client.is_open or client.looks_behind(asyncio.get_running_loop().time()):
            # The next round has something for it.
            return
        if missed is not None:
            client.give(missed)
            # More may have come meanwhile, in rounds without it.
            self._news.set()
            return
        is_other = resume is not None and resume.session_id != stamp.session_id
        why = Why.RESTARTED if is_other else Why.SUBSCRIBED
        client.give(self._packets.whole(why, wish.encoding), is_whole=True)

    async def close(self) -> None:
        """Let everybody go, and nobody in."""
        self._is_closing = True
        await asyncio.gather(*(self._part(client) for client in self._clients))

    # ------------------------------------------------------------------------ inside

    async def _part(self, client: StreamClient) -> None:
        try:
            async with asyncio.timeout(self._limits.farewell_s):
                await client.ends.close(code=WSCloseCode.GOING_AWAY, message=CLOSES.encode(), drain=False)
        except TimeoutError:
            client.cut()

    def _hear(self, frame: Whole | Changed) -> None:
        self._packets.hear(frame)
        self._news.set()

    async def _tell_for_ever(self) -> None:
        leave = self._feed.read(self._hear)
        clock = asyncio.get_running_loop().time
        beats_at = clock() + self._limits.heartbeat_s
        try:
            while True:
                await self._wait_until(beats_at)
                is_beat = clock() >= beats_at
                if is_beat:
                    beats_at = max(beats_at + self._limits.heartbeat_s, clock())
                    # So that the sign of life has the age of the newest facts.
                    self._feed.look()
                self._news.clear()
                try:
                    await self._round(clock(), is_beat=is_beat)
                except Exception:
                    log.exception("telling the clients of a stream broke")
        finally:
            leave()

    async def _wait_until(self, moment: float) -> None:
        """Wait for news, not beyond the moment; clients that are behind are looked after in between."""
        if any(client.is_behind for client in self._clients):
            moment = min(moment, asyncio.get_running_loop().time() + self._limits.look_s)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(moment):
                await self._news.wait()

    async def _round(self, now: float, *, is_beat: bool) -> None:
        begun = self._packets.stamp()
        if begun is None:
            return
        for some in _some(tuple(self._clients)):
            # More may have come since the ones before; then they are told of it in the next round.
            stamp = self._packets.stamp() or begun
            for client in some:
                if not (client.is_subscribed and client.is_open):
                    continue
                if client.looks_behind(now):
                    if client.has_stalled(now):
                        message = "a client of the stream does not read what it is sent, and is cut"
                        self._seldom.warning("unread", message)
                        client.cut()
                    continue
                self._bring_up(client, stamp)
                if is_beat:
                    client.give(self._packets.beat(client.wish.encoding))
            await give_way()
        self._packets.forget(begun.seq)

    def _bring_up(self, client: StreamClient, stamp: Stamp) -> None:
        """Give it what leads from where it stands to now."""
        is_current = client.session_id == stamp.session_id and client.seq == stamp.seq
        if is_current and not client.is_behind:
            return
        packet = None
        if client.is_behind:
            why = Why.BEHIND
        elif client.session_id is None:
            why = Why.SUBSCRIBED
        elif client.session_id != stamp.session_id:
            why = Why.RESTARTED
        else:
            why = Why.BEHIND
            packet = self._packets.since(client.session_id, client.seq, client.wish)
        if packet is None:
            client.give(self._packets.whole(why, client.wish.encoding), is_whole=True)
        else:
            client.give(packet)


def _some(clients: Sequence[StreamClient]) -> Iterator[Sequence[StreamClient]]:
    for begin in range(0, len(clients), CLIENTS_AT_ONCE):
        yield clients[begin : begin + CLIENTS_AT_ONCE]
