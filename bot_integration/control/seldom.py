"""Warnings that strangers can cause as often as they like: each kind at most once a minute, with a count."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

#: Between two lines of one kind, in seconds.
EVERY_S = 60.0


@dataclass(slots=True)
class _Kind:
    said_at: float
    #: Since then.
    unsaid: int = 0


class Seldom:
    """For one thread. `clock` gives seconds that only grow."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._kinds: dict[str, _Kind] = {}

    def warning(self, kind: str, message: str, *facts: object) -> None:
        """Say it, and how many of its kind were not said before; or only count it. Kinds are few."""
        now = self._clock()
        said = self._kinds.get(kind)
        if said is not None and now - said.said_at < EVERY_S:
            said.unsaid += 1
            return
        self._kinds[kind] = _Kind(now)
        if said is None or not said.unsaid:
            self._log.warning(message, *facts)
        else:
            self._log.warning(f"{message} (and %d more like it in %.0f s)", *facts, said.unsaid, now - said.said_at)
