"""What was read of times that are over: good for as long as nobody writes in them."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

from chatops.money.books import Books

#: Facts that are kept in all, of half a kilobyte each.
MOST = 50_000


class Stretch(NamedTuple):
    """A part of what was asked of one bot, and how it is read. A tuple, because a week has hundreds."""

    bot: str
    start: datetime
    end: datetime
    #: How far apart samples are.
    step: timedelta
    #: Whether facts are added up over all of it, and not over each 15 minutes.
    is_one: bool
    #: Whether origins are told apart.
    apart: bool


class Remembered:
    """Facts by stretch, each with the version that the database had of its hours when they were read.

    It is only ever asked with the version that the database has now: so it is of no account who wrote since, whether
    the program was away meanwhile, and what other readers remember. What was not asked for longest goes first.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Stretch, tuple[int | None, int, Books]] = OrderedDict()
        self._size = 0

    def of(self, stretch: Stretch, version: int | None) -> Books | None:
        """Its facts, where they are those of this version."""
        found = self._kept.get(stretch)
        if found is None or found[0] != version:
            return None
        self._kept.move_to_end(stretch)
        return found[2]

    def keep(self, stretch: Stretch, version: int | None, books: Books) -> None:
        """Facts that were read at this version."""
        size = 1 + len(books.samples) + len(books.bookings) + len(books.payments) + len(books.trades)
        self._size += size - self._kept.get(stretch, (None, 0, None))[1]
        self._kept[stretch] = version, size, books
        self._kept.move_to_end(stretch)
        while self._size > self._most:
            _, (_, gone, _) = self._kept.popitem(last=False)
            self._size -= gone
