"""What is said over a control socket: one JSON object a line, in UTF-8."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError
from pydantic_core import from_json, to_json

from bot_integration.commands import Command
from bot_integration.control import wire
from bot_integration.control.wire import ErrorCode
from bot_integration.fact import Moment, Name

PROTOCOL = 1
#: Of a line to the bot, in bytes.
LINE_LIMIT = wire.BODY_LIMIT
#: Of a line from the bot: a state of thousands of positions.
STATE_LIMIT = 16 * 1024 * 1024
#: A state is said again after so long, changed or not, so that a reader knows its age.
BEAT_S = 10.0
#: Longer words are not said back.
_LONGEST_WORD = 64

Person = Annotated[str, Field(max_length=_LONGEST_WORD)]


class NoObject(ValueError):
    """This line is no JSON object, so whoever sent it does not speak as we do."""


class _Asked(BaseModel):
    """What a client may say. What this version does not know is refused: nobody may guess at what is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Auth(_Asked):
    """The first line, where the socket has a token."""

    type: Literal["auth"]
    token: str


class UpdateConfig(_Asked):
    """Change a hot parameter."""

    type: Literal["update_config"]
    key: Name
    value: bool | int | float | str
    id: UUID | None = None
    by: Person = ""
    not_after: Moment | None = None


class SetKillSwitch(_Asked):
    """No new orders from this instant, or new ones again."""

    type: Literal["kill_switch"]
    activate: StrictBool
    id: UUID | None = None
    by: Person = ""
    not_after: Moment | None = None


class Recall(_Asked):
    """What came of a command of this id?"""

    type: Literal["recall"]
    id: UUID


class _OfCommand(_Asked):
    given: Annotated[dict[str, Any], Field(alias="command")]

    @property
    def command(self) -> Command:
        """The command. Raises `ValueError` that names the fields that are wrong."""
        # Through JSON again: from that it is read strictly, as over HTTP, and a moment is a text all the same.
        return wire.decode_command(to_json(self.given))


class Execute(_OfCommand):
    """Run a command once."""

    type: Literal["command"]


class Foretell(_OfCommand):
    """What would a command do now?"""

    type: Literal["preview"]


Asked = Auth | UpdateConfig | SetKillSwitch | Recall | Execute | Foretell
_KINDS: Mapping[str, type[Asked]] = {
    "auth": Auth,
    "update_config": UpdateConfig,
    "kill_switch": SetKillSwitch,
    "recall": Recall,
    "command": Execute,
    "preview": Foretell,
}
#: What the bot's end takes.
ACCEPTS = tuple(kind for kind in _KINDS if kind != "auth")


def parse(line: bytes) -> dict[str, Any]:
    """The object in a line. Raises `NoObject`."""
    try:
        found = from_json(line, allow_inf_nan=False)
    except ValueError as error:
        raise NoObject("A line must be one JSON object.") from error
    if not isinstance(found, dict):
        raise NoObject("A line must be one JSON object.")
    return found


def read(said: Mapping[str, Any]) -> Asked:
    """What a client asks. Raises `ValueError` that names the fields that are wrong, never with what was sent."""
    kind = said.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"type: expected one of {', '.join(_KINDS)}.")
    try:
        asked = _KINDS[kind].model_validate(said)
    except ValidationError as error:
        raise ValueError(wire.describe(error)) from error
    if isinstance(asked, _OfCommand):
        # Or it would be found only when it is run.
        _ = asked.command
    return asked


def line(**fields: Any) -> bytes:
    """One line. What a bot author put in and JSON has no word for goes as text."""
    return to_json(fields, fallback=str, inf_nan_mode="null") + b"\n"


def error_line(code: ErrorCode, message: str, said: Mapping[str, Any] | None = None) -> bytes:
    """The line that says no, and to what where that is known: its `type` as `to`, and its `id`."""
    about = {} if said is None else {"to": _word(said.get("type")), "id": _id_in(said)}
    return line(type="error", error=code, message=message, **{key: word for key, word in about.items() if word})


def _id_in(said: Mapping[str, Any]) -> str | None:
    command = said.get("command")
    return _word(command.get("id") if isinstance(command, dict) else said.get("id"))


def _word(given: object) -> str | None:
    return given if isinstance(given, str) and len(given) <= _LONGEST_WORD else None
