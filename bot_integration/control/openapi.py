"""The control API of a bot as an OpenAPI 3.1 document, made from what the server reads and writes."""

from collections.abc import Iterable, Mapping
from http import HTTPMethod
from typing import Any

from bot_integration.control import wire
from bot_integration.control.codec import Encoding
from bot_integration.control.openapi_frames import Schema, ref
from bot_integration.control.openapi_schemas import schemas

#: What the document calls its way of letting people in.
GUARD = "bearer"
_UUID: Schema = {"type": "string", "format": "uuid"}
_JSON = "application/json"

#: Each status that is an error, and what it means.
_ERRORS: Mapping[int, str] = {
    400: "What was sent cannot be read; the message names the fields.",
    401: "The token is missing, or another.",
    403: "From a browser, or by another host's name, while there is no token.",
    404: "There is no such thing: `not_found`, `not_run` (a command), `no_snapshot` (nothing was published yet).",
    408: "The body took too long to arrive.",
    409: "`refused`: the bot would refuse this command now; the message is its reason. `id_taken`: another command has "
    "this id, and nothing was done.",
    413: f"The body is larger than {wire.BODY_LIMIT} bytes.",
    414: "The path is too long.",
    415: "The body is packed (`Content-Encoding`): it is taken as it is.",
    421: "The request was meant for another bot.",
    426: "This is a stream: open it as a WebSocket.",
    431: "A header is too long.",
    500: "The bot broke on this. Nobody knows whether a command was carried out: ask for it by its id.",
    503: "`ended`: the bot does not run any more, and a command was not taken on. `too_many`: nobody else can be "
    "connected; try again. `unreachable`: what the bot is behind does not answer.",
}
#: What any request may be answered with besides its own.
_ANYWHERE = (414, 421, 431, 500, 503)

_EXAMPLE_ID = "0197f3a2-5f6e-7c1a-9b1d-3f0c2f9a7e11"
_CLOSE = {
    "name": "close_position",
    "id": _EXAMPLE_ID,
    "by": "ada",
    "reason": "it falls",
    "not_after": "2026-05-04T12:00:30Z",
    "position_id": "SOL-1",
    "percent": 50,
}
_PAUSE = {"name": "pause", "id": _EXAMPLE_ID, "by": "ada", "not_after": "2026-05-04T12:00:30Z", "scope": "entry"}


def document(bot: str, *, with_token: bool) -> dict[str, Any]:
    """The document for the bot of this name, behind a token or not. Nothing in it is of one moment."""
    guard = 401 if with_token else 403
    paths = {
        path: {
            str(method).lower(): {
                **operation,
                "parameters": [*operation.get("parameters", ()), _bot_header(bot)],
                "responses": _in_order({**operation["responses"], **_errors((guard, *_ANYWHERE))}),
            }
            for method, operation in operations.items()
        }
        for path, operations in _paths().items()
    }
    components: dict[str, Any] = {"schemas": schemas()}
    if with_token:
        components["securitySchemes"] = {GUARD: {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Control API of {bot}",
            "version": "1",
            "description": "Read a trading bot and command it. Money is in USD unless its name says otherwise; moments "
            "are UTC; null is what a venue has no notion of.",
        },
        "security": [{GUARD: []}] if with_token else [],
        "paths": paths,
        "components": components,
    }


def _paths() -> dict[str, dict[HTTPMethod, dict[str, Any]]]:
    get, post = HTTPMethod.GET, HTTPMethod.POST
    return {
        wire.HEALTH: {get: _reads("A sign of life, and how old the facts are.", ref("HealthAnswer"))},
        wire.OPENAPI: {get: _reads("This document.", {"type": "object"})},
        wire.SNAPSHOT: {get: _snapshot()},
        wire.POSITIONS: {
            get: _reads("What is held.", {"type": "array", "items": ref("Position")}, errors=(404,)),
        },
        f"{wire.POSITIONS}/{{id}}": {
            get: _reads(
                "One of what is held.",
                ref("Position"),
                parameters=[_parameter("id", "path", {"type": "string", "minLength": 1}, required=True)],
                errors=(404,),
            )
        },
        wire.COMMANDS: {post: _execute()},
        f"{wire.COMMANDS}/{{id}}": {
            get: _reads(
                "What came of a command; `unknown` while it runs.",
                ref("CommandResult"),
                parameters=[_parameter("id", "path", _UUID, required=True)],
                errors=(400, 404),
            )
        },
        wire.PREVIEWS: {post: _preview()},
        wire.STREAM: {get: _stream()},
    }


def _snapshot() -> dict[str, Any]:
    mark = {"ETag": {"schema": {"type": "string"}, "required": True, "description": "Of which snapshot this is."}}
    known = _parameter("If-None-Match", "header", {"type": "string"}, "The ETag of the snapshot that one has.")
    known["example"] = f'"{_EXAMPLE_ID}:41"'
    reads = _reads("All facts of now.", ref("Snapshot"), parameters=[known], errors=(404,))
    reads["responses"]["200"]["headers"] = mark
    reads["responses"]["304"] = {"description": "Nothing newer was said.", "headers": mark}
    return reads


def _execute() -> dict[str, Any]:
    key = _parameter(wire.IDEMPOTENCY_HEADER, "header", _UUID, "Where given, it is the id of the command.")
    done = _answer("What came of it: any outcome, a refusal too.", ref("CommandResult"))
    done["headers"] = {
        wire.SEQ_HEADER: {
            "schema": {"type": "integer"},
            "description": "Who has read the stream up to this `seq` has read all that the command did.",
        }
    }
    return {
        "summary": "Run a command once. Asked again under the same id, it answers what it answered.",
        "parameters": [key],
        "requestBody": _body(),
        "responses": {"200": done, **_errors((400, 408, 409, 413, 415))},
    }


def _preview() -> dict[str, Any]:
    return {
        "summary": "What a command would do now. Nothing is done.",
        "requestBody": _body(),
        "responses": {
            "200": _answer("What it would do.", ref("Preview")),
            "204": {"description": "The bot does not say."},
            **_errors((400, 408, 409, 413, 415)),
        },
    }


def _stream() -> dict[str, Any]:
    encoding = _parameter("encoding", "query", {"enum": list(Encoding), "default": str(Encoding.JSON)})
    return {
        "summary": "A WebSocket: what changes, as it changes.",
        "description": "The client says what it wants first; it gets a snapshot, or what it missed, and then deltas. "
        "Urgent ones come at once, others within 100 ms; a heartbeat every 10 s.",
        "parameters": [encoding],
        "responses": {
            "101": {"description": "The stream begins. One more than it holds is closed with 1013."},
            **_errors((400, 426)),
        },
        "x-messages": {"from-client": ref("Subscribe"), "from-server": ref("StreamFrame")},
    }


def _reads(
    summary: str, schema: Schema, *, parameters: Iterable[Schema] = (), errors: Iterable[int] = ()
) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {"200": _answer(summary, schema), **_errors(errors)},
    }


def _body() -> Schema:
    examples = {"close": {"value": _CLOSE}, "pause": {"value": _PAUSE}}
    return {"required": True, "content": {_JSON: {"schema": ref("Command"), "examples": examples}}}


def _answer(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {_JSON: {"schema": schema}}}


def _errors(statuses: Iterable[int]) -> dict[str, Schema]:
    return {str(status): _answer(_ERRORS[status], ref("ErrorAnswer")) for status in statuses}


def _in_order(responses: Mapping[str, Schema]) -> dict[str, Schema]:
    return dict(sorted(responses.items()))


def _bot_header(bot: str) -> Schema:
    """Whoever names the bot that they mean never commands another that took its place."""
    name = wire.name_to_header(bot)
    return _parameter(wire.BOT_HEADER, "header", {"const": name}, "The bot that is meant, percent-encoded.")


def _parameter(name: str, place: str, schema: Schema, description: str = "", *, required: bool = False) -> Schema:
    said = {"description": description} if description else {}
    return {"name": name, "in": place, "required": required, "schema": schema, **said}
