"""One connection to a control socket, seen from the client's end."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from bot_integration.control.errors import NothingSent, NotTaken, NotUnderstood, WrongToken
from bot_integration.control.line import SILENCE_S
from bot_integration.control.socket_wire import LINE_LIMIT, STATE_LIMIT, NoObject, line, parse
from bot_integration.control.wire import ErrorCode
from bot_integration.errors import Refused, Unreachable

#: How long a connection may take to come about, and how long its first line.
CONNECT_S, HELLO_S = 3.0, 2.0
#: What a bot takes that does not say what it takes.
ACCEPTED_BY_ALL = frozenset({"update_config", "kill_switch"})

#: What answers what.
_ANSWERS = {
    "command_result": "command",
    "recall_result": "recall",
    "preview_result": "preview",
    "update_config_ack": "update_config",
    "kill_switch_ack": "kill_switch",
}
#: Errors that say that nothing was taken on. Any other may come after the bot was asked.
_TAKEN_NOTHING_ON = frozenset({ErrorCode.MALFORMED, ErrorCode.TOO_LARGE, ErrorCode.TOO_MANY, ErrorCode.TOO_SLOW})

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Waiting:
    kind: str
    id: str
    key: str | None
    answer: "asyncio.Future[Message]"


class Connection:
    """Open until `close`. Answers come to those who asked while somebody reads `messages`, in the order of the line."""

    def __init__(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, check: Callable[[str | None], None]
    ) -> None:
        self._name = name
        self._reader = reader
        self._writer = writer
        self._check = check
        self._is_silent = True
        self._heard_at = 0.0
        self._first: Message | None = None
        self._hello: Message | None = None
        self._waiting: list[_Waiting] = []

    @classmethod
    async def open(
        cls,
        name: str,
        host: str,
        port: int,
        token: str | None,
        check: Callable[[str | None], None],
        *,
        hello_s: float = HELLO_S,
    ) -> Self:
        """Connect, show the token, hear the first line. Raises `NothingSent`, `NotTaken`, `Unreachable`.

        `check` is given the name of whoever says hello, also where that comes late, and raises where it is another's.
        """
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(host, port, limit=STATE_LIMIT)
        except TimeoutError as error:
            raise NothingSent("no connection in time") from error
        except OSError as error:
            number = error.errno
            raise NothingSent(os.strerror(number).lower() if number and number > 0 else "no connection") from error
        self = cls(name, reader, writer, check)
        try:
            _keep_alive(writer.get_extra_info("socket"))
            if token is not None:
                await self._send(line(type="auth", token=token))
            await self._greet(hello_s, has_token=token is not None)
        except BaseException:
            await self.close()
            raise
        return self

    @property
    def is_foreign(self) -> bool:
        """Whether no hello came: it is no `ControlSocket` that speaks."""
        return self._hello is None

    @property
    def is_silent(self) -> bool:
        """Whether nothing came yet: a simple bot between its cycles, or one of ours that is held up."""
        return self._is_silent

    def is_heard(self, within_s: float) -> bool:
        """Whether something came in the last so many seconds. What is written to one that hangs it may read days on."""
        return not self._is_silent and asyncio.get_running_loop().time() - self._heard_at < within_s

    @property
    def is_open(self) -> bool:
        """Whether it is not known to be broken."""
        return not (self._writer.is_closing() or self._reader.at_eof() or self._reader.exception())

    def takes(self, kind: str) -> bool:
        """Whether this can be asked of it."""
        accepts = None if self._hello is None else self._hello.get("accepts")
        return kind in (accepts if isinstance(accepts, list) else ACCEPTED_BY_ALL)

    async def messages(self) -> AsyncIterator[Message]:
        """All that comes and is no answer. Raises `Unreachable`, or one of its kinds, where it ends."""
        while True:
            # One that says hello says its state again and again. Others may be silent for hours.
            message = self._first or await self._next(None if self.is_foreign else SILENCE_S)
            self._first = None
            self._is_silent = False
            if message.get("type") == "hello":
                self._heed(message)
            if message.get("type") == "error" and "to" not in message:
                raise self._broken(self._turned_away(message))
            if not self._hand_over(message):
                yield message

    async def ask(self, question: Mapping[str, Any], within_s: float, key: str | None = None) -> Message:
        """Send a line, and what answers it. `question` has a `type` and an `id`, or a `command` that has it.

        Raises `NotTaken` where it was surely not taken on, `Refused` where the bot said so.
        """
        about = question.get("command", question)
        told = line(**question)
        if len(told) > LINE_LIMIT:
            raise NotTaken(f"{question['type']} is larger than the {LINE_LIMIT} bytes that {self._name} takes.")
        waiting = _Waiting(str(question["type"]), str(about["id"]), key, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(within_s):
                await self._send(told)
                return await waiting.answer
        except TimeoutError as error:
            raise Unreachable("no answer in time") from error
        finally:
            self._waiting.remove(waiting)
            answer = waiting.answer
            if answer.done() and not answer.cancelled():
                # Looked at, also where it was answered while it was being sent in vain.
                answer.exception()
            elif self.is_foreign:
                # Its answer may still come, without an id, and must not be taken for that to the next question.
                self._writer.transport.abort()

    async def close(self) -> None:
        """End it. Who waits for an answer is told that the connection broke."""
        self._fail(Unreachable("the connection broke"))
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()

    # ------------------------------------------------------------------------ inside

    async def _greet(self, within_s: float, *, has_token: bool) -> None:
        try:
            first = await self._next(within_s)
            if first.get("type") == "auth":
                if not has_token:
                    raise WrongToken(
                        f"{self._name} wants a token, and there is none here. "
                        f"Set token or token_file of {self._name} to that of its control socket."
                    )
                first = await self._next(within_s)
        except TimeoutError:
            # A bot that says nothing until its next cycle.
            return
        if first.get("type") == "error":
            raise self._turned_away(first)
        if first.get("type") == "hello":
            self._heed(first)
        else:
            self._first = first
        self._is_silent = False

    def _heed(self, hello: Message) -> None:
        named = hello.get("bot")
        try:
            self._check(named if isinstance(named, str) else None)
        except Unreachable as error:
            raise self._broken(error) from None
        self._hello = hello

    async def _next(self, within_s: float | None) -> Message:
        """Raises `TimeoutError` of the greeting alone."""
        try:
            async with asyncio.timeout(within_s):
                found = await self._reader.readuntil(b"\n")
            self._heard_at = asyncio.get_running_loop().time()
            return parse(found)
        except TimeoutError as error:
            if self._hello is None:
                raise
            raise self._broken(Unreachable("it is silent")) from error
        except asyncio.IncompleteReadError as error:
            silently = " without a word, as something else than a control socket would" if self._is_silent else ""
            raise self._broken(Unreachable(f"it closed the connection{silently}")) from error
        except OSError as error:
            raise self._broken(Unreachable(f"the connection broke ({type(error).__name__})")) from error
        except (NoObject, asyncio.LimitOverrunError) as error:
            raise self._broken(NotUnderstood(f"what {self._name} says is no line of JSON")) from error

    async def _send(self, told: bytes) -> None:
        try:
            self._writer.write(told)
            await self._writer.drain()
        except OSError as error:
            raise Unreachable(f"the connection broke ({type(error).__name__})") from error

    def _hand_over(self, message: Message) -> bool:
        """Give an answer to who waits for it; whether it was one."""
        said = str(message.get("type"))
        kind = str(message.get("to")) if said == "error" else _ANSWERS.get(said)
        if kind is None:
            return False
        # A simple bot does not say ids back: then the oldest question is meant.
        for one in self._waiting:
            id_ = message.get("id")
            meant = message.get("key") == one.key if id_ is None else str(id_) == one.id
            if one.kind == kind and meant and not one.answer.done():
                if said == "error":
                    one.answer.set_exception(self._complaint(message))
                else:
                    one.answer.set_result(message)
                break
        return True

    def _complaint(self, message: Message) -> Unreachable | Refused:
        code, told = message.get("error"), str(message.get("message") or message.get("error"))
        if code == ErrorCode.REFUSED:
            return Refused(told)
        if code in _TAKEN_NOTHING_ON:
            return NotTaken(f"{self._name} took nothing on: {told}")
        return Unreachable(f"{self._name} answered with an error: {told}")

    def _turned_away(self, message: Message) -> Unreachable:
        """What an error means that is about the connection, and not about anything that was asked."""
        code, told = message.get("error"), str(message.get("message") or message.get("error"))
        if code == ErrorCode.UNAUTHORIZED:
            return WrongToken(
                f"{self._name} does not accept our token. Give both ends the same: "
                f"token or token_file of {self._name} here, the token of its control socket there."
            )
        if code == ErrorCode.TOO_MANY:
            return NotTaken(f"{self._name} does not let us in: {told}")
        return Unreachable(f"{self._name} answered with an error: {told}")

    def _broken(self, why: Unreachable) -> Unreachable:
        self._fail(why)
        return why

    def _fail(self, why: Unreachable) -> None:
        for one in self._waiting:
            if not one.answer.done():
                one.answer.set_exception(why)


def _keep_alive(given: socket.socket) -> None:
    """Have the kernel find out that the other end is gone, also where nobody says anything for hours."""
    given.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, seconds in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        # Not on every system.
        if hasattr(socket, option):
            given.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), seconds)
