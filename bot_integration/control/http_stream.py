"""What a bot tells over its WebSocket, frame by frame."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable

from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType

from bot_integration.control.acquaintance import Acquaintance
from bot_integration.control.codec import Encoding, Malformed, decode
from bot_integration.control.errors import NotTaken
from bot_integration.control.http_reply import not_understood
from bot_integration.errors import Unreachable
from bot_integration.frames import Frame, Resume, Whole

#: Of one message, in bytes: room for a snapshot of tens of thousands of positions.
MESSAGE_LIMIT = 64 * 1024 * 1024


async def subscribe(socket: ClientWebSocketResponse, resume: Resume | None) -> None:
    """Say what is wanted: all channels, from `resume` on."""
    asked = {} if resume is None else {"session_id": str(resume.session_id), "last_seq": resume.last_seq}
    await socket.send_str(json.dumps({"action": "subscribe", **asked}))


async def frames(
    socket: ClientWebSocketResponse,
    bot: Acquaintance,
    silence_s: float,
    says_nothing_yet: Callable[[], Awaitable[bool]],
) -> AsyncGenerator[Frame, None]:
    """All that comes, until it raises why no more does. A bot that has nothing to say yet may be silent."""
    heard = False
    while True:
        try:
            message = await socket.receive(timeout=silence_s)
        except TimeoutError as error:
            if not heard and await says_nothing_yet():
                continue
            raise Unreachable(f"nothing came for {silence_s:g} s, not even a heartbeat") from error
        if message.type is WSMsgType.TEXT:
            encoding = Encoding.JSON
        elif message.type is WSMsgType.BINARY:
            encoding = Encoding.MSGPACK
        elif message.type is WSMsgType.ERROR:
            raise not_understood(bot, "a message breaks the WebSocket protocol")
        else:
            raise _broken(socket, bot)
        try:
            frame = decode(message.data, encoding)
        except Malformed as error:
            raise not_understood(bot, str(error)) from error
        if isinstance(frame, Whole):
            bot.check(frame.snapshot)
        heard = True
        yield frame


def _broken(socket: ClientWebSocketResponse, bot: Acquaintance) -> Unreachable:
    if socket.close_code == WSCloseCode.TRY_AGAIN_LATER:
        return NotTaken(f"As many follow {bot} as it lets. End one of them: it is tried again.")
    return Unreachable(f"the stream broke (code {socket.close_code})")
