"""One bot's control API, as calls that answer or raise."""

import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

from aiohttp import (
    BaseConnector,
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
    UnixConnector,
)
from pydantic import BaseModel, ValidationError
from yarl import URL

from bot_integration.commands import Command, CommandResult, Preview
from bot_integration.control import wire
from bot_integration.control.errors import NothingSent, NotTaken, WrongBot
from bot_integration.control.wire import ErrorAnswer, ErrorCode, Mark
from bot_integration.errors import Refused, Unreachable
from bot_integration.state import Snapshot

ModelT = TypeVar("ModelT", bound=BaseModel)

#: How long a connection may take to come about.
CONNECT_S = 3.0
#: How long an answer may take that the bot does not work for.
ANSWER_S = 5.0
#: How long the bot may look at its venues for a preview.
PREVIEW_S = 10.0

#: Errors that say that nothing was taken on. Any other may come from in between, after the bot was asked.
TAKEN_NOTHING_ON = frozenset(
    {
        ErrorCode.UNAUTHORIZED,
        ErrorCode.FORBIDDEN,
        ErrorCode.MALFORMED,
        ErrorCode.TOO_LARGE,
        ErrorCode.TOO_SLOW,
        ErrorCode.NOT_FOUND,
        ErrorCode.METHOD_NOT_ALLOWED,
    }
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, a body, and what the body says where it is an error."""

    status: int
    body: bytes
    error: ErrorAnswer | None

    def says(self, code: ErrorCode) -> bool:
        """Whether this is that error, said by a bot's end."""
        return self.error is not None and self.error.error == code


class Line:
    """Open while it is entered. Every call raises `Unreachable`, or one of its kinds, where it got no answer."""

    def __init__(self, name: str, url: str, token: str | None) -> None:
        """`url` is `http://host:port`, `https://…` or `unix:///path`; raises `ValueError` on another."""
        self._name = name
        self._socket = url.removeprefix("unix://") if url.startswith("unix://") else None
        self._base = _base(url)
        self._headers = {wire.BOT_HEADER: wire.name_to_header(name)}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._opened = AsyncExitStack()
        #: Keeps its connection: it asks again and again.
        self._following: ClientSession | None = None
        #: A new connection each time. A kept one may have died unseen, and then nobody knows whether a command left.
        self._asking: ClientSession | None = None

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

    async def snapshot(self, after: Mark | None, wait_s: float) -> Snapshot | None:
        """The facts as soon as they are other than `after`; None where they are not within `wait_s`."""
        query = {"wait": f"{wait_s:g}"} | ({} if after is None else {"after": str(after)})
        reply = await self._ask(self._following, "GET", wire.SNAPSHOT, wait_s + ANSWER_S, query=query)
        if reply.status == 304 or reply.says(ErrorCode.NO_SNAPSHOT):
            return None
        snapshot = self._read(reply, Snapshot)
        if snapshot.bot != self._name:
            raise WrongBot(self._another(f"This is {snapshot.bot}, not {self._name}."))
        return snapshot

    async def execute(self, command: Command, within_s: float) -> CommandResult:
        """Send it once, and what came of it.

        Raises `NothingSent` and `NotTaken` where it surely did not happen.
        """
        try:
            body = wire.encode_command(command)
        except ValueError as error:
            raise NotTaken(f"{command.name} holds a value that cannot be written as JSON.") from error
        headers = {wire.IDEMPOTENCY_HEADER: str(command.id)}
        reply = await self._ask(self._asking, "POST", wire.COMMANDS, within_s, body=body, headers=headers)
        return self._result(reply, command.id)

    async def recall(self, command_id: UUID) -> CommandResult | None:
        """What came of a command of this id; None where this run of the bot knows of none."""
        reply = await self._ask(self._asking, "GET", f"{wire.COMMANDS}/{command_id}", ANSWER_S)
        return None if reply.says(ErrorCode.NOT_RUN) else self._result(reply, command_id)

    async def preview(self, command: Command) -> Preview | None:
        """What it would do now; None where the bot does not say. Raises `Refused` where it would be."""
        try:
            body = wire.encode_command(command)
        except ValueError as error:
            raise Refused(f"{command.name} holds a value that cannot be written as JSON.") from error
        reply = await self._ask(self._asking, "POST", wire.PREVIEWS, PREVIEW_S, body=body)
        if reply.status == 204:
            return None
        if reply.error is not None and reply.says(ErrorCode.REFUSED):
            raise Refused(reply.error.message)
        return self._read(reply, Preview)

    def _session(self, *, force_close: bool) -> ClientSession:
        connector: BaseConnector = (
            TCPConnector(force_close=force_close)
            if self._socket is None
            else UnixConnector(self._socket, force_close=force_close)
        )
        return ClientSession(connector=connector, headers=self._headers, cookie_jar=DummyCookieJar())

    async def _ask(
        self,
        session: ClientSession | None,
        method: str,
        path: str,
        within_s: float,
        *,
        query: dict[str, str] | None = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        if session is None or session.closed:
            raise RuntimeError(f"the line to {self._name} is not open: use `async with`")
        sent_as = {"Content-Type": "application/json"} if body is not None else {}
        timeout = ClientTimeout(total=within_s, sock_connect=CONNECT_S)
        try:
            async with session.request(
                method,
                f"{self._base}{path}",
                params=query,
                data=body,
                headers={**sent_as, **(headers or {})},
                timeout=timeout,
                # Whoever sends us elsewhere is no bot, and would be shown the token.
                allow_redirects=False,
            ) as response:
                answer = await response.read()
                status = response.status
        except ConnectionTimeoutError as error:
            raise NothingSent("no connection in time") from error
        except ClientConnectorError as error:
            raise NothingSent(_reason(error)) from error
        except TimeoutError as error:
            raise Unreachable("no answer in time") from error
        except (ClientError, OSError) as error:
            # What the library says of it names hosts and ports, and people read this.
            raise Unreachable(f"the connection broke ({type(error).__name__})") from error
        return Reply(status, answer, _error_in(answer) if status >= 400 else None)

    def _read(self, reply: Reply, kind: type[ModelT]) -> ModelT:
        """What a good answer holds; otherwise raise what the other one means."""
        if reply.status != 200:
            raise self._complaint(reply)
        try:
            return kind.model_validate_json(reply.body)
        except ValidationError as error:
            raise Unreachable(
                f"what answers for {self._name} is no control API that we understand, or of another version: "
                f"{wire.describe(error)}"
            ) from error

    def _result(self, reply: Reply, command_id: UUID) -> CommandResult:
        result = self._read(reply, CommandResult)
        if result.command_id != command_id:
            raise Unreachable(f"{self._name} answered for another command")
        return result

    def _complaint(self, reply: Reply) -> Unreachable:
        message = reply.error.message if reply.error is not None else f"HTTP status {reply.status}"
        if reply.status == 401:
            return NotTaken(
                f"{self._name} does not accept our token. Give both ends the same: "
                f"token or token_file of {self._name} here, the token of its control API there."
            )
        if reply.says(ErrorCode.WRONG_BOT):
            return WrongBot(self._another(message))
        if reply.error is not None and reply.error.error in TAKEN_NOTHING_ON:
            return NotTaken(f"{self._name} did not understand us: {message}")
        return Unreachable(f"{self._name} answered with an error: {message}")

    def _another(self, message: str) -> str:
        where = f"unix://{self._socket}" if self._socket is not None else self._base
        return f"Another bot answers at {where}: {message} Correct the url, or the name, of {self._name}."


def _base(url: str) -> str:
    if url.startswith("unix:///") and len(url) > len("unix:///"):
        return "http://localhost"
    try:
        parsed = URL(url)
    except ValueError:
        parsed = URL()
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        # Not quoted: a URL may hold a password.
        raise ValueError("the url of a bot is http://host:port or unix:///path")
    return url.rstrip("/")


def _error_in(body: bytes) -> ErrorAnswer | None:
    try:
        return ErrorAnswer.model_validate_json(body)
    except ValidationError:
        return None


def _reason(error: ClientConnectorError) -> str:
    number = error.os_error.errno
    return os.strerror(number).lower() if number is not None and number > 0 else str(error.os_error)
