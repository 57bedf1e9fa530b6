"""A platform that cannot be reached is told in the rooms of the others."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from chatops.link import Away, Link
from chatops.messages import Message
from chatops.room import Room
from chatops.tasks import Errands
from chatops.views import outages

log = logging.getLogger(__name__)

#: What is back sooner than this is not worth a word, unless a person has to mend it.
WORTH_A_WORD = timedelta(seconds=30)


class Outages:
    """Has told in `rooms` what becomes of the ways to the platforms. `owe` has a message sent."""

    def __init__(
        self,
        rooms: Sequence[Room],
        now: Callable[[], datetime],
        owe: Callable[[Message, Room], Awaitable[object]],
        *,
        muted: Callable[[Room], bool] = lambda room: False,
        zone_of: Callable[[Room], tzinfo] = lambda room: UTC,
    ) -> None:
        """`zone_of` is in whose time a room is told."""
        self._rooms = rooms
        self._now = now
        self._owe = owe
        self._muted = muted
        self._zone_of = zone_of
        self._errands = Errands()
        self._told: set[str] = set()
        self._deaf: set[str] = set()
        self._is_without = False

    async def stop(self) -> None:
        """Nothing more is told."""
        await self._errands.stop()

    def heard(self, platform: str, link: Link, *, for_a_person: bool) -> None:
        """The way to this platform is so now. `for_a_person`: whether it is theirs to mend, and so told at once."""
        elsewhere = [room for room in self._rooms if room.platform != platform]
        if isinstance(link, Away):
            if platform in self._told or not (for_a_person or self._now() - link.since > WORTH_A_WORD):
                return
            self._told.add(platform)
            self._tell((room, outages.away(platform, link, self._now_in(room))) for room in elsewhere)
        elif platform in self._told:
            self._told.discard(platform)
            self._tell((room, outages.back(platform, link, self._now_in(room))) for room in elsewhere)

    def deaf(self, platform: str, reason: str | None, *, silent_too: bool) -> None:
        """People there are not heard for this reason, or are again (None).

        `silent_too`: whether nothing goes out there either, so that only the others can be told.
        """
        if reason is not None:
            self._deaf.add(platform)
            rooms = [room for room in self._rooms if not silent_too or room.platform != platform]
            self._tell((room, outages.deaf(platform, reason, room)) for room in rooms)
        elif platform in self._deaf:
            self._deaf.discard(platform)
            self._tell((room, outages.hears(platform, room)) for room in self._rooms)

    def database(self, *, is_here: bool) -> None:
        """Whether the database answers."""
        if not is_here and not self._is_without:
            self._is_without = True
            self._tell((room, outages.database_away()) for room in self._rooms)
        elif is_here and self._is_without:
            self._is_without = False
            self._tell((room, outages.database_back()) for room in self._rooms)

    def _now_in(self, room: Room) -> datetime:
        return self._now().astimezone(self._zone_of(room))

    def _tell(self, what: Iterable[tuple[Room, Message]]) -> None:
        """In a task each: whoever notices it cannot wait for it."""
        for room, message in what:
            if self._muted(room):
                continue
            self._errands.begin(self._told_in(room, message), f"telling {room} of an outage")

    async def _told_in(self, room: Room, message: Message) -> None:
        try:
            await self._owe(message, room)
        except Exception:
            log.exception("an outage could not be told in %s", room)
