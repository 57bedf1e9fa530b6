"""One bot's control API over HTTP, as calls that answer or raise."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from types import TracebackType
from typing import Self
from uuid import UUID

from aiohttp import (
    BaseConnector,
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    ClientWSTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
    UnixConnector,
    WSServerHandshakeError,
)
from yarl import URL

from bot_integration.commands import Command, CommandResult, Outcome, Preview
from bot_integration.control import wire
from bot_integration.control.acquaintance import Acquaintance
from bot_integration.control.codec import Encoding
from bot_integration.control.errors import NothingSent, NotTaken
from bot_integration.control.http_reply import Reply, not_understood
from bot_integration.control.http_stream import MESSAGE_LIMIT, frames, subscribe
from bot_integration.control.line import SILENCE_S, Answered
from bot_integration.control.wire import ErrorCode, HealthAnswer
from bot_integration.errors import Refused, Unreachable
from bot_integration.frames import Frame, Resume
from bot_integration.state import Snapshot

#: How long a connection may take to come about.
CONNECT_S = 3.0
#: How long an answer may take that the bot does not work for.
ANSWER_S = 5.0
#: How long the bot may look at its venues for a preview.
PREVIEW_S = 10.0
#: How long the other end of a stream may take to say goodbye.
FAREWELL_S = 0.5


class HttpLine:
    """A `Line` over HTTP and a WebSocket, on TCP or on a Unix socket."""

    def __init__(
        self,
        name: str | None,
        url: str,
        token: str | None,
        *,
        encoding: Encoding = Encoding.JSON,
        silence_s: float = SILENCE_S,
    ) -> None:
        """`url` is `http://host:port`, `https://…` or `unix:///path`; raises `ValueError` on another."""
        self._socket = url.removeprefix("unix://") if url.startswith("unix://") else None
        self._base = _base(url)
        self._bot = Acquaintance(name, self.where)
        self._encoding = encoding
        self._silence_s = silence_s
        self._token = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._opened = AsyncExitStack()
        #: Keeps its connection: it streams.
        self._following: ClientSession | None = None
        #: A new connection each time. A kept one may have died unseen, and then nobody knows whether a command left.
        self._asking: ClientSession | None = None

    @property
    def where(self) -> str:
        """The address, as people may read it."""
        if self._socket is not None:
            return f"unix://{self._socket}"
        return str(URL(self._base).with_user(None))

    async def __aenter__(self) -> Self:
        self._following = await self._opened.enter_async_context(self._session(force_close=False))
        self._asking = await self._opened.enter_async_context(self._session(force_close=True))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._opened.aclose()

    async def snapshot(self) -> Snapshot | None:
        """The facts of now; None where the bot has published nothing yet."""
        reply = await self._ask("GET", wire.SNAPSHOT, ANSWER_S)
        return None if reply.says(ErrorCode.NO_SNAPSHOT) else self._bot.check(reply.read(Snapshot))

    @asynccontextmanager
    async def follow(self, resume: Resume | None) -> AsyncIterator[AsyncIterator[Frame]]:
        """What the bot tells from `resume` on, or from a whole snapshot on."""
        async with await self._open_stream() as socket:
            try:
                await subscribe(socket, resume)
            except (ClientError, OSError) as error:
                raise Unreachable(f"the stream broke ({type(error).__name__})") from error
            told = frames(socket, self._bot, self._silence_s, self._says_nothing_yet)
            async with aclosing(told):
                yield told

    async def execute(self, command: Command, within_s: float) -> Answered:
        """Send it once, and what came of it."""
        try:
            body = wire.encode_command(command)
        except ValueError as error:
            raise NotTaken(f"{command.name} holds a value that cannot be written as JSON.") from error
        headers = {wire.IDEMPOTENCY_HEADER: str(command.id)}
        reply = await self._ask("POST", wire.COMMANDS, within_s, body=body, headers=headers)
        if (taken := reply.error) is not None and reply.says(ErrorCode.ID_TAKEN):
            # Asked for by its id, the bot would answer for the other one.
            result = CommandResult(command_id=command.id, outcome=Outcome.REFUSED, message=taken.message)
            return Answered(result, reply.seq)
        return Answered(self._result(reply, command.id), reply.seq)

    async def recall(self, command_id: UUID) -> CommandResult | None:
        """What came of a command of this id; None where this run of the bot knows of none."""
        reply = await self._ask("GET", f"{wire.COMMANDS}/{command_id}", ANSWER_S)
        return None if reply.says(ErrorCode.NOT_RUN) else self._result(reply, command_id)

    async def preview(self, command: Command) -> Preview | None:
        """What it would do now; None where the bot does not say. Raises `Refused` where it would be."""
        try:
            body = wire.encode_command(command)
        except ValueError as error:
            raise Refused(f"{command.name} holds a value that cannot be written as JSON.") from error
        reply = await self._ask("POST", wire.PREVIEWS, PREVIEW_S, body=body)
        if reply.status == 204:
            return None
        if (refusal := reply.error) is not None and reply.says(ErrorCode.REFUSED):
            raise Refused(refusal.message)
        return reply.read(Preview)

    # ------------------------------------------------------------------------ inside

    def _session(self, *, force_close: bool) -> ClientSession:
        connector: BaseConnector = (
            TCPConnector(force_close=force_close)
            if self._socket is None
            else UnixConnector(self._socket, force_close=force_close)
        )
        return ClientSession(connector=connector, headers=self._token, cookie_jar=DummyCookieJar())

    def _headers(self) -> dict[str, str]:
        return {} if self._bot.name is None else {wire.BOT_HEADER: wire.name_to_header(self._bot.name)}

    def _open(self, session: ClientSession | None) -> ClientSession:
        if session is None or session.closed:
            raise RuntimeError(f"the line to {self._bot} is not open: use `async with`")
        return session

    async def _open_stream(self) -> ClientWebSocketResponse:
        session = self._open(self._following)
        try:
            with _in_our_words():
                async with asyncio.timeout(CONNECT_S + ANSWER_S):
                    return await session.ws_connect(
                        f"{self._base}{wire.STREAM}",
                        params={"encoding": self._encoding},
                        headers=self._headers(),
                        max_msg_size=MESSAGE_LIMIT,
                        timeout=ClientWSTimeout(ws_close=FAREWELL_S),
                    )
        except WSServerHandshakeError as error:
            raise await self._turned_away(error.status) from error

    async def _turned_away(self, status: int) -> Unreachable:
        """Why there is no stream: an answer to an upgrade has no body, and that to another question has one."""
        reply = await self._ask("GET", wire.HEALTH, ANSWER_S)
        if reply.status >= 400:
            return reply.complaint()
        reply.read(HealthAnswer)
        return not_understood(self._bot, f"it has no stream (HTTP status {status})")

    async def _says_nothing_yet(self) -> bool:
        return (await self._ask("GET", wire.HEALTH, ANSWER_S)).read(HealthAnswer).session_id is None

    async def _ask(
        self,
        method: str,
        path: str,
        within_s: float,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        session = self._open(self._asking)
        sent_as = {"Content-Type": "application/json"} if body is not None else {}
        with _in_our_words():
            async with session.request(
                method,
                f"{self._base}{path}",
                data=body,
                headers={**self._headers(), **sent_as, **(headers or {})},
                timeout=ClientTimeout(total=within_s, sock_connect=CONNECT_S),
                # Whoever sends us elsewhere is no bot, and would be shown the token.
                allow_redirects=False,
            ) as response:
                seq = response.headers.get(wire.SEQ_HEADER, "")
                return Reply(self._bot, response.status, await response.read(), int(seq) if seq.isdecimal() else None)

    def _result(self, reply: Reply, command_id: UUID) -> CommandResult:
        result = reply.read(CommandResult)
        if result.command_id != command_id:
            raise Unreachable(f"{self._bot} answered for another command")
        return result


def _base(url: str) -> str:
    if url.startswith("unix:///") and len(url) > len("unix:///"):
        return "http://localhost"
    try:
        parsed = URL(url)
    except ValueError:
        parsed = URL()
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        # Not quoted: a URL may hold a password.
        raise ValueError("the url of a bot is http://host:port, tcp://host:port or unix:///path")
    return url.rstrip("/")


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What the library says of a failure names hosts and ports, and people read this. A handshake's is left."""
    try:
        yield
    except WSServerHandshakeError:
        raise
    except ConnectionTimeoutError as error:
        raise NothingSent("no connection in time") from error
    except ClientConnectorError as error:
        raise NothingSent(_reason(error)) from error
    except TimeoutError as error:
        raise Unreachable("no answer in time") from error
    except (ClientError, OSError) as error:
        raise Unreachable(f"the connection broke ({type(error).__name__})") from error


def _reason(error: ClientConnectorError) -> str:
    number = error.os_error.errno
    return os.strerror(number).lower() if number is not None and number > 0 else str(error.os_error)
