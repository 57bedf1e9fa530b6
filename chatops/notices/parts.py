"""Sees that a part of a position was closed: all its legs have become smaller, whoever did it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from bot_integration import Position, PositionStage, Snapshot
from chatops.notices.happenings import PartClosed

#: What is less waits until it has grown: a borrowed leg's size moves a little by its interest alone.
LEAST_PART = Decimal("0.01")

_Sizes: TypeAlias = dict[tuple[str, str, str], Decimal]


@dataclass(frozen=True, slots=True)
class _Whole:
    """A position before any part of it was closed that was not told of."""

    sizes: _Sizes
    filled_usd: Decimal
    realized: Decimal


class Parts:
    """The open positions of one bot, as they were when they were told of."""

    def __init__(self, bot: str) -> None:
        self._bot = bot
        self._whole: dict[str, _Whole] = {}

    def begin(self, snapshot: Snapshot) -> None:
        """Nothing was closed before this."""
        self._whole = {
            position.id: _whole(position) for position in snapshot.positions if position.stage is PositionStage.OPEN
        }

    def gone(self, snapshot: Snapshot) -> Iterator[PartClosed]:
        """The parts that were closed up to these facts, of positions that are open again."""
        before, self._whole = self._whole, {}
        for position in snapshot.positions:
            known = before.get(position.id)
            if position.stage is PositionStage.CLOSING and known is not None:
                # How much it comes to is told when it rests.
                self._whole[position.id] = known
            elif position.stage is PositionStage.OPEN:
                # Rebalancing changes sizes too: what is open after it begins anew.
                share = Decimal(0) if known is None else _share(known, position)
                if known is None or LEAST_PART <= share < 1:
                    self._whole[position.id] = _whole(position)
                else:
                    self._whole[position.id] = _grown(known, position)
                if known is not None and LEAST_PART <= share < 1:
                    yield PartClosed(self._bot, position, share, position.pnl.realized - known.realized)


def _whole(position: Position) -> _Whole:
    return _Whole(_sizes(position), position.filled_usd, position.pnl.realized)


def _grown(known: _Whole, position: Position) -> _Whole:
    sizes = {leg: max(size, known.sizes.get(leg, size)) for leg, size in _sizes(position).items()}
    return replace(known, sizes=known.sizes | sizes)


def _share(known: _Whole, position: Position) -> Decimal:
    """How much of every leg is gone."""
    sizes = _sizes(position)
    if known.sizes:
        return min(1 - sizes.get(leg, Decimal(0)) / size for leg, size in known.sizes.items())
    # Prices move what is filled: without legs it takes money to tell.
    if known.filled_usd > 0 and not sizes and position.pnl.realized != known.realized:
        return 1 - position.filled_usd / known.filled_usd
    return Decimal(0)


def _sizes(position: Position) -> _Sizes:
    sizes: _Sizes = {}
    for leg in position.legs:
        if leg.size:
            key = (leg.venue, leg.instrument, leg.side)
            sizes[key] = sizes.get(key, Decimal(0)) + leg.size
    return sizes
