"""A platform that cannot be reached is told in the rooms of the others."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chatops.link import Away, Link
from chatops.messages import Message, Room
from chatops.views import outages

#: What is back sooner than this is not worth a word, unless a person has to mend it.
WORTH_A_WORD = timedelta(seconds=30)


class Outages:
    """Turns what becomes of the ways to the platforms into messages."""

    def __init__(self, rooms: Sequence[Room], now: Callable[[], datetime]) -> None:
        self._rooms = rooms
        self._now = now
        self._told: set[str] = set()
        self._deaf: set[str] = set()

    def heard(self, platform: str, link: Link, *, for_a_person: bool) -> tuple[tuple[Room, Message], ...]:
        """What is to be told where, now that the way to this platform is so.

        `for_a_person`: whether it is theirs to mend, and so told at once.
        """
        elsewhere = [room for room in self._rooms if room.platform != platform]
        if isinstance(link, Away):
            if platform in self._told or not (for_a_person or self._now() - link.since > WORTH_A_WORD):
                return ()
            self._told.add(platform)
            return tuple((room, outages.away(platform, link)) for room in elsewhere)
        if platform not in self._told:
            return ()
        self._told.discard(platform)
        return tuple((room, outages.back(platform, link)) for room in elsewhere)

    def deaf(self, platform: str, reason: str | None, *, silent_too: bool) -> tuple[tuple[Room, Message], ...]:
        """What is to be told where, now that people there are not heard for this reason, or are again (None).

        `silent_too`: whether nothing goes out there either, so that only the others can be told.
        """
        if reason is None:
            if platform not in self._deaf:
                return ()
            self._deaf.discard(platform)
            return tuple((room, outages.hears(platform)) for room in self._rooms)
        self._deaf.add(platform)
        rooms = [room for room in self._rooms if not silent_too or room.platform != platform]
        return tuple((room, outages.deaf(platform, reason)) for room in rooms)
