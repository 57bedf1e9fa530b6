"""What has happened between two looks at a bot. All of it is pure, and says nothing where nothing changed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot_integration import Parameter, Position, PositionStage, Snapshot
from chatops.notices.happenings import (
    BreakersChanged,
    Changed,
    Closed,
    Filled,
    Funded,
    Happening,
    ModeChanged,
    Opened,
    Rebalanced,
    Restarted,
    SettingsChanged,
)
from chatops.notices.memory import Remembered

#: Filling is told a tenth of the target at a time: prices move what is filled by a little at every look.
FILL_STEPS = 10
#: USD. What is less waits until it has grown.
LEAST_FUNDING = Decimal("0.01")
#: What stands in place of a value that nobody may see.
HIDDEN = "(hidden)"


def is_newer(before: Snapshot, after: Snapshot) -> bool:
    """Whether there can be news in it: not the same facts again, nor some that were overtaken."""
    return before.session_id != after.session_id or after.seq > before.seq


def is_restart(before: Snapshot, after: Snapshot) -> bool:
    """Whether the bot was started anew in between."""
    return before.session_id != after.session_id


def happenings(before: Snapshot, after: Snapshot) -> tuple[Happening, ...]:
    """All that is told of at once, in the order in which people should hear it.

    Over a restart positions are only counted. Steps between the two are not known, and not made up.
    """
    if not is_newer(before, after):
        return ()
    told: list[Happening] = []
    if is_restart(before, after):
        told.append(restarted(held(before), before.session.version, after))
    if before.session.mode is not after.session.mode:
        told.append(ModeChanged(after.bot, before.session.mode, after.session.mode))
    told += breakers(before, after)
    told += settings(before, after)
    if not is_restart(before, after):
        told += positions(before, after)
    return tuple(told)


def since(remembered: Remembered, after: Snapshot) -> tuple[Happening, ...]:
    """What has happened while nobody looked, as far as it can be told from what was last told of the bot."""
    had = {position.id: position for position in remembered.positions}
    told: list[Happening] = []
    if remembered.session_id != after.session_id:
        told.append(restarted(had, remembered.version, after))
    else:
        told += _unseen(had, remembered.at, after)
    if remembered.mode is not after.session.mode:
        told.append(ModeChanged(after.bot, remembered.mode, after.session.mode))
    return tuple(told)


def restarted(had: Mapping[str, Position], version: str, after: Snapshot) -> Restarted:
    """What is another after the restart of a bot that `had` these and was of this version."""
    has = held(after)
    return Restarted(
        after.bot,
        after.session.version,
        version if version != after.session.version else "",
        after.session.started_at,
        len(has),
        gone=tuple(id_ for id_ in had if id_ not in has),
        new=tuple(id_ for id_ in has if id_ not in had),
    )


def breakers(before: Snapshot, after: Snapshot) -> Iterator[BreakersChanged]:
    """Those that tripped or were reset, in one."""
    had, has = before.session.pause.active_breakers, after.session.pause.active_breakers
    tripped = tuple(name for name in dict.fromkeys(has) if name not in had)
    reset = tuple(name for name in dict.fromkeys(had) if name not in has)
    if tripped or reset:
        yield BreakersChanged(after.bot, tripped, reset)


def settings(before: Snapshot, after: Snapshot) -> Iterator[SettingsChanged]:
    """The parameters whose value is another. One that comes or goes is another version, and no change of anybody's."""
    had = {parameter.key: parameter for parameter in before.parameters}
    has = {parameter.key: parameter for parameter in after.parameters}
    changed = tuple(
        Changed(key, _said(known, secret), _said(parameter, secret), "" if secret else parameter.unit)
        for key, parameter in has.items()
        if (known := had.get(key)) is not None and not _same(known.value, parameter.value)
        # Either side may be the one that says so.
        for secret in [known.secret or parameter.secret]
    )
    if changed:
        yield SettingsChanged(after.bot, changed)


def positions(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    """What became of each position, within one run of the bot. Closed first, since that makes room for others."""
    had, has = held(before), held(after)
    for id_, known in had.items():
        if id_ not in has:
            end = after.position(id_)
            yield Closed(after.bot, end or known, final=end is not None)
    for id_, position in has.items():
        if id_ in had:
            yield from _went_on(after.bot, had[id_], position)
        else:
            yield Opened(after.bot, position)
    for position in after.positions:
        # It came and went between two looks: its end is all that we know of it.
        if position.stage is PositionStage.CLOSED and before.position(position.id) is None:
            yield Closed(after.bot, position, final=True)


def funding(told: Mapping[str, Decimal], after: Snapshot) -> Funded | None:
    """What was paid to the positions that are held now, beyond what was `told` of each; None for next to nothing.

    Of a position that nothing was told of nothing is known, and so nothing is said.
    """
    paid = [
        (position, amount)
        for position in held(after).values()
        if position.id in told and abs(amount := position.pnl.funding - told[position.id]) >= LEAST_FUNDING
    ]
    if not paid:
        return None
    return Funded(after.bot, tuple(sorted(paid, key=lambda one: (-abs(one[1]), one[0].id))))


def held(snapshot: Snapshot) -> dict[str, Position]:
    """The positions that are not closed, by id."""
    return {position.id: position for position in snapshot.positions if position.stage is not PositionStage.CLOSED}


def _unseen(had: Mapping[str, Position], at: datetime, after: Snapshot) -> Iterator[Happening]:
    has = held(after)
    # A name may have been used again.
    same = {id_ for id_ in had.keys() & has if has[id_].opened_at <= at}
    for id_, known in had.items():
        if id_ in same:
            continue
        end = after.position(id_) if id_ not in has else None
        yield Closed(after.bot, end or known, final=end is not None, unseen=True)
    for id_, position in has.items():
        if id_ in same:
            yield from _went_on(after.bot, had[id_], position)
        else:
            yield Opened(after.bot, position, unseen=True)
    for position in after.positions:
        # One that was closed before may have been told, and is shown as closed still.
        if position.stage is PositionStage.CLOSED and position.id not in had and position.opened_at > at:
            yield Closed(after.bot, position, final=True, unseen=True)


def _went_on(bot: str, before: Position, after: Position) -> Iterator[Happening]:
    if before.stage is PositionStage.OPENING:
        if after.stage is not PositionStage.OPENING:
            # A position that is given up is told of when it is gone.
            if after.stage is not PositionStage.CLOSING:
                yield Opened(bot, after, again=True)
        elif _filled_steps(after) > _filled_steps(before):
            yield Filled(bot, after)
    elif before.stage is PositionStage.REBALANCING and after.stage is PositionStage.OPEN:
        yield Rebalanced(bot, after)


def _filled_steps(position: Position) -> int:
    """How many tenths of the target are filled, any beginning counted as one."""
    if position.filled_usd <= 0:
        return 0
    if position.target_usd <= 0:
        return 1
    return 1 + min(FILL_STEPS, int(position.filled_usd * FILL_STEPS / position.target_usd))


def _same(one: Any, other: Any) -> bool:
    # By what they look like: 1 and True are equal but not the same setting, and NaN is not equal to itself.
    return repr(one) == repr(other)


def _said(parameter: Parameter, secret: bool) -> str:
    if secret:
        return HIDDEN
    value = parameter.value
    if isinstance(value, bool):
        return "on" if value else "off"
    return "nothing" if value is None or value == "" else str(value)
