"""A clock that only moves on, however the clock on the wall is set."""

from collections.abc import Callable
from datetime import datetime, timedelta

#: This part of the time that passes goes into coming nearer to the wall.
NEARER = 0.01


class Onward:
    """Moments in UTC that pass as time does, neither stopped nor hurried by a step of the clock on the wall.

    What is wrong at the start, or after a step, is made good slowly: a second in a hundred. `elapsed` counts seconds
    and never goes back; best is one that goes on while the machine sleeps.
    """

    def __init__(self, wall: Callable[[], datetime], elapsed: Callable[[], float]) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._at = wall()
        self._mark = elapsed()

    def __call__(self) -> datetime:
        """Now."""
        mark = self._elapsed()
        passed = timedelta(seconds=max(0.0, mark - self._mark))
        off = self._wall() - (self._at + passed)
        most = passed * NEARER
        self._at += passed + max(-most, min(most, off))
        self._mark = mark
        return self._at
