"""The WebSocket of a control API: who connects, and what they ask for."""

import asyncio
import logging
from collections.abc import Mapping
from random import SystemRandom

from aiohttp import WSCloseCode, WSMsgType, hdrs, web

from bot_integration.control import wire
from bot_integration.control.audience import Audience
from bot_integration.control.codec import Encoding, Malformed, encode_error
from bot_integration.control.door import Declined
from bot_integration.control.packets import framed
from bot_integration.control.stream_client import StreamClient
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.control.subscribing import Subscribe
from bot_integration.control.wire import ErrorCode

log = logging.getLogger(__name__)

#: Of a message from a client, in bytes.
MESSAGE_LIMIT = 4 * 1024
#: What a 426 has to say (RFC 9110, 15.5.22).
UPGRADE: Mapping[str, str] = {hdrs.UPGRADE: "websocket"}


class Stream:
    """Seats clients in an audience, and hears what they want until they go."""

    def __init__(self, bot: str, audience: Audience, limits: StreamLimits) -> None:
        self._bot = bot
        self._audience = audience
        self._limits = limits
        self._chance = SystemRandom().random

    def add_to(self, application: web.Application) -> None:
        """Lay the path."""
        application.router.add_get(wire.STREAM, self.serve, allow_head=False)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One client, from its first word to its last."""
        encoding = _encoding(request)
        ends = web.WebSocketResponse(
            # A frame is made once for all; and what deflate remembers for each client is memory.
            compress=False,
            # Apart from each other: those who came back at one moment are not all asked, and do not answer, at another.
            heartbeat=self._limits.ping_s * (0.75 + self._chance() / 2),
            timeout=self._limits.farewell_s,
            max_msg_size=MESSAGE_LIMIT,
        )
        transport = request.transport
        if transport is None or not ends.can_prepare(request):
            raise Declined(426, ErrorCode.MALFORMED, "This is a stream: open it as a WebSocket.", UPGRADE)
        await ends.prepare(request)
        turned_away = self._audience.turns_away
        if turned_away is not None:
            code, message = turned_away
            await ends.close(code=code, message=message.encode(), drain=False)
            return ends
        client = StreamClient(ends, transport, encoding, self._limits)
        try:
            async with self._audience.hosting(client):
                await self._listen(client)
        except ConnectionError:
            log.info("a client of the stream of %s is gone", self._bot)
        except Exception:
            log.exception("the stream of %s to a client broke", self._bot)
            await ends.close(code=WSCloseCode.INTERNAL_ERROR, drain=False)
        finally:
            client.let_go()
        return ends

    async def _listen(self, client: StreamClient) -> None:
        wrong = 0
        try:
            async with asyncio.timeout(self._limits.subscribe_s) as patience:
                while wrong < self._limits.wrong_messages:
                    message = await client.ends.receive()
                    if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                        return
                    try:
                        asked = Subscribe.parse(message.data)
                    except Malformed as error:
                        wrong += 1
                        error_frame = encode_error(ErrorCode.MALFORMED, str(error), client.wish.encoding)
                        client.say(framed(error_frame, client.wish.encoding))
                    else:
                        patience.reschedule(None)
                        await self._audience.subscribe(client, asked)
                    # Who asks without end is answered at our pace.
                    await asyncio.sleep(self._limits.pace_s)
        except TimeoutError:
            why = f"Nothing was subscribed to within {self._limits.subscribe_s:g} s."
        else:
            why = "Too many messages could not be read."
        await client.ends.close(code=WSCloseCode.POLICY_VIOLATION, message=why.encode(), drain=False)


def _encoding(request: web.Request) -> Encoding:
    asked = request.query.get("encoding", Encoding.JSON)
    try:
        return Encoding(asked)
    except ValueError as error:
        raise Declined(400, ErrorCode.MALFORMED, f"encoding: expected {' or '.join(Encoding)}.") from error
