"""Holds the news of an opening back for a moment: most positions are filled at once, and then told of once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot_integration import PositionStage
from chatops.notices.happenings import Closed, Filled, Happening, Opened

#: An opening that takes no longer is told when it is open.
OPENING_SETTLES = timedelta(seconds=3)


class Openings:
    """The positions that are being opened and were not told of yet."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Opened, datetime]] = {}

    def sift(self, happenings: Iterable[Happening], now: datetime) -> Iterator[Happening]:
        """The same in their order, less the openings that wait, and with those that need to wait no more."""
        for happening in happenings:
            match happening:
                case Opened(position=position, again=False) if position.stage is PositionStage.OPENING:
                    self._waiting[position.id] = (happening, now)
                    continue
                case Opened(position=position, again=True) if self._waiting.pop(position.id, None):
                    yield replace(happening, again=False)
                    continue
                case Filled(bot=bot, position=position) if self._waiting.pop(position.id, None):
                    # What follows hangs on it.
                    yield Opened(bot, position)
                case Closed(position=position):
                    self._waiting.pop(position.id, None)
                case _:
                    pass
            yield happening

    @property
    def untold(self) -> frozenset[str]:
        """The positions that wait."""
        return frozenset(self._waiting)

    def settled(self, now: datetime) -> Iterator[Opened]:
        """Those that have waited long enough."""
        for id_, (opened, since) in tuple(self._waiting.items()):
            if now - since >= OPENING_SETTLES:
                del self._waiting[id_]
                yield opened

    def forget(self) -> None:
        """Nothing waits any more."""
        self._waiting.clear()
