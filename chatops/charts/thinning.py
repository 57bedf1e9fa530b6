"""Fewer points for the same picture: a phone has some hundred columns, and many bots tens of thousands of samples."""

from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter

from chatops.money.equity import Point

#: Parts of a curve that each become one to five points: closer than they lie nothing can be told apart.
PARTS = 300
_MADE = attrgetter("made")


def thinned(points: Sequence[Point], parts: int = PARTS) -> Sequence[Point]:
    """Of each part of the time the first and last point, its highest and lowest, and the deepest fall.

    So every peak and trough stays as deep as it was, and the line ends in the very figure it ended in.
    """
    if len(points) <= 5 * parts:
        return points
    start, length = points[0].at, (points[-1].at - points[0].at) / parts
    kept: list[Point] = []
    part: list[Point] = []
    index = 0
    for one in points:
        if (now := int((one.at - start) / length)) != index and part:
            kept += _of_part(part)
            part, index = [], now
        part.append(one)
    return [*kept, *_of_part(part)]


def _of_part(points: Sequence[Point]) -> list[Point]:
    low, high = min(points, key=_MADE), max(points, key=_MADE)
    found = {id(one): one for one in (points[0], low, high, min(points, key=_depth), points[-1])}
    return [one for one in points if id(one) in found]


def _depth(one: Point) -> Decimal:
    return one.unit / one.peak
