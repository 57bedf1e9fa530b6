"""What changed between two snapshots of one run of a bot (pure)."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from time import sleep
from typing import Any, TypeVar

from bot_integration.difference import difference, differences, dumped, is_same
from bot_integration.fact import Fact
from bot_integration.frames import Delta, DeltaKind
from bot_integration.position import Position
from bot_integration.state import Breaker, Session, Snapshot, TimelineEvent

FactT = TypeVar("FactT", bound=Fact)

#: Positions that are compared before other threads have their turn.
AT_ONE_GO = 25


def is_urgent(before: Snapshot, after: Snapshot) -> bool:
    """Whether people should hear of it at once: what is held, its stages, what is held back, how the bot is."""
    if before.session is not after.session and _is_urgent(before.session, after.session):
        return True
    if before.positions is after.positions:
        return False
    if len(before.positions) != len(after.positions):
        return True
    # Nearly always in the same order, and only prices moved.
    for a, b in zip(before.positions, after.positions, strict=True):
        if a is not b and (a.stage is not b.stage or a.id != b.id):
            return {one.id: one.stage for one in before.positions} != {one.id: one.stage for one in after.positions}
    return False


def deltas(before: Snapshot, after: Snapshot) -> list[Delta]:
    """What leads from the one to the other, in order; nothing where only `seq` and `at` are others.

    Both are of one session. Applied to `before` by a `Replica` it gives `after`, as far as JSON can say it.
    """
    if before is after:
        return []
    found: list[Delta] = []
    if before.session is not after.session:
        changed = difference(before.session, after.session)
        if (pause := changed.pop("pause", None)) is not None:
            found.append(Delta(DeltaKind.PAUSE_STATE_CHANGE, {"pause": pause}))
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
    if before.portfolio is not after.portfolio and (changed := difference(before.portfolio, after.portfolio)):
        found.append(Delta(DeltaKind.PORTFOLIO_UPDATE, {"changed": changed}))
    if not is_same(before.metrics, after.metrics):
        found.append(Delta(DeltaKind.METRICS_UPDATE, dumped(after, {"metrics"})))
    if not is_same(before.commands, after.commands):
        found.append(Delta(DeltaKind.DECLARATIONS_UPDATE, dumped(after, {"commands"})))
    if not is_same(before.extra, after.extra):
        found.append(Delta(DeltaKind.EXTRA_UPDATE, dumped(after, {"extra"})))
    found.extend(_timeline(before.timeline, after.timeline))
    return found


def _is_urgent(before: Session, after: Session) -> bool:
    return (
        before.stage is not after.stage
        or before.health is not after.health
        or before.mode is not after.mode
        or not is_same(before.pause, after.pause)
        or (before.breakers is not after.breakers and _tripped(before.breakers) != _tripped(after.breakers))
    )


def _tripped(breakers: Sequence[Breaker]) -> list[str]:
    return [one.name for one in breakers if one.active]


def _positions(before: Sequence[Position], after: Sequence[Position]) -> Iterator[Delta]:
    wanted = [one.id for one in after]
    if [one.id for one in before] == wanted:
        for place, (known, one) in enumerate(zip(before, after, strict=True)):
            if known is not one and (delta := _moved(known, one)):
                yield delta
            if place % AT_ONE_GO == 0:
                # The bot may be another thread of this process: it waits for no more than these.
                sleep(0)
        return
    held = {one.id: one for one in before}
    ids = set(wanted)
    order = [id_ for id_ in held if id_ in ids]
    for id_ in held:
        if id_ not in ids:
            yield Delta(DeltaKind.POSITION_CLOSED, {"id": id_})
    for one in after:
        if one.id not in held:
            order.append(one.id)
            yield Delta(DeltaKind.POSITION_OPENED, {"position": dumped(one)})
        elif held[one.id] is not one and (delta := _moved(held[one.id], one)):
            yield delta
    if order != wanted:
        yield Delta(DeltaKind.POSITIONS_ORDER, {"ids": wanted})


def _moved(before: Position, after: Position) -> Delta | None:
    if len(before.legs) == len(after.legs):
        # Legs are most of a position, and most of a leg stays as it is.
        changed, legs = difference(before, after, but="legs"), differences(before.legs, after.legs)
    else:
        changed, legs = difference(before, after), []
    if legs:
        return Delta(DeltaKind.POSITION_UPDATE, {"id": after.id, "changed": changed, "legs": legs})
    return Delta(DeltaKind.POSITION_UPDATE, {"id": after.id, "changed": changed}) if changed else None


def _listed(
    kind: DeltaKind, word: str, before: Sequence[FactT], after: Sequence[FactT], key: Callable[[Any], Hashable]
) -> Iterator[Delta]:
    if before is after:
        return
    keys = [key(one) for one in after]
    if [key(one) for one in before] != keys:
        # Some came, went or changed places: rare, and short.
        yield Delta(kind, {"all": [dumped(one) for one in after]})
        return
    others = [one for known, one in zip(before, after, strict=True) if not is_same(known, one)]
    if others and len(set(keys)) != len(keys):
        # Two go by one name, and nobody could tell which is meant.
        yield Delta(kind, {"all": [dumped(one) for one in after]})
    else:
        yield from (Delta(kind, {word: dumped(one)}) for one in others)


def _timeline(before: Sequence[TimelineEvent], after: Sequence[TimelineEvent]) -> Iterator[Delta]:
    if before is after or before == after:
        return
    dropped = next(n for n in range(len(before) + 1) if before[n:] == after[: len(before) - n])
    if dropped:
        yield Delta(DeltaKind.TIMELINE_UPDATE, {"dropped": dropped})
    for event in after[len(before) - dropped :]:
        yield Delta(DeltaKind.EVENT, {"event": dumped(event), "kept": True})
