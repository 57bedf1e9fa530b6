"""Equity curves that were reckoned before: one that begins alike goes on from there."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock

from chatops.money.books import Books
from chatops.money.equity import Curve, Point
from chatops.money.facts import Sample
from chatops.money.spans import Span

#: Curves that are kept, of up to a megabyte each.
MOST = 8

_Parts = Sequence[Sequence[Books]]
_Key = tuple[datetime, timedelta | None, frozenset[str]]
_Kept = tuple[dict[str, Sample], _Parts, Curve]


class Curves:
    """Curves up to the last part that is over. Which parts those are the books say: they hold the same parts again
    where nothing was written in them.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._lock = Lock()

    def points(self, books: Books, span: Span) -> tuple[Point, ...]:
        """What `chatops.money.equity.curve` says of books that are as they were read. From any thread."""
        standing = books.standings.before(span.start)
        key = span.start, books.step, frozenset(standing)
        over = books.parts[:-1]
        before, parts, curve = self._kept.get(key, (standing, (), Curve(standing, span.start)))
        if before != standing or parts != over[: len(parts)]:
            parts, curve = (), Curve(standing, span.start)
        # Never the one that is kept: another thread may be at it.
        curve = curve.copy()
        for part in over[len(parts) :]:
            curve.take(_samples(part))
        with self._lock:
            self._kept[key] = standing, over, curve.copy()
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        for part in books.parts[-1:]:
            curve.take(_samples(part))
        return tuple(curve.points)


def _samples(part: Sequence[Books]) -> list[Sample]:
    return [sample for books in part for sample in books.samples]
