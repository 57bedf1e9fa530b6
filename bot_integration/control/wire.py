"""What both ends of the control API agree on: paths, headers, errors and JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import quote, unquote
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot_integration.commands import COMMAND, Command
from bot_integration.fact import Fact, Moment
from bot_integration.position import Position
from bot_integration.state import Health, Snapshot

HEALTH = "/v1/health"
SNAPSHOT = "/v1/snapshot"
POSITIONS = "/v1/positions"
COMMANDS = "/v1/commands"
PREVIEWS = "/v1/previews"
OPENAPI = "/v1/openapi.json"
#: A WebSocket; the encoding is asked for as `?encoding=msgpack`.
STREAM = "/v1/stream"

#: The name of the bot that a request is meant for, percent-encoded. Another bot takes nothing on.
BOT_HEADER = "Quarterdeck-Bot"
#: Where given, it must equal the id in the command.
IDEMPOTENCY_HEADER = "Idempotency-Key"
#: On the answer to a command: who has read the stream up to this number has read all that the command did.
SEQ_HEADER = "Quarterdeck-Seq"

#: Of a request's body, in bytes.
BODY_LIMIT = 64 * 1024

#: Faults of one body that are worth telling.
FAULTS_TOLD = 3

_SNAPSHOT: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)
_POSITIONS: TypeAdapter[tuple[Position, ...]] = TypeAdapter(tuple[Position, ...])


class ErrorCode(StrEnum):
    """The `error` of an error: for programs; the `message` beside it is for people."""

    UNAUTHORIZED = "unauthorized"
    #: From a browser, which nobody trusts without a token.
    FORBIDDEN = "forbidden"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    #: The body did not arrive in time.
    TOO_SLOW = "too_slow"
    #: Clients, or what one of them has under way.
    TOO_MANY = "too_many"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    #: The bot never ran a command of this id.
    NOT_RUN = "not_run"
    #: Nothing has been published yet.
    NO_SNAPSHOT = "no_snapshot"
    #: The bot would not do it, and said why.
    REFUSED = "refused"
    #: A command with the id of another one, which keeps it.
    ID_TAKEN = "id_taken"
    WRONG_BOT = "wrong_bot"
    #: The bot is itself behind something that does not answer.
    UNREACHABLE = "unreachable"
    #: The bot does not run any more: nothing was taken on.
    ENDED = "ended"
    BROKEN = "broken"


class ErrorAnswer(BaseModel):
    """The body of every answer that is an error."""

    model_config = ConfigDict(frozen=True)

    error: str
    message: str


class HealthAnswer(Fact):
    """A sign of life; the rest is None before the first snapshot."""

    bot: str
    #: The bot's own judgement.
    health: Health | None = None
    session_id: UUID | None = None
    seq: int | None = None
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Which snapshot it is: the run of the bot, and the number in it. Written `<session_id>:<seq>`."""

    session_id: UUID
    seq: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """The mark of a snapshot."""
        return cls(snapshot.session_id, snapshot.seq)

    def __str__(self) -> str:
        return f"{self.session_id}:{self.seq}"


def name_to_header(name: str) -> str:
    """A bot's name, whatever its letters, as a header can carry it."""
    return quote(name, safe="")


def name_from_header(value: str) -> str:
    """The name that `name_to_header` wrote."""
    return unquote(value)


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """JSON of the snapshot. What a strategy put into `extra` and JSON has no word for goes as text."""
    return _SNAPSHOT.dump_json(snapshot, fallback=str)


def encode_positions(positions: tuple[Position, ...]) -> bytes:
    """A JSON array of the positions."""
    return _POSITIONS.dump_json(positions, fallback=str)


def encode(fact: BaseModel) -> bytes:
    """JSON of what the bot's end says. What a bot author put in and JSON has no word for goes as text."""
    return fact.model_dump_json(fallback=str).encode()


def encode_command(command: Command) -> bytes:
    """JSON of a command. Raises `ValueError` on what JSON has no word for: nobody may guess at what is asked."""
    return command.model_dump_json().encode()


def decode_command(body: bytes) -> Command:
    """The command in a body; raises `ValueError` that names the fields that are wrong."""
    try:
        # Strictly: what is nearly a number, or a moment, is not guessed at.
        return COMMAND.validate_json(body, strict=True)
    except ValidationError as error:
        raise ValueError(describe(error)) from error


def describe(error: ValidationError) -> str:
    """Each field that is wrong and why, never with what was sent: that may be a secret."""
    details = error.errors(include_url=False, include_input=False)
    told = [f"{_field(detail)}: {_fault(detail)}" for detail in details[:FAULTS_TOLD]]
    if len(details) > FAULTS_TOLD:
        told.append(f"and {len(details) - FAULTS_TOLD} more")
    return "; ".join(told)


def _field(detail: Mapping[str, object]) -> str:
    if str(detail["type"]).startswith("union_tag"):
        return "name"
    place = detail["loc"]
    assert isinstance(place, tuple)
    # A command's place begins with its name, which is no field.
    if place and place[0] in _names():
        place = place[1:]
    return ".".join(map(str, place)) or "body"


def _fault(detail: Mapping[str, object]) -> str:
    kind = str(detail["type"])
    if kind.startswith("union_tag"):
        return f"expected one of {', '.join(_names())}"
    if kind == "model_type":
        return "expected an object"
    if kind == "too_short":
        return "must not be empty"
    return str(detail["msg"]).removeprefix("Value error, ")


def _names() -> list[str]:
    return [kind.model_fields["name"].default for kind in Command.__subclasses__()]
