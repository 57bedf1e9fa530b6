"""What changed between two snapshots of one run of a bot (pure)."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from bot_integration.frames import Delta, DeltaKind
from bot_integration.position import Position
from bot_integration.state import Snapshot, TimelineEvent

FactT = TypeVar("FactT", bound=BaseModel)

#: Of a session what people must hear of at once.
_URGENT_OF_SESSION = ("stage", "health", "mode")


def is_urgent(before: Snapshot, after: Snapshot) -> bool:
    """Whether people should hear of it at once: what is held, its stages, what is held back, how the bot is."""
    old, new = before.session, after.session
    if old is not new and (
        old.pause != new.pause or any(getattr(old, name) is not getattr(new, name) for name in _URGENT_OF_SESSION)
    ):
        return True
    if before.positions is after.positions:
        return False
    if len(before.positions) != len(after.positions):
        return True
    # Nearly always in the same order, and only prices moved.
    return any(
        a is not b and (a.id != b.id or a.stage is not b.stage)
        for a, b in zip(before.positions, after.positions, strict=True)
    ) and {one.id: one.stage for one in before.positions} != {one.id: one.stage for one in after.positions}


def deltas(before: Snapshot, after: Snapshot) -> list[Delta]:
    """What leads from the one to the other, in order; nothing where only `seq` and `at` are others.

    Both are of one session. Applied to `before` by a `Replica` it gives `after`.
    """
    found: list[Delta] = []
    if before.session is not after.session:
        changed = changed_fields(before.session, after.session)
        if changed.pop("pause", None) is not None:
            found.append(Delta(DeltaKind.PAUSE_STATE_CHANGE, {"pause": dumped(after.session.pause)}))
        if changed:
            found.append(Delta(DeltaKind.SESSION_UPDATE, {"changed": changed}))
    if before.positions is not after.positions:
        found.extend(_positions(before.positions, after.positions))
    found.extend(
        _listed(DeltaKind.FUNDING_UPDATE, "funding", before.funding, after.funding, lambda one: (one.venue, one.asset))
    )
    found.extend(_listed(DeltaKind.VENUE_UPDATE, "venue", before.venues, after.venues, lambda one: one.name))
    found.extend(
        _listed(DeltaKind.PARAMETERS_UPDATE, "parameter", before.parameters, after.parameters, lambda one: one.key)
    )
    if before.portfolio is not after.portfolio and (changed := changed_fields(before.portfolio, after.portfolio)):
        found.append(Delta(DeltaKind.PORTFOLIO_UPDATE, {"changed": changed}))
    if before.metrics != after.metrics:
        found.append(Delta(DeltaKind.METRICS_UPDATE, {"metrics": after.metrics}))
    if before.commands is not after.commands and before.commands != after.commands:
        found.append(Delta(DeltaKind.DECLARATIONS_UPDATE, {"commands": [dumped(one) for one in after.commands]}))
    if before.extra != after.extra:
        found.append(Delta(DeltaKind.EXTRA_UPDATE, {"extra": dumped(after, {"extra"})["extra"]}))
    found.extend(_timeline(before.timeline, after.timeline))
    return found


def changed_fields(before: FactT, after: FactT) -> dict[str, Any]:
    """The fields that are others now, as JSON has them."""
    old, new = before.__dict__, after.__dict__
    names = {name for name, value in new.items() if value is not old[name] and value != old[name]}
    return dumped(after, names) if names else {}


def dumped(fact: BaseModel, only: set[str] | None = None) -> dict[str, Any]:
    """A fact, or some fields of it, as JSON has it. What an author put in and JSON has no word for is text."""
    return fact.model_dump(mode="json", include=only, fallback=str)


def _positions(before: Sequence[Position], after: Sequence[Position]) -> Iterator[Delta]:
    held = {one.id: one for one in before}
    ids = {one.id for one in after}
    order = [id_ for id_ in held if id_ in ids]
    for id_ in held:
        if id_ not in ids:
            yield Delta(DeltaKind.POSITION_CLOSED, {"id": id_})
    for one in after:
        known = held.get(one.id)
        if known is None:
            order.append(one.id)
            yield Delta(DeltaKind.POSITION_OPENED, {"position": dumped(one)})
        elif known is not one and (changed := changed_fields(known, one)):
            yield Delta(DeltaKind.POSITION_UPDATE, {"id": one.id, "changed": changed})
    if order != (wanted := [one.id for one in after]):
        yield Delta(DeltaKind.POSITIONS_ORDER, {"ids": wanted})


def _listed(
    kind: DeltaKind, word: str, before: Sequence[FactT], after: Sequence[FactT], key: Callable[[Any], Hashable]
) -> Iterator[Delta]:
    if before is after or before == after:
        return
    keys = [key(one) for one in after]
    if len(set(keys)) == len(keys) and [key(one) for one in before] == keys:
        for known, one in zip(before, after, strict=True):
            if known is not one and known != one:
                yield Delta(kind, {word: dumped(one)})
    else:
        # Some came or went, or two go by one name: rare, and short.
        yield Delta(kind, {"all": [dumped(one) for one in after]})


def _timeline(before: Sequence[TimelineEvent], after: Sequence[TimelineEvent]) -> Iterator[Delta]:
    if before is after or before == after:
        return
    dropped = next(n for n in range(len(before) + 1) if before[n:] == after[: len(before) - n])
    if dropped:
        yield Delta(DeltaKind.TIMELINE_UPDATE, {"dropped": dropped})
    for event in after[len(before) - dropped :]:
        yield Delta(DeltaKind.EVENT, {"event": dumped(event), "kept": True})
