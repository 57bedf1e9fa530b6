"""Which of many notices at once make a sound: the first few, since a phone that rings on says no more."""

from collections import deque
from datetime import datetime, timedelta

from chatops.notices.kinds import NoticeKind

#: The notices of these come in bursts.
_KINDS = frozenset({NoticeKind.OPENED, NoticeKind.CLOSED})
#: So many within so long make a sound.
LOUD = 3
WITHIN = timedelta(seconds=10)


class Bursts:
    """The notices of the last moments."""

    def __init__(self) -> None:
        self._lately: dict[NoticeKind, deque[datetime]] = {kind: deque(maxlen=LOUD) for kind in _KINDS}

    def is_loud(self, kind: NoticeKind, now: datetime) -> bool:
        """Whether this one may make a sound. It counts for the next ones."""
        lately = self._lately.get(kind)
        if lately is None:
            return True
        loud = len(lately) < LOUD or now - lately[0] > WITHIN
        lately.append(now)
        return loud
