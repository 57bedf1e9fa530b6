"""The frames of the stream as JSON Schema, which are no models: the shapes that `DeltaKind` tells of."""

from collections.abc import Mapping
from typing import Any

from bot_integration.control.wire import ErrorCode
from bot_integration.frames import DeltaKind, Why

Schema = dict[str, Any]

PREFIX = "#/components/schemas/"

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_OBJECT: Schema = {"type": "object"}


def ref(name: str) -> Schema:
    """A reference to the component of this name."""
    return {"$ref": f"{PREFIX}{name}"}


def frames(models: Mapping[str, Schema]) -> dict[str, Schema]:
    """The components of the stream beside those of the models."""
    events = {f"Event_{kind}": _event(kind, data) for kind, data in _data(models).items()}
    return {
        **events,
        "StreamSnapshot": _frame(
            "All that there is, from which deltas go on.",
            ("snapshot",),
            why={"enum": list(Why)},
            snapshot=ref("Snapshot"),
        ),
        "StreamDeltas": _frame(
            "What changed, in order; `catch_up` where the client had missed it. `seq` is that of the last event, also "
            "where that is of a channel that the client did not ask for.",
            ("deltas", "catch_up"),
            events={"type": "array", "items": {"oneOf": [ref(name) for name in events]}},
        ),
        "StreamHeartbeat": _frame("Nothing changed, and the facts are of `at`.", ("heartbeat",)),
        "StreamError": _object(type={"const": "error"}, error={"enum": list(ErrorCode)}, message=_TEXT),
        "StreamFrame": {
            "description": "What the server says. A client passes over types that it does not know.",
            "oneOf": [ref(name) for name in ("StreamSnapshot", "StreamDeltas", "StreamHeartbeat", "StreamError")],
        },
    }


def _data(models: Mapping[str, Schema]) -> dict[DeltaKind, Schema]:
    """The `data` of each kind of event."""
    position = _part(models, "Position")
    return {
        DeltaKind.POSITION_OPENED: _object(position=ref("Position")),
        DeltaKind.POSITION_UPDATE: {
            **_object(id=_TEXT, changed=position),
            "properties": {"id": _TEXT, "changed": position, "legs": _list(_part(models, "Leg"))},
        },
        DeltaKind.POSITION_CLOSED: _object(id=_TEXT),
        DeltaKind.POSITIONS_ORDER: _object(ids=_list(_TEXT)),
        DeltaKind.SESSION_UPDATE: _object(changed=_part(models, "Session")),
        DeltaKind.PAUSE_STATE_CHANGE: _object(pause=ref("PauseState")),
        DeltaKind.FUNDING_UPDATE: _one_or_all("funding", "Funding"),
        DeltaKind.VENUE_UPDATE: _one_or_all("venue", "Venue"),
        DeltaKind.PORTFOLIO_UPDATE: _object(changed=_part(models, "Portfolio")),
        DeltaKind.PARAMETERS_UPDATE: _one_or_all("parameter", "Parameter"),
        DeltaKind.METRICS_UPDATE: _object(metrics={"type": "object", "additionalProperties": {"type": "number"}}),
        DeltaKind.DECLARATIONS_UPDATE: _object(commands=_list(ref("Declaration"))),
        DeltaKind.EXTRA_UPDATE: _object(extra=_OBJECT),
        DeltaKind.TIMELINE_UPDATE: _object(dropped=_COUNT),
        DeltaKind.EVENT: _object(event=ref("TimelineEvent"), kept={"type": "boolean"}),
        DeltaKind.COMMAND_UPDATE: _object(command=ref("Command"), result=ref("CommandResult")),
        DeltaKind.EVENTS_MISSED: _object(count=_COUNT),
    }


def _frame(description: str, types: tuple[str, ...], **more: Schema) -> Schema:
    stamp: dict[str, Schema] = {
        "session_id": {"type": "string", "format": "uuid"},
        "seq": {**_COUNT, "description": "Counts the events of the stream; `last_seq` of whoever comes back."},
        "bot_seq": {**_COUNT, "description": "The `seq` of the bot's snapshot."},
        "at": {"type": "string", "format": "date-time", "description": "When the bot said it."},
    }
    return {"description": description, **_object(type={"enum": list(types)}, **stamp, **more)}


def _event(kind: DeltaKind, data: Schema) -> Schema:
    return _object(type={"const": str(kind)}, seq=_COUNT, data=data)


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _one_or_all(word: str, model: str) -> Schema:
    return {"oneOf": [_object(**{word: ref(model)}), _object(all=_list(ref(model)))]}


def _part(models: Mapping[str, Schema], model: str) -> Schema:
    """Some fields of a model: those that changed."""
    return {"type": "object", "properties": models[model]["properties"], "additionalProperties": False}
