"""Whether what is said to a room arrives: its platform may be away, or the room closed to us."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from chatops.link import Away, Link
from chatops.owed import Kind, Owed, State
from chatops.room import Room

#: For so long a room that took nothing is held to be closed; then it is tried again like any other.
CLOSED_FOR = timedelta(minutes=10)


Ended = Callable[[Owed, State], None]


class Ways:
    """What is known of it now. Every change is news for whoever tells alerts."""

    def __init__(self, links: Callable[[], Mapping[str, Link]], now: Callable[[], datetime]) -> None:
        self._links = links
        self._now = now
        self._closed: dict[Room, datetime] = {}
        #: Set whenever a room has turned out to be closed.
        self.news = asyncio.Event()

    def exists(self, room: Room) -> bool:
        """Whether its platform is one of ours."""
        return room.platform in self._links()

    def is_open(self, room: Room) -> bool:
        """Whether anything says that it does not arrive there."""
        link = self._links().get(room.platform)
        if link is None or isinstance(link, Away):
            return False
        since = self._closed.get(room)
        return since is None or self._now() - since > CLOSED_FOR

    @property
    def some_are_closed(self) -> bool:
        """Whether there is anything to mind: a room or a platform is closed to us, and another platform is not."""
        away = [isinstance(link, Away) for link in self._links().values()]
        return not all(away) and (any(away) or bool(self._closed))

    def beside(self, counted: Ended) -> Ended:
        """What hears of every message that ends, this and whoever counts them."""

        def ended(owed: Owed, state: State) -> None:
            self.note(owed, state)
            counted(owed, state)

        return ended

    def note(self, owed: Owed, state: State) -> None:
        """What became of a message (`Counted`)."""
        if state is State.SENT:
            self._closed.pop(owed.room, None)
        elif state is State.DEAD and owed.kind is Kind.ALERT:
            self._closed[owed.room] = self._now()
            self.news.set()
