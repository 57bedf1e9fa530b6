"""What a platform counts by: a window of time, and a bucket that fills. Moments in seconds."""

from collections import deque


class Window:
    """At most `most` in any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) < self._most:
            return 0.0
        return self._times[0] + self._seconds - now

    def count(self, now: float) -> None:
        self._times.append(now)


class Bucket:
    """`per_s` more every second, and as many as `burst` saved up."""

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._saved = burst
        self._at: float | None = None

    def wait(self, now: float) -> float:
        if self._at is not None:
            self._saved = min(self._saved + (now - self._at) * self._per_s, self._burst)
        self._at = now
        # A clock of floats may be a hair short of the second.
        return 0.0 if self._saved >= 1 - 1e-9 else (1 - self._saved) / self._per_s

    def count(self) -> None:
        self._saved -= 1
