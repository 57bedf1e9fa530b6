"""The schemas of all that goes over a control API, made from the models that read and write it."""

from collections.abc import Hashable
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from bot_integration.commands import AnyCommand, CommandResult, Preview
from bot_integration.control.openapi_frames import PREFIX, Schema, frames
from bot_integration.control.subscribing import Subscribe
from bot_integration.control.wire import ErrorAnswer, ErrorCode, HealthAnswer
from bot_integration.position import Position
from bot_integration.state import Snapshot

_COMMAND = "Command"
#: What the bot's end says, as it is written; what it is told, as it is read.
_SAID = (Snapshot, Position, CommandResult, Preview, HealthAnswer, ErrorAnswer)
_TOLD = (Subscribe,)


def schemas() -> dict[str, Schema]:
    """The components by their names. None refers to one that is not there."""
    kinds: list[tuple[Hashable, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((one, "serialization", TypeAdapter(one)) for one in _SAID),
        *((one, "validation", TypeAdapter(one)) for one in _TOLD),
        (_COMMAND, "validation", TypeAdapter(AnyCommand)),
    ]
    given, defined = TypeAdapter.json_schemas(kinds, ref_template=f"{PREFIX}{{model}}")
    found: dict[str, Schema] = dict(defined["$defs"])
    command = given[_COMMAND, "validation"]
    for one in command["oneOf"]:
        # The name has a default in Python; on the wire it alone says which command it is.
        name = one["$ref"].removeprefix(PREFIX)
        found[name] = {**found[name], "required": ["name", *found[name]["required"]]}
    found[_COMMAND] = dict(command)
    error = found["ErrorAnswer"]
    codes = {"enum": list(ErrorCode), "description": "For programs; `message` is for people."}
    found["ErrorAnswer"] = {**error, "properties": {**error["properties"], "error": codes}}
    return {**found, **frames(found)}
