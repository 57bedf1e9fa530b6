"""Frames as bytes: JSON, or MessagePack of the same."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

import ormsgpack
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from bot_integration.control.wire import describe, encode_snapshot
from bot_integration.fact import Moment
from bot_integration.frames import CHANNEL_OF, Beat, Changed, Channel, Delta, DeltaKind, Frame, Stamp, Whole, Why
from bot_integration.state import Snapshot


class Encoding(StrEnum):
    """How a reader wants its frames."""

    JSON = "json"
    #: As binary messages.
    MSGPACK = "msgpack"


class Malformed(ValueError):
    """What came is no frame that we know. The text says why, never with what came."""


class _Frame(BaseModel):
    """Any frame, as it stands on the wire; a later version may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str
    session_id: UUID
    seq: int
    bot_seq: int
    at: Moment
    why: Why = Why.SUBSCRIBED
    snapshot: dict[str, Any] | None = None
    events: list[Any] = Field(default_factory=list)


_KINDS: Mapping[object, DeltaKind] = {str(kind): kind for kind in DeltaKind}
_FRAME = TypeAdapter(_Frame)


def encode(frame: Frame, encoding: Encoding, channels: Collection[Channel] | None = None) -> bytes:
    """A frame, with the deltas of these channels alone; None is all of them."""
    if isinstance(frame, Whole):
        return encode_whole(frame, encoding)
    if isinstance(frame, Beat):
        return _packed(to_json({"type": "heartbeat", **_stamped(frame.stamp)}), encoding)
    first = frame.stamp.seq - len(frame.deltas) + 1
    events = [
        encode_event(delta, seq, encoding)
        for seq, delta in enumerate(frame.deltas, first)
        if channels is None or CHANNEL_OF[delta.kind] in channels
    ]
    return encode_changed(frame.stamp, events, encoding, caught_up=frame.caught_up)


def encode_whole(frame: Whole, encoding: Encoding) -> bytes:
    """A snapshot."""
    head = to_json({"type": "snapshot", **_stamped(frame.stamp), "why": frame.why})
    return _packed(head[:-1] + b',"snapshot":' + encode_snapshot(frame.snapshot) + b"}", encoding)


def encode_event(delta: Delta, seq: int, encoding: Encoding) -> bytes:
    """One delta, as it stands in the frames that hold it."""
    return _packed(to_json({"type": delta.kind, "seq": seq, "data": delta.data}, inf_nan_mode="null"), encoding)


def encode_changed(stamp: Stamp, events: Iterable[bytes], encoding: Encoding, *, caught_up: bool) -> bytes:
    """Deltas that `encode_event` encoded, which lead to this stamp."""
    head = to_json({"type": "catch_up" if caught_up else "deltas", **_stamped(stamp)})
    if encoding is Encoding.JSON:
        return head[:-1] + b',"events":[' + b",".join(events) + b"]}"
    told = tuple(events)
    packed = ormsgpack.packb(from_json(head))
    # A map of up to 15 says its length in its first byte: one more is in it.
    return bytes((packed[0] + 1,)) + packed[1:] + ormsgpack.packb("events") + _array_of(len(told)) + b"".join(told)


def encode_error(code: str, message: str, encoding: Encoding) -> bytes:
    """What a reader is told that asked for what cannot be."""
    return _packed(to_json({"type": "error", "error": code, "message": message}), encoding)


def decode(given: bytes | str, encoding: Encoding) -> Frame:
    """What `encode` wrote; deltas of a kind that this version does not know are left out. Raises `Malformed`."""
    try:
        frame = _FRAME.validate_python(parse(given, encoding))
        stamp = Stamp(frame.session_id, frame.seq, frame.bot_seq, frame.at)
        if frame.type == "snapshot":
            return Whole(stamp, Snapshot.model_validate(frame.snapshot), frame.why)
    except ValidationError as error:
        raise Malformed(describe(error)) from error
    if frame.type == "heartbeat":
        return Beat(stamp)
    if frame.type not in {"deltas", "catch_up"}:
        raise Malformed("type: not known")
    return Changed(stamp, _deltas(frame.events), caught_up=frame.type == "catch_up")


def parse(given: bytes | str, encoding: Encoding) -> Any:
    """What stands in a message, whatever it is. Raises `Malformed` where it is not of this encoding at all."""
    try:
        if encoding is Encoding.JSON:
            return from_json(given)
        return ormsgpack.unpackb(given if isinstance(given, bytes) else given.encode())
    except (ValueError, TypeError) as error:
        raise Malformed(f"no {encoding}") from error


def _deltas(events: Iterable[Any]) -> tuple[Delta, ...]:
    # By hand: a model of each would be half of what all of it costs, and most of what the garbage collector counts.
    found = []
    for place, event in enumerate(events):
        try:
            kind, data = _KINDS.get(event["type"]), event["data"]
        except (LookupError, TypeError) as error:
            raise Malformed(f"events.{place}: no event") from error
        if type(data) is not dict:
            raise Malformed(f"events.{place}.data: no mapping")
        if kind is not None:
            found.append(Delta(kind, data))
    return tuple(found)


def _packed(json: bytes, encoding: Encoding) -> bytes:
    if encoding is Encoding.JSON:
        return json
    # Through JSON, so that both say the very same. An integer of more than 64 bits, as tokens are counted in, is a
    # float: MessagePack has no other word for it, and to most readers of JSON it is one too.
    return ormsgpack.packb(from_json(json), float, ormsgpack.OPT_PASSTHROUGH_BIG_INT)


def _array_of(length: int) -> bytes:
    """The head of a MessagePack array (https://github.com/msgpack/msgpack/blob/master/spec.md#array-format-family)."""
    if length < 16:
        return bytes((0x90 | length,))
    return b"\xdc" + length.to_bytes(2, "big") if length < 65_536 else b"\xdd" + length.to_bytes(4, "big")


def _stamped(stamp: Stamp) -> Mapping[str, Any]:
    return {"session_id": stamp.session_id, "seq": stamp.seq, "bot_seq": stamp.bot_seq, "at": stamp.at}
