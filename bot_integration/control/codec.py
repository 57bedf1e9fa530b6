"""Frames as bytes: JSON, or MessagePack of the same."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import ormsgpack
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from bot_integration.control.wire import describe
from bot_integration.deltas import dumped
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


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)

    type: str
    data: dict[str, Any]


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
    events: tuple[_Event, ...] = ()


_KINDS: frozenset[str] = frozenset(DeltaKind)
_FRAME = TypeAdapter(_Frame)


def encode(frame: Frame, encoding: Encoding, channels: Collection[Channel] | None = None) -> bytes:
    """A frame, with the deltas of these channels alone; None is all of them."""
    given = to_json(_told(frame, channels), inf_nan_mode="null")
    # Through JSON, so that both say the very same.
    return given if encoding is Encoding.JSON else ormsgpack.packb(from_json(given))


def decode(given: bytes | str, encoding: Encoding) -> Frame:
    """What `encode` wrote; deltas of a kind that this version does not know are left out. Raises `Malformed`."""
    try:
        found = (
            from_json(given)
            if encoding is Encoding.JSON
            else ormsgpack.unpackb(given if isinstance(given, bytes) else given.encode())
        )
        frame = _FRAME.validate_python(found)
        stamp = Stamp(frame.session_id, frame.seq, frame.bot_seq, frame.at)
        if frame.type == "snapshot":
            return Whole(stamp, Snapshot.model_validate(frame.snapshot), frame.why)
    except ValidationError as error:
        raise Malformed(describe(error)) from error
    except (ValueError, TypeError) as error:
        raise Malformed(f"no {encoding}") from error
    if frame.type == "heartbeat":
        return Beat(stamp)
    if frame.type not in {"deltas", "catch_up"}:
        raise Malformed("type: not known")
    deltas = tuple(Delta(DeltaKind(one.type), one.data) for one in frame.events if one.type in _KINDS)
    return Changed(stamp, deltas, caught_up=frame.type == "catch_up")


def _told(frame: Frame, channels: Collection[Channel] | None) -> Mapping[str, Any]:
    stamp = frame.stamp
    if isinstance(frame, Whole):
        return {"type": "snapshot", **_stamped(stamp), "why": frame.why, "snapshot": dumped(frame.snapshot)}
    if isinstance(frame, Beat):
        return {"type": "heartbeat", **_stamped(stamp)}
    first = stamp.seq - len(frame.deltas) + 1
    events = [
        {"type": delta.kind, "seq": seq, "data": delta.data}
        for seq, delta in enumerate(frame.deltas, first)
        if channels is None or CHANNEL_OF[delta.kind] in channels
    ]
    return {"type": "catch_up" if frame.caught_up else "deltas", **_stamped(stamp), "events": events}


def _stamped(stamp: Stamp) -> dict[str, UUID | int | datetime]:
    return {"session_id": stamp.session_id, "seq": stamp.seq, "bot_seq": stamp.bot_seq, "at": stamp.at}
