"""A snapshot that is kept true by what a stream tells (pure)."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from pydantic import ValidationError

from bot_integration.commands import COMMAND, CommandResult
from bot_integration.events import CommandFinished, EventsMissed, Noted
from bot_integration.fact import Fact
from bot_integration.frames import Beat, Delta, DeltaKind, Frame, Resume, Stamp, Whole
from bot_integration.merge import fields, merged
from bot_integration.position import Position
from bot_integration.retouch import retouched
from bot_integration.state import TIMELINE_LENGTH, Funding, Parameter, PauseState, Snapshot, TimelineEvent, Venue

Said = Noted | CommandFinished | EventsMissed


class OutOfStep(Exception):
    """What came does not fit what is known: ask for a whole snapshot. The text says what did not fit."""


class Replica:
    """What a reader knows of a bot. Of a stream of some channels it knows those alone."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._seq = -1

    @property
    def snapshot(self) -> Snapshot | None:
        """The bot as it was last heard."""
        return self._snapshot

    @property
    def seq(self) -> int:
        """Where in the stream it stands."""
        return self._seq

    @property
    def resume(self) -> Resume | None:
        """Where to go on after the stream broke."""
        return None if self._snapshot is None else Resume(self._snapshot.session_id, self._seq)

    def apply(self, frame: Frame) -> tuple[Said, ...]:
        """Take it in; gives what was said besides the state. Raises `OutOfStep`, and then has changed nothing."""
        if isinstance(frame, Whole):
            if frame.snapshot.session_id != frame.stamp.session_id:
                raise OutOfStep("the snapshot is of another run of the bot than the stream")
            self._snapshot, self._seq = frame.snapshot, frame.stamp.seq
            return ()
        snapshot = self._known(frame.stamp)
        if isinstance(frame, Beat):
            self._snapshot = _stamped(snapshot, frame.stamp, {})
            return ()
        if frame.stamp.seq <= self._seq:
            return ()
        if len(frame.deltas) > frame.stamp.seq - self._seq:
            raise OutOfStep("a part of what came is known already")
        try:
            parts, said = _applied(snapshot, frame.deltas)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise OutOfStep(f"what came does not fit: {_told(error)}") from error
        self._snapshot, self._seq = _stamped(snapshot, frame.stamp, parts), frame.stamp.seq
        return said

    def _known(self, stamp: Stamp) -> Snapshot:
        if self._snapshot is None or self._snapshot.session_id != stamp.session_id:
            raise OutOfStep("the bot was started anew, and nothing whole came")
        return self._snapshot


def _applied(snapshot: Snapshot, deltas: Sequence[Delta]) -> tuple[dict[str, Any], tuple[Said, ...]]:
    parts = _Parts(snapshot)
    said: list[Said] = []
    for delta in deltas:
        kind, data = delta.kind, delta.data
        if kind is DeltaKind.COMMAND_UPDATE:
            command = COMMAND.validate_python(data["command"])
            said.append(CommandFinished(snapshot.bot, command, CommandResult.model_validate(data["result"])))
        elif kind is DeltaKind.EVENTS_MISSED:
            said.append(EventsMissed(_count(data["count"])))
        elif kind is DeltaKind.EVENT and not data["kept"]:
            event = TimelineEvent.model_validate(data["event"])
            said.append(Noted(snapshot.bot, event.at, event.category, event.message))
        else:
            parts.apply(kind, data)
    return parts.changed(), tuple(said)


class _Parts:
    """The parts of a snapshot while deltas are applied to them; only what they touch is made anew."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._changed: dict[str, Any] = {}
        self._positions: dict[str, Position] | None = None
        #: Where in a list each stands that can be told from all others; None where two go by one name.
        self._places: dict[str, dict[Any, int | None]] = {}

    def changed(self) -> dict[str, Any]:
        for name in self._places:
            self._changed[name] = tuple(self._changed[name])
        if self._positions is not None:
            self._changed["positions"] = tuple(self._positions.values())
        if len(self._part("timeline")) > TIMELINE_LENGTH:
            raise ValueError(f"timeline: longer than {TIMELINE_LENGTH}")
        return self._changed

    def apply(self, kind: DeltaKind, data: Mapping[str, Any]) -> None:
        if kind is DeltaKind.POSITION_UPDATE:
            self._update(data)
        elif kind in _OF_POSITIONS:
            self._apply_to_positions(kind, data)
        elif kind in _LISTED:
            self._replace(data, *_LISTED[kind])
        elif kind is DeltaKind.SESSION_UPDATE:
            self._changed["session"] = merged(self._part("session"), data["changed"])
        elif kind is DeltaKind.PAUSE_STATE_CHANGE:
            pause = PauseState.model_validate(data["pause"])
            self._changed["session"] = retouched(self._part("session"), {"pause": pause})
        elif kind is DeltaKind.PORTFOLIO_UPDATE:
            self._changed["portfolio"] = merged(self._part("portfolio"), data["changed"])
        elif kind is DeltaKind.TIMELINE_UPDATE:
            timeline = self._part("timeline")
            if (dropped := _count(data["dropped"])) > len(timeline):
                raise ValueError("timeline: so many are not there to be dropped")
            self._changed["timeline"] = timeline[dropped:]
        elif kind is DeltaKind.EVENT:
            event = TimelineEvent.model_validate(data["event"])
            self._changed["timeline"] = (*self._part("timeline"), event)
        else:
            name = _WHOLE[kind]
            self._changed |= fields(Snapshot, {name: data[name]})

    def _part(self, name: str) -> Any:
        return self._changed.get(name, getattr(self._snapshot, name))

    def _held(self) -> dict[str, Position]:
        if self._positions is None:
            self._positions = {one.id: one for one in self._snapshot.positions}
        return self._positions

    def _update(self, data: Mapping[str, Any]) -> None:
        held, changed = self._held(), data["changed"]
        position = held[data["id"]]
        if "id" in changed:
            raise ValueError("position: its id never changes")
        legs = position.legs
        if "legs" in data:
            legs = tuple([merged(leg, part) if part else leg for leg, part in zip(legs, data["legs"], strict=True)])
        held[position.id] = merged(position, changed, legs=legs) if changed else retouched(position, {"legs": legs})

    def _apply_to_positions(self, kind: DeltaKind, data: Mapping[str, Any]) -> None:
        held = self._held()
        if kind is DeltaKind.POSITION_OPENED:
            opened = Position.model_validate(data["position"])
            if opened.id in held:
                raise ValueError("position: it is held already")
            held[opened.id] = opened
        elif kind is DeltaKind.POSITION_CLOSED:
            del held[data["id"]]
        else:
            self._positions = {id_: held[id_] for id_ in data["ids"]}
            if not len(held) == len(self._positions) == len(data["ids"]):
                raise ValueError("positions: these are not all that are held")

    def _replace(
        self, data: Mapping[str, Any], name: str, word: str, model: type[Fact], key: "attrgetter[Any]"
    ) -> None:
        if "all" in data:
            self._places.pop(name, None)
            self._changed[name] = tuple(model.model_validate(one) for one in data["all"])
            return
        if name not in self._places:
            self._changed[name] = list(self._part(name))
            places: dict[Any, int | None] = {}
            for place, one in enumerate(self._changed[name]):
                places[key(one)] = None if key(one) in places else place
            self._places[name] = places
        new = model.model_validate(data[word])
        found = self._places[name][key(new)]
        if found is None:
            raise ValueError(f"{word}: there are two of these")
        self._changed[name][found] = new


_OF_POSITIONS = frozenset({DeltaKind.POSITION_OPENED, DeltaKind.POSITION_CLOSED, DeltaKind.POSITIONS_ORDER})
#: The field of the snapshot, the word in the delta, what stands there, and what tells one from another.
_LISTED: Mapping[DeltaKind, tuple[str, str, type[Fact], "attrgetter[Any]"]] = {
    DeltaKind.FUNDING_UPDATE: ("funding", "funding", Funding, attrgetter("venue", "asset")),
    DeltaKind.VENUE_UPDATE: ("venues", "venue", Venue, attrgetter("name")),
    DeltaKind.PARAMETERS_UPDATE: ("parameters", "parameter", Parameter, attrgetter("key")),
}
#: The field of the snapshot that comes whole, under its own name.
_WHOLE: Mapping[DeltaKind, str] = {
    DeltaKind.METRICS_UPDATE: "metrics",
    DeltaKind.DECLARATIONS_UPDATE: "commands",
    DeltaKind.EXTRA_UPDATE: "extra",
}


def _count(given: Any) -> int:
    if type(given) is not int or given < 1:
        raise ValueError("a count is a whole number above 0")
    return given


def _stamped(snapshot: Snapshot, stamp: Stamp, parts: Mapping[str, Any]) -> Snapshot:
    return retouched(snapshot, {**parts, "seq": stamp.bot_seq, "at": stamp.at})


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
    return f"{type(error).__name__} {error}"
