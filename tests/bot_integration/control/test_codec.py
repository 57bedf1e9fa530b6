"""What comes as a frame and is none is told apart from what is only newer than we are."""

import json
from typing import Any
from uuid import uuid4

import pytest

from bot_integration.control.codec import Encoding, Malformed, decode
from bot_integration.frames import Changed, Delta, DeltaKind


def frame(*events: object) -> bytes:
    stamp = {"session_id": str(uuid4()), "seq": 7, "bot_seq": 3, "at": "2025-03-01T12:00:00Z"}
    return json.dumps({"type": "deltas", **stamp, "events": list(events)}).encode()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("sold", "events.0: no event"),
        (7, "events.0: no event"),
        ({"data": {}}, "events.0: no event"),
        ({"type": "event"}, "events.0: no event"),
        ({"type": [], "data": {}}, "events.0: no event"),
        ({"type": "event", "data": [1]}, "events.0.data: no mapping"),
    ],
)
def test_an_event_that_is_none_is_named_by_its_place(event: Any, told: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode(frame(event), Encoding.JSON)
    assert str(refused.value) == told


def test_an_event_of_a_later_version_is_left_out() -> None:
    gone = {"type": "position_closed", "seq": 7, "data": {"id": "sol"}}
    came = decode(frame({"type": "moon_phase", "seq": 6, "data": {}}, gone), Encoding.JSON)
    assert isinstance(came, Changed)
    assert came.deltas == (Delta(DeltaKind.POSITION_CLOSED, {"id": "sol"}),)
