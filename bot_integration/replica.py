"""A snapshot that is kept true by what a stream tells (pure)."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot_integration.commands import COMMAND, CommandResult
from bot_integration.declarations import Declaration
from bot_integration.events import CommandFinished, Noted
from bot_integration.frames import Beat, Changed, Delta, DeltaKind, Frame, Resume, Stamp, Whole
from bot_integration.position import Position
from bot_integration.state import Funding, Parameter, PauseState, Snapshot, TimelineEvent, Venue

FactT = TypeVar("FactT", bound=BaseModel)

Said = Noted | CommandFinished


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
            self._snapshot, self._seq = frame.snapshot, frame.stamp.seq
            return ()
        snapshot = self._known(frame.stamp)
        if isinstance(frame, Beat):
            self._snapshot = _stamped(snapshot, frame.stamp, {})
            return ()
        if frame.stamp.seq <= self._seq:
            return ()
        try:
            parts, said = _applied(snapshot, frame)
        except (KeyError, TypeError, ValueError) as error:
            raise OutOfStep(f"what came does not fit: {_told(error)}") from error
        self._snapshot, self._seq = _stamped(snapshot, frame.stamp, parts), frame.stamp.seq
        return said

    def _known(self, stamp: Stamp) -> Snapshot:
        if self._snapshot is None or self._snapshot.session_id != stamp.session_id:
            raise OutOfStep("the bot was started anew, and nothing whole came")
        return self._snapshot


def _applied(snapshot: Snapshot, frame: Changed) -> tuple[dict[str, Any], tuple[Said, ...]]:
    parts = _Parts(snapshot)
    said: list[Said] = []
    for delta in frame.deltas:
        if delta.kind is DeltaKind.COMMAND_UPDATE:
            command = COMMAND.validate_python(delta.data["command"])
            result = CommandResult.model_validate(delta.data["result"])
            said.append(CommandFinished(snapshot.bot, command, result))
        elif delta.kind is DeltaKind.EVENT and not delta.data["kept"]:
            event = TimelineEvent.model_validate(delta.data["event"])
            said.append(Noted(snapshot.bot, event.at, event.category, event.message))
        else:
            parts.apply(delta)
    return parts.changed(), tuple(said)


class _Parts:
    """The parts of a snapshot while deltas are applied to them; only what they touch is made anew."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._changed: dict[str, Any] = {}
        self._positions: dict[str, Position] | None = None

    def changed(self) -> dict[str, Any]:
        if self._positions is not None:
            self._changed["positions"] = tuple(self._positions.values())
        return self._changed

    def apply(self, delta: Delta) -> None:
        kind, data = delta.kind, delta.data
        if kind in _OF_POSITIONS:
            self._apply_to_positions(kind, data)
        elif kind is DeltaKind.SESSION_UPDATE:
            self._changed["session"] = merged(self._part("session"), data["changed"])
        elif kind is DeltaKind.PAUSE_STATE_CHANGE:
            pause = PauseState.model_validate(data["pause"])
            self._changed["session"] = self._part("session").model_copy(update={"pause": pause})
        elif kind is DeltaKind.PORTFOLIO_UPDATE:
            self._changed["portfolio"] = merged(self._part("portfolio"), data["changed"])
        elif kind in _LISTED:
            name, word, model, keys = _LISTED[kind]
            self._changed[name] = _replaced(self._part(name), data, word, model, keys)
        elif kind is DeltaKind.METRICS_UPDATE:
            self._changed["metrics"] = _adapter(Snapshot, "metrics").validate_python(data["metrics"])
        elif kind is DeltaKind.DECLARATIONS_UPDATE:
            self._changed["commands"] = tuple(Declaration.model_validate(one) for one in data["commands"])
        elif kind is DeltaKind.EXTRA_UPDATE:
            self._changed["extra"] = dict(data["extra"])
        elif kind is DeltaKind.TIMELINE_UPDATE:
            self._changed["timeline"] = self._part("timeline")[data["dropped"] :]
        elif kind is DeltaKind.EVENT:
            event = TimelineEvent.model_validate(data["event"])
            self._changed["timeline"] = (*self._part("timeline"), event)

    def _part(self, name: str) -> Any:
        return self._changed.get(name, getattr(self._snapshot, name))

    def _apply_to_positions(self, kind: DeltaKind, data: Mapping[str, Any]) -> None:
        if self._positions is None:
            self._positions = {one.id: one for one in self._snapshot.positions}
        held = self._positions
        if kind is DeltaKind.POSITION_OPENED:
            opened = Position.model_validate(data["position"])
            held[opened.id] = opened
        elif kind is DeltaKind.POSITION_UPDATE:
            held[data["id"]] = merged(held[data["id"]], data["changed"])
        elif kind is DeltaKind.POSITION_CLOSED:
            del held[data["id"]]
        else:
            self._positions = {id_: held[id_] for id_ in data["ids"]}


_OF_POSITIONS = frozenset(
    {
        DeltaKind.POSITION_OPENED,
        DeltaKind.POSITION_UPDATE,
        DeltaKind.POSITION_CLOSED,
        DeltaKind.POSITIONS_ORDER,
    }
)
#: The field of the snapshot, the word in the delta, what stands there, and what tells one from another.
_LISTED: Mapping[DeltaKind, tuple[str, str, type[BaseModel], tuple[str, ...]]] = {
    DeltaKind.FUNDING_UPDATE: ("funding", "funding", Funding, ("venue", "asset")),
    DeltaKind.VENUE_UPDATE: ("venues", "venue", Venue, ("name",)),
    DeltaKind.PARAMETERS_UPDATE: ("parameters", "parameter", Parameter, ("key",)),
}


def merged(fact: FactT, changed: Mapping[str, Any]) -> FactT:
    """The fact with these fields as they are now; what this version has no field for goes to `extra`."""
    known = type(fact).model_fields
    update = {name: _adapter(type(fact), name).validate_python(changed[name]) for name in changed if name in known}
    if unknown := {name: value for name, value in changed.items() if name not in known}:
        update["extra"] = {**update.get("extra", getattr(fact, "extra", {})), **unknown}
    return fact.model_copy(update=update)


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    annotated: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(annotated)


def _replaced(
    given: tuple[Any, ...], data: Mapping[str, Any], word: str, model: type[BaseModel], keys: tuple[str, ...]
) -> tuple[Any, ...]:
    if "all" in data:
        return tuple(model.model_validate(one) for one in data["all"])
    new = model.model_validate(data[word])
    places = [all(getattr(one, key) == getattr(new, key) for key in keys) for one in given]
    if places.count(True) != 1:
        raise ValueError(f"{word}: there is not one of these to replace")
    return tuple(new if here else one for one, here in zip(given, places, strict=True))


def _stamped(snapshot: Snapshot, stamp: Stamp, parts: Mapping[str, Any]) -> Snapshot:
    return snapshot.model_copy(update={**parts, "seq": stamp.bot_seq, "at": stamp.at})


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
    return f"{type(error).__name__} {error}"
