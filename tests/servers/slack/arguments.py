"""The arguments of one call, typed and checked against the method's table."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.limits import TIMESTAMP
from tests.servers.slack.methods import METHODS
from tests.servers.slack.unwanted import NOT_FOR_US, SWALLOWED

Reader = Callable[[str, Any], Any]

_TRUE_FALSE = {"1": True, "true": True, "0": False, "false": False}
#: What is refused with a word of its own where it is missing.
_MISSING = {"channel": "channel_not_found", "length": "missing_argument", "filename": "missing_argument"}
#: These are JSON, also inside a form; a refusal of what is none has a word of its own.
_JSON = {
    "blocks": "invalid_blocks_format",
    "metadata": "invalid_metadata_format",
    "view": "invalid_arguments",
    "files": "invalid_arguments",
}


def check(method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read the arguments by their types, or raise `ApiError`. `raw` holds strings, or values of JSON."""
    table = METHODS[method]
    checked: dict[str, Any] = {}
    for name, value in raw.items():
        if name in SWALLOWED:
            continue
        if name not in table.required and name not in table.optional:
            raise Breach(f"{method} has no argument {name!r}")
        if name in NOT_FOR_US and name not in table.required:
            raise Breach(NOT_FOR_US[name])
        if value is not None:
            kind = table.required.get(name) or table.optional.get(name) or "string"
            reader: Reader = _json if name in _JSON else _READERS.get(kind, _text)
            checked[name] = reader(name, value)
    for name in table.required:
        if checked.get(name) in (None, "", 0):
            raise Breach(f"missing required field: {name}", _MISSING.get(name, "invalid_arguments"))
    return checked


def _json(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Breach(f"{name} is no JSON: {value[:80]!r}", _JSON[name]) from None


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Breach(f"{name} should be a string, is {value!r}")
    return value


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() not in _TRUE_FALSE:
        raise Breach(f"{name} should be a boolean, is {value!r}")
    return _TRUE_FALSE[str(value).lower()]


def _number(name: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Breach(f"{name} should be a number, is {value!r}") from None


def _timestamp(name: str, value: Any) -> str:
    if isinstance(value, str) and TIMESTAMP.fullmatch(value):
        return value
    if name in ("latest", "oldest"):
        raise ApiError(f"invalid_ts_{name}")
    raise Breach(f"{name} should be the ts of a message as it was told (a string), is {value!r}")


_READERS: Mapping[str, Reader] = {
    "boolean": _boolean,
    "number": _number,
    "integer": _number,
    "timestamp": _timestamp,
}
