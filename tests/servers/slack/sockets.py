"""Socket Mode: tickets, connections, envelopes and their acknowledgements."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiohttp import WSMsgType, web

from tests.servers.common.bell import Bell
from tests.servers.slack.calls import CallLog
from tests.servers.slack.deliveries import Delivery, Kind, NotTaken
from tests.servers.slack.limits import CONNECTIONS


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket of the app. A retiring one was told to go, and gets nothing new."""

    number: int
    socket: web.WebSocketResponse = field(repr=False)
    request: web.BaseRequest = field(repr=False)
    is_retiring: bool = False
    is_frozen: bool = False
    #: How many envelopes it was given.
    given: int = 0


class Sockets:
    """Each envelope goes to one connection, any of them; its acknowledgement may come by another."""

    def __init__(self, app_id: str, log: CallLog, changed: Bell, *, ack_s: float, address: Callable[[], str]) -> None:
        self.connections: list[Connection] = []
        #: Whether Socket Mode was switched off for the app: whoever connects is told so.
        self.is_off = False
        #: Acknowledgements that came after their time was over.
        self.late: list[str] = []
        self._app_id = app_id
        self._log = log
        self._changed = changed
        self._ack_s = ack_s
        self._address = address
        self._random = Random(7)
        self._tickets: set[str] = set()
        self._opened = 0
        self._sent = 0
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._over: set[str] = set()

    @property
    def open(self) -> list[Connection]:
        """Those that take something new."""
        return [one for one in self.connections if not one.is_retiring and not one.is_frozen and not one.socket.closed]

    def ticket(self) -> str:
        """The address for one connection; it is good once."""
        ticket = f"ticket-{self._opened + len(self._tickets) + 1}"
        self._tickets.add(ticket)
        return f"{self._address()}?ticket={ticket}&app_id={self._app_id}"

    async def answer(self, request: web.BaseRequest, rest: str) -> web.StreamResponse:
        """Serve one connection for as long as it lives."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            self._log.breach("socket", "the ticket of a connection is good once")
            return web.Response(status=403)
        self._tickets.discard(ticket)
        self._opened += 1
        # Pings are answered below: a frozen connection answers none.
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if self.is_off or len(self.connections) >= CONNECTIONS:
            reason = "link_disabled" if self.is_off else "too_many_websockets"
            await self._say(socket, {"type": "disconnect", "reason": reason})
            await socket.close()
            return socket
        connection = Connection(self._opened, socket, request)
        self.connections.append(connection)
        try:
            await self._say(socket, self._hello())
            self._changed.ring()
            await self._read(connection)
        finally:
            self.connections.remove(connection)
            self._changed.ring()
        return socket

    async def hand_over(self, delivery: Delivery, reason: str) -> Any:
        """Send it, and wait for the acknowledgement; returns what came with it, or raises `NotTaken`.

        An event waits for a connection; nobody waits so long for anything else.
        """
        patience = None if delivery.kind is Kind.EVENT else self._ack_s
        if not await self._changed.until(lambda: self.open, patience):
            raise NotTaken("dispatch_failed")
        connection = self._random.choice(self.open)
        self._sent += 1
        envelope_id = f"envelope-{self._sent}"
        acknowledged = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        connection.given += 1
        delivery.tries += 1
        self._changed.ring()
        try:
            await connection.socket.send_str(json.dumps(self._envelope(envelope_id, delivery, reason)))
            async with asyncio.timeout(self._ack_s):
                answer = await acknowledged
        except (TimeoutError, ConnectionError):
            self._over.add(envelope_id)
            raise NotTaken("timeout") from None
        finally:
            del self._waiting[envelope_id]
        if answer and not delivery.accepts_answer:
            self._log.breach("socket", f"nobody reads what comes with the acknowledgement of {delivery.event_type}")
        return answer

    async def disconnect(self, reason: str, *, grace_s: float = 1.0) -> None:
        """Tell every connection to go (`warning`, `refresh_requested`, `link_disabled`).

        Returns when they are gone; who has not gone after `grace_s` is closed from here. After a `warning` nobody has
        to go.
        """
        told = list(self.connections)
        for connection in told:
            connection.is_retiring = reason != "warning"
            await self._say(connection.socket, {"type": "disconnect", "reason": reason, "debug_info": {}})
        if reason == "warning":
            return
        await self._changed.until(lambda: not set(told).intersection(self.connections), grace_s)
        for connection in set(told).intersection(self.connections):
            await connection.socket.close()

    def cut(self) -> None:
        """Cut every connection without a word."""
        for connection in self.connections:
            if connection.request.transport is not None:
                connection.request.transport.abort()

    def freeze(self) -> None:
        """The connections stay, and nothing comes over them any more, no pong either."""
        for connection in self.connections:
            connection.is_frozen = True

    async def _read(self, connection: Connection) -> None:
        async for message in connection.socket:
            if connection.is_frozen:
                continue
            if message.type is WSMsgType.PING:
                with suppress(ConnectionError):
                    await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledge(message.data)

    def _acknowledge(self, text: str) -> None:
        try:
            ack = json.loads(text)
            envelope_id = str(ack["envelope_id"])
        except (ValueError, KeyError, TypeError):
            self._log.breach("socket", f"no acknowledgement: {text[:80]!r}")
            return
        waiting = self._waiting.get(envelope_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack.get("payload"))
        elif envelope_id in self._over:
            self.late.append(envelope_id)
        else:
            self._log.breach("socket", f"{envelope_id} was never sent, or is acknowledged twice")
        if waiting is not None:
            self._over.add(envelope_id)
        self._changed.ring()

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app_id},
        }

    def _envelope(self, envelope_id: str, delivery: Delivery, reason: str) -> dict[str, Any]:
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": delivery.kind,
            "payload": delivery.payload,
            "accepts_response_payload": delivery.accepts_answer,
        }
        if delivery.kind is Kind.EVENT:
            envelope.update(retry_attempt=delivery.tries - 1, retry_reason=reason)
        return envelope

    async def _say(self, socket: web.WebSocketResponse, message: Mapping[str, Any]) -> None:
        # A connection may go at any moment; what it was not told is sent again, or was a farewell.
        with suppress(ConnectionError):
            await socket.send_str(json.dumps(message))
