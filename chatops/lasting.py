"""A trouble that lasts, in the log: when it begins, once a minute while it goes on, and when it is over."""

import logging
import time
from collections.abc import Callable

#: Between two lines about one trouble, in seconds.
EVERY_S = 60.0


class Lasting:
    """One trouble, whose parts are met again and again. `clock` gives seconds that only grow."""

    def __init__(
        self,
        log: logging.Logger,
        what: str,
        *,
        level: int = logging.WARNING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._what = what
        self._level = level
        self._clock = clock
        #: When it began, and when it was said last; None while there is none.
        self._since: float | None = None
        self._said_at = 0.0

    def met(self, reason: object) -> None:
        """It is there, for this reason; of a long one only the first line is said again."""
        now = self._clock()
        if self._since is None:
            self._since = self._said_at = now
            self._log.log(self._level, "%s: %s", self._what, reason)
        elif now - self._said_at >= EVERY_S:
            self._said_at = now
            first, *_ = str(reason).splitlines() or [""]
            self._log.log(self._level, "%s, for %.0f s now: %s", self._what, now - self._since, first)

    def over(self) -> None:
        """It is not there, or not any more."""
        if self._since is not None:
            self._log.log(self._level, "%s: over after %.0f s", self._what, self._clock() - self._since)
            self._since = None
