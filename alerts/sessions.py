"""Since when each bot runs: what one that has just started does not name, it may not know of yet."""

from datetime import datetime, timedelta
from uuid import UUID

from bot_integration import Snapshot

#: A bot may say that it is there before it knows what it holds.
SETTLES = timedelta(seconds=10)


class Sessions:
    """The session of each bot, and when it was first heard of."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[UUID, datetime]] = {}

    def is_settled(self, snapshot: Snapshot, now: datetime) -> bool:
        """Whether its session has lasted for `SETTLES`. With a new one, or a clock that went back, it begins anew."""
        session, since = self._known.get(snapshot.bot, (None, now))
        if session != snapshot.session_id or now < since:
            self._known[snapshot.bot] = (snapshot.session_id, now)
            return False
        return now - since >= SETTLES
