"""A line to a bot's control socket, or to the socket of a bot that is not ours."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ValidationError

from bot_integration.clock import utc_now
from bot_integration.commands import Command, CommandResult, CommandRisk, Outcome, Preview
from bot_integration.control import socket_simple, wire
from bot_integration.control.acquaintance import Acquaintance
from bot_integration.control.errors import NothingSent, NotTaken, NotUnderstood, sentence
from bot_integration.control.line import SILENCE_S, Answered
from bot_integration.control.socket_connection import HELLO_S, Connection
from bot_integration.control.socket_facts import SocketFacts
from bot_integration.control.socket_frames import SocketFrames
from bot_integration.ending import end
from bot_integration.errors import Refused, Unreachable
from bot_integration.frames import Frame, Resume
from bot_integration.journal import id_taken, is_same
from bot_integration.state import Snapshot

ModelT = TypeVar("ModelT", bound=BaseModel)

#: How long an answer may take that the bot does not work for; how long one that it looks at its venues for.
ANSWER_S, PREVIEW_S = 5.0, 10.0
#: How long after its hello a bot says its first state.
GREETING_S = 1.0
_NOTHING_SAID: dict[str, Any] = {}
#: Answers of simple bots that are kept: they do not remember commands by id themselves.
REMEMBERED = 1_000


class SocketLine:
    """A `Line` over newline-delimited JSON.

    What is asked goes over the connection that is followed, so that the state that shows what was done comes before
    the answer; where there is none, over one of its own.
    """

    def __init__(
        self,
        name: str | None,
        url: str,
        token: str | None,
        *,
        now: Callable[[], datetime] = utc_now,
        hello_s: float = HELLO_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        """`url` is `tcp://host:port`; raises `ValueError` on another.

        A bot that said nothing for `silence_s` is not sent what adds risk, where it may not heed the deadline.
        """
        self._host, self._port = _host_and_port(url)
        self._token = token
        self._now = now
        self._hello_s = hello_s
        self._silence_s = silence_s
        self._bot = Acquaintance(name, self.where)
        self._frames = SocketFrames(now)
        self._numbers = count()
        self._followed: Connection | None = None
        self._remembered: OrderedDict[UUID, tuple[Command, CommandResult]] = OrderedDict()

    @property
    def where(self) -> str:
        """The address, as people may read it."""
        return f"tcp://[{self._host}]:{self._port}" if ":" in self._host else f"tcp://{self._host}:{self._port}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._followed is not None:
            await self._followed.close()

    async def snapshot(self) -> Snapshot | None:
        """The facts of now; None where the bot says none for a while."""
        async with self._connection() as connection:
            facts = self._facts()
            with suppress(TimeoutError):
                # Right after its hello, where it has one; a simple bot may say its state at its next cycle.
                async with asyncio.timeout(ANSWER_S if connection.is_foreign else GREETING_S):
                    async for message in connection.messages():
                        if message.get("type") == "state":
                            return facts.read(message.get("state"))
        return None

    @asynccontextmanager
    async def follow(self, resume: Resume | None) -> AsyncIterator[AsyncIterator[Frame]]:
        """What the bot tells, from a whole snapshot on: what lay before is not kept over there."""
        async with self._connection() as connection, aclosing(self._frames.of(connection, self._facts())) as told:
            self._followed = connection
            try:
                yield told
            finally:
                self._followed = None

    async def execute(self, command: Command, within_s: float) -> Answered:
        """Send it once, and what came of it."""
        given = _as_json(command, NotTaken)
        async with self._asking() as connection:
            try:
                result = await self._ask_for(connection, command, given, within_s)
            except Refused as refusal:
                result = self._refused(command, str(refusal))
            return Answered(result, self._frames.seq if connection is self._followed else None)

    async def recall(self, command_id: UUID) -> CommandResult | None:
        """What came of a command of this id; None where this run of the bot surely never ran it."""
        if (remembered := self._remembered.get(command_id)) is not None:
            return remembered[1]
        async with self._asking() as connection:
            if not connection.takes("recall"):
                raise Unreachable(f"{self._bot} does not remember what it was asked")
            try:
                answer = await connection.ask({"type": "recall", "id": str(command_id)}, ANSWER_S)
            except Refused as refusal:
                # It will not say, which says nothing of the command.
                raise Unreachable(f"{self._bot} does not say what came of it: {refusal}") from refusal
        # Only what says so in so many words says that it never ran.
        told = answer.get("result", _NOTHING_SAID)
        return None if told is None else _read(CommandResult, told, self._bot)

    async def preview(self, command: Command) -> Preview | None:
        """What it would do now; None where the bot does not say."""
        given = _as_json(command, Refused)
        async with self._asking() as connection:
            if not connection.takes("preview"):
                if connection.is_silent:
                    raise Unreachable("it is silent")
                return None
            answer = await connection.ask({"type": "preview", "command": given}, PREVIEW_S)
        return None if answer.get("preview") is None else _read(Preview, answer["preview"], self._bot)

    # ------------------------------------------------------------------------ inside

    async def _ask_for(
        self, connection: Connection, command: Command, given: dict[str, Any], within_s: float
    ) -> CommandResult:
        if not connection.takes("command"):
            return await self._ask_simply(connection, command, within_s)
        answer = await connection.ask({"type": "command", "command": given}, within_s)
        result = _read(CommandResult, answer.get("result"), self._bot)
        if result.command_id != command.id:
            raise Unreachable(f"{self._bot} answered for another command")
        return result

    async def _ask_simply(self, connection: Connection, command: Command, within_s: float) -> CommandResult:
        question = socket_simple.question(command)
        if question is None and connection.is_silent:
            # What it takes it has not said: a refusal would be our guess.
            raise NothingSent("it is silent")
        if question is None or not connection.takes(question["type"]):
            why = socket_simple.refusal(command, str(self._bot))
            return self._refused(command, sentence(why, self._bot.name or ""))
        if (remembered := self._remembered.get(command.id)) is not None:
            before, result = remembered
            return result if is_same(before, command) else id_taken(command, before.name, self._now())
        asked_at = self._now()
        if asked_at > command.not_after:
            return self._refused(command, "This came too late to be started. Nothing was done.")
        if command.moves is CommandRisk.INCREASES and not connection.is_heard(self._silence_s):
            # It could be read, and done, long after everybody was told that it was not.
            raise NothingSent("it is silent")
        answer = await connection.ask(question, within_s, key=question.get("key"))
        result = socket_simple.result(command, answer, asked_at, self._now())
        self._remembered[command.id] = command, result
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return result

    def _refused(self, command: Command, why: str) -> CommandResult:
        return CommandResult(command_id=command.id, outcome=Outcome.REFUSED, message=why, finished_at=self._now())

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        connection = await Connection.open(
            str(self._bot), self._host, self._port, self._token, self._check, hello_s=self._hello_s
        )
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Connection]:
        """The connection that is followed, or one for this question."""
        if self._followed is not None and self._followed.is_open:
            yield self._followed
            return
        async with self._connection() as connection:
            reading = asyncio.create_task(_read_on(connection))
            try:
                yield connection
            finally:
                await end(reading)

    def _check(self, named: str | None) -> None:
        if self._bot.name is not None and named not in (None, self._bot.name):
            raise self._bot.another(f"This is {named}, not {self._bot.name}.")

    def _facts(self) -> SocketFacts:
        return SocketFacts(self._bot, f"{self._host}:{self._port}", self._now, self._numbers)


async def _read_on(connection: Connection) -> None:
    """Hand answers over, and let all else go."""
    with suppress(Unreachable):
        async for _ in connection.messages():
            pass


def _read(kind: type[ModelT], given: Any, bot: Acquaintance) -> ModelT:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise NotUnderstood(f"what {bot} answers does not fit: {wire.describe(error)}") from error


def _as_json(command: Command, otherwise: type[NotTaken | Refused]) -> dict[str, Any]:
    """Nobody may guess at what is asked: what JSON has no word for is not sent."""
    try:
        wire.encode_command(command)
    except ValueError as error:
        raise otherwise(f"{command.name} holds a value that cannot be written as JSON.") from error
    return command.model_dump(mode="json")


def _host_and_port(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme != "tcp" or not host or not port or parts.path.strip("/") or parts.query or parts.username:
        # Not quoted: a URL may hold a password.
        raise ValueError("the url of a control socket is tcp://host:port")
    return host, port
