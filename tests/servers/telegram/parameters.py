"""The parameters of one request, typed and checked against the method's table."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.telegram.errors import ApiError, Breach, bad_request
from tests.servers.telegram.methods import METHODS, NOT_PLAYED
from tests.servers.telegram.shapes import BY_FIELD, BY_TYPE, SHAPES
from tests.servers.telegram.texts import Text, UnlistedText

_INTEGER = re.compile(r"-?\d+")
_MISSING: Mapping[str, str] = {
    "chat_id": UnlistedText.CHAT_ID_EMPTY,
    "text": Text.TEXT_EMPTY,
    "message_id": UnlistedText.MESSAGE_ID_EMPTY,
    "photo": UnlistedText.NO_PHOTO,
    "document": UnlistedText.NO_DOCUMENT,
    "callback_query_id": Text.QUERY_INVALID,
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in the body of a request."""

    name: str
    mime_type: str
    content: bytes


def check(method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Name the parameters' types and read them, or raise `ApiError`.

    `raw` holds strings (a form), uploads, or JSON values (a JSON body).
    """
    table = METHODS[method]
    checked: dict[str, Any] = {}
    for name, value in raw.items():
        kind = table.required.get(name) or table.optional.get(name)
        if kind is None:
            if isinstance(value, Upload):
                continue  # A file that a parameter points to with attach://.
            raise Breach(f"{method} has no parameter {name!r}")
        if name == "parse_mode":
            raise Breach("parse_mode is not for us: send entities")
        if name in NOT_PLAYED:
            raise Breach(f"this test server does not play the parameter {name!r}")
        checked[name] = _read(name, kind, value, raw)
    for name in table.required:
        if name not in checked or checked[name] == "":
            if name == "url":
                continue  # An empty address removes the webhook.
            raise _missing(name)
    return checked


def _missing(name: str) -> ApiError:
    return bad_request(_MISSING.get(name, f'Bad Request: parameter "{name}" is required'))


def _read(name: str, kind: str, value: Any, raw: Mapping[str, Any]) -> Any:
    if kind.startswith("InputFile"):
        return _file(name, value, raw)
    if isinstance(value, Upload):
        raise Breach(f"{name} is a file, and should be {kind}")
    if isinstance(value, str) and kind not in ("String", "Integer|String"):
        value = _parse(name, kind, value)
    if kind == "Integer|String" and isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    conform(name, kind, value)
    if kind == "InputMedia":
        return {**value, "media": _file(f"{name}.media", value["media"], raw)}
    return value


def _file(name: str, value: Any, raw: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("attach://"):
        value = raw.get(value.removeprefix("attach://"))
        if not isinstance(value, Upload):
            raise Breach(f"{name} points to a file that is not in the request")
    if not isinstance(value, str | Upload):
        raise Breach(f"{name} should be a file or the id of one")
    return value


def _parse(name: str, kind: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Breach(f"can't parse {name}: {text[:80]!r} is no {kind}") from None


def conform(where: str, kind: str, value: Any) -> None:
    """Raise `Breach` where a JSON value is not of a type of the Bot API's pages."""
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            raise Breach(f"{where} should be an array")
        for index, item in enumerate(value):
            conform(f"{where}[{index}]", kind.removeprefix("Array of "), item)
    elif kind == "Integer|String":
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise Breach(f"{where} should be Integer or String, is {value!r}")
    elif kind in _PLAIN:
        if type(value) is not _PLAIN[kind]:
            raise Breach(f"{where} should be {kind}, is {value!r}")
    else:
        _conform_object(where, kind, value)


_PLAIN: Mapping[str, type] = {"Integer": int, "String": str, "Boolean": bool}


def _conform_object(where: str, kind: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise Breach(f"{where} should be a {kind}, is {value!r}")
    name = _which(where, kind, value)
    if name not in SHAPES:
        raise Breach(f"{where} is a {name}, which this test server does not play")
    shape = SHAPES[name]
    for key, item in value.items():
        if key.endswith("parse_mode"):
            raise Breach(f"{where}.{key} is not for us: send entities")
        field = shape.required.get(key) or shape.optional.get(key)
        if field is None:
            raise Breach(f"{where} is a {name}, which has no {key!r} here")
        conform(f"{where}.{key}", field, item)
    for key in shape.required:
        if key not in value:
            raise bad_request(f"Bad Request: can't parse {name}: can't find field \"{key}\"")


def _which(where: str, kind: str, value: Mapping[str, Any]) -> str:
    if kind in BY_TYPE:
        name = BY_TYPE[kind].get(str(value.get("type")))
        if name is None:
            raise Breach(f"{where} has an unknown type {value.get('type')!r}")
        return name
    if "|" in kind:
        for key, name in BY_FIELD.items():
            if key in value and name in kind.split("|"):
                return name
        raise Breach(f"{where} is none of {kind}")
    return kind
