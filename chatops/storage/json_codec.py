"""JSON as PostgreSQL takes and gives it. No text that a stranger sends makes a row unwritable."""

import json
import re
from decimal import Decimal

import orjson

#: The escape of the character 0, which jsonb refuses, but not an escaped backslash before "u0000".
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
#: The first byte of jsonb on the wire: its format's version.
_JSONB_VERSION = b"\x01"


def encode_json(value: object) -> bytes:
    """The JSON text of a value. Decimals become numbers, all digits kept."""
    try:
        return orjson.dumps(value, default=_number)
    except TypeError as error:
        # json.loads lets half a surrogate pair in, orjson none out: it is kept as "?".
        if "surrogates" not in str(error):
            raise
        return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")


def decode_json(data: bytes) -> object:
    """The value of a JSON text."""
    return orjson.loads(data)


def encode_jsonb(value: object) -> bytes:
    """What jsonb takes in binary. The character 0 becomes U+FFFD, since jsonb cannot hold it."""
    text = encode_json(value)
    if b"\\u0000" in text:
        text = _NUL.sub(rb"\1\\ufffd", text)
    return _JSONB_VERSION + text


def decode_jsonb(data: bytes) -> object:
    """The value of a jsonb in binary."""
    return decode_json(data[len(_JSONB_VERSION) :])


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON: hand over its plain form")
