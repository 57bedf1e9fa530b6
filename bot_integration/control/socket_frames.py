"""What comes over a control socket, as frames: whole states in, what changed out."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Any

from bot_integration.control.socket_connection import Connection
from bot_integration.control.socket_facts import SocketFacts, said
from bot_integration.deltas import deltas
from bot_integration.frames import Beat, Changed, Delta, DeltaKind, Frame, Stamp, Whole, Why
from bot_integration.state import Snapshot


class SocketFrames:
    """Numbers what one line hears, over all its connections; events before the first state are let go."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._seq = 0

    @property
    def seq(self) -> int:
        """The number of the last frame that was given."""
        return self._seq

    async def of(self, connection: Connection, facts: SocketFacts) -> AsyncGenerator[Frame, None]:
        """The frames of a new connection, beginning with a whole snapshot."""
        snapshot: Snapshot | None = None
        async for message in connection.messages():
            if message.get("type") == "state":
                before, snapshot = snapshot, facts.read(message.get("state"))
                yield self._frame(before, snapshot, tells_all=not connection.is_foreign)
            elif snapshot is not None and (delta := self._said(message)) is not None:
                yield self._changed(snapshot, [delta])

    def _said(self, message: dict[str, Any]) -> Delta | None:
        match message.get("type"):
            case "event":
                return _told(said(message.get("event", message), self._now()))
            case "command_update":
                return Delta(DeltaKind.COMMAND_UPDATE, {name: message.get(name) for name in ("command", "result")})
            case "missed":
                return Delta(DeltaKind.EVENTS_MISSED, {"count": message.get("count")})
            case _:
                # Of a later version: the states have what matters.
                return None

    def _frame(self, before: Snapshot | None, snapshot: Snapshot, *, tells_all: bool) -> Frame:
        if before is None or before.session_id != snapshot.session_id:
            why = Why.SUBSCRIBED if before is None else Why.RESTARTED
            return Whole(self._stamp(snapshot), snapshot, why)
        found = deltas(before, snapshot)
        if not tells_all:
            # New lines of its timeline are all that such a bot has to say.
            kept = [delta for delta in found if delta.kind is DeltaKind.EVENT]
            found = [*found, *(_told(delta.data["event"]) for delta in kept)]
        return self._changed(snapshot, found) if found else Beat(self._stamp(snapshot))

    def _changed(self, snapshot: Snapshot, found: list[Delta]) -> Changed:
        self._seq += len(found)
        return Changed(self._stamp(snapshot), tuple(found))

    def _stamp(self, snapshot: Snapshot) -> Stamp:
        return Stamp(snapshot.session_id, self._seq, snapshot.seq, snapshot.at)


def _told(event: dict[str, Any]) -> Delta:
    return Delta(DeltaKind.EVENT, {"event": event, "kept": False})
