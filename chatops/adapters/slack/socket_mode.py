"""The way in by a socket that we open: Slack sends envelopes, each is stored before it is acknowledged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson

from chatops.adapters.own_tasks import OwnTasks
from chatops.adapters.slack.bolt import Dispatch
from chatops.adapters.slack.company import Company
from chatops.adapters.slack.line import Line, Lost
from chatops.link import Link

log = logging.getLogger(__name__)

#: Without a sign of life in so long a socket is dead.
HEARTBEAT_S = 10.0
#: Until a socket is open and says hello.
HELLO_S = 10.0
#: How long a socket is read on that Slack wants replaced: it may have sent something before it saw the next.
LINGER_S = 20.0
#: Reasons of Slack's for which the next socket is opened before this one is let go (contract, limits.socket_mode).
_REFRESH = ("warning", "refresh_requested")

_OFF = "Socket Mode is off for this app: switch it on at api.slack.com/apps, your app, Socket Mode"

#: Asks Slack for the address of a new socket, which is good once. Raises `Lost`.
Ticket = Callable[[], Awaitable[str]]


class SocketMode:
    """Holds one socket, and two while one is replaced. `begin` is done once, before the first is opened.

    Where Slack counts sockets that are not ours, another is opened after a while to see whether they are still there.
    """

    def __init__(
        self,
        ticket: Ticket,
        dispatch: Dispatch,
        line: Line,
        tasks: OwnTasks,
        *,
        begin: Callable[[], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._ticket = ticket
        self._dispatch = dispatch
        self._line = line
        self._tasks = tasks
        self._begin = begin
        self._sleep = sleep
        self._company = Company()
        #: Those that are open, and whether Slack wants it gone.
        self._ours: dict[aiohttp.ClientWebSocketResponse, bool] = {}

    @property
    def link(self) -> Link:
        """Whether a socket is open."""
        return self._line.link

    async def open(self) -> None:
        """Nothing has to be taken."""

    async def close(self) -> None:
        """Nothing comes but by what `run` holds."""

    async def run(self) -> None:
        """Begin, and then hold a socket until cancelled."""
        while not await self._line.tried(self._begin):
            pass
        async with aiohttp.ClientSession() as session:
            while True:
                await self._line.tried(partial(self._hold, session))

    async def _hold(self, session: aiohttp.ClientSession) -> None:
        """Open a socket, and read it until it is lost, which raises `Lost`, or until the next should be opened."""
        socket = await _connected(session, await self._ticket())
        is_over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks.begin("reading a socket of slack", partial(self._read, socket, is_over))
        await is_over

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, is_over: "asyncio.Future[None]") -> None:
        """Take what a socket brings, until it is closed."""
        loop = asyncio.get_running_loop()
        look: asyncio.Task[None] | None = None
        try:
            # First for the hello, then without a limit, then for what comes after it is to be replaced.
            async with asyncio.timeout(HELLO_S) as limit:
                async for message in socket:
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        continue
                    frame = _object(message.data)
                    match frame.get("type"):
                        case "hello":
                            limit.reschedule(None)
                            self._ours[socket] = False
                            look = self._greeted(frame.get("num_connections"), limit, is_over)
                        case "disconnect":
                            self._ours[socket] = True
                            limit.reschedule(loop.time() + LINGER_S)
                            self._replace(frame.get("reason"), is_over)
                        case _ if _is_read_alone(frame):
                            # Somebody types: nothing of it is kept, and what comes after need not wait for it.
                            self._tasks.begin("answering a menu of slack", partial(self._take, socket, frame))
                        case _:
                            await self._take(socket, frame)
        except (TimeoutError, ConnectionError) as error:
            log.info("slack: a socket is let go: %s", type(error).__name__)
        finally:
            self._ours.pop(socket, None)
            if look is not None:
                look.cancel()
            if not is_over.done():
                is_over.set_exception(Lost("Slack's socket was closed"))
            await socket.close()

    def _greeted(
        self, told: object, limit: asyncio.Timeout, is_over: "asyncio.Future[None]"
    ) -> "asyncio.Task[None] | None":
        """A socket is open, and Slack has told how many the app has; gives what looks again, where that has to be."""
        leaving = sum(self._ours.values())
        wait_s = self._company.counted(told, len(self._ours) - leaving, leaving)
        self._line.held(self._company.note)
        if wait_s is None:
            return None
        work = partial(self._look_again, wait_s, limit, is_over)
        return self._tasks.begin("looking for others who listen on slack", work)

    async def _look_again(self, wait_s: float, limit: asyncio.Timeout, is_over: "asyncio.Future[None]") -> None:
        """Have this socket replaced: the next one is told how many there are."""
        await self._sleep(wait_s)
        if not is_over.done():
            limit.reschedule(asyncio.get_running_loop().time() + LINGER_S)
            is_over.set_result(None)

    def _replace(self, reason: object, is_over: "asyncio.Future[None]") -> None:
        log.info("slack: the socket is to be replaced: %s", reason)
        if is_over.done():
            return
        if reason in _REFRESH:
            is_over.set_result(None)
        elif reason == "link_disabled":
            is_over.set_exception(Lost(_OFF, to_mend=True))
        else:
            is_over.set_exception(Lost(f"Slack closed the socket ({str(reason)[:64]})"))

    async def _take(self, socket: aiohttp.ClientWebSocketResponse, frame: Mapping[str, Any]) -> None:
        """Dispatch an envelope, and acknowledge it where it was taken; what is not comes again."""
        envelope, payload = frame.get("envelope_id"), frame.get("payload")
        if not isinstance(envelope, str) or not isinstance(payload, dict):
            return
        answer = await self._dispatch(payload)
        if answer.status != HTTPStatus.OK:
            return
        said = {"payload": _object(answer.body)} if answer.body else {}
        try:
            await socket.send_str(orjson.dumps({"envelope_id": envelope, **said}).decode())
        except (ConnectionError, aiohttp.ClientError):
            # It comes again, by the next socket, and is known.
            log.info("slack: an envelope could not be acknowledged")


async def _connected(session: aiohttp.ClientSession, address: str) -> aiohttp.ClientWebSocketResponse:
    try:
        async with asyncio.timeout(HELLO_S):
            return await session.ws_connect(address, heartbeat=HEARTBEAT_S)
    except TimeoutError as error:
        raise Lost("Slack's socket did not open in time") from error
    except (aiohttp.ClientError, OSError) as error:
        # Its address is a secret for as long as it is good, and stands in some errors.
        raise Lost(f"Slack's socket cannot be opened ({type(error).__name__})") from error


def _is_read_alone(frame: Mapping[str, Any]) -> bool:
    payload = frame.get("payload")
    return isinstance(payload, dict) and payload.get("type") == "block_suggestion"


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
