"""The time of a replay: it stands until that begins, then runs so many times as fast, and leaps over what is empty."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class ReplayClock:
    """Called, it says the moment that is shown now."""

    def __init__(self, at: datetime, speed: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`speed` is how many seconds pass in one."""
        self._at = at
        self._speed = speed
        self._monotonic = monotonic
        self._since: float | None = None

    def __call__(self) -> datetime:
        """In UTC."""
        passed_s = 0.0 if self._since is None else self._monotonic() - self._since
        return self._at + timedelta(seconds=passed_s * self._speed)

    def elapsed(self) -> float:
        """Seconds of then that have passed since some moment."""
        return self().timestamp()

    def run_from(self, at: datetime) -> None:
        """It is this moment now, and time passes."""
        self._at, self._since = at, self._monotonic()

    def stop(self) -> None:
        """Time passes no more."""
        self._at, self._since = self(), None

    def wait_s(self, until: datetime) -> float:
        """How long it takes until then; 0 where that is past."""
        return max(0.0, (until - self()).total_seconds() / self._speed)
