"""How fast the platform lets an app call (docs.slack.dev/apis/web-api/rate-limits)."""

from collections import defaultdict, deque
from collections.abc import Callable
from math import ceil

from tests.servers.slack.errors import RateLimited
from tests.servers.slack.limits import (
    POSTS_PER_CHANNEL_BURST,
    POSTS_PER_CHANNEL_PER_S,
    POSTS_PER_MINUTE,
    TIERS_PER_MINUTE,
)


class RateLimits:
    """Each method by its tier, chat.postMessage one a second in a channel with a small burst. `now` in seconds.

    Who was told to wait is refused until the wait is over, and that refusal costs nothing.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._methods: dict[str, _Window] = {}
        self._posts = _Window(POSTS_PER_MINUTE)
        self._channels: dict[str, _Bucket] = defaultdict(_Bucket)

    def check(self, method: str, tier: str, channel_id: str | None) -> None:
        """Count one call, or raise `RateLimited`."""
        now = self._now()
        if method == "chat.postMessage" and channel_id is not None:
            self._check_post(channel_id, now)
        most = TIERS_PER_MINUTE.get(tier)
        if most is None:
            return
        window = self._methods.setdefault(method, _Window(most))
        _refuse(window.wait(now))
        window.count(now)

    def _check_post(self, channel_id: str, now: float) -> None:
        bucket = self._channels[channel_id]
        _refuse(max(bucket.wait(now), self._posts.wait(now)))
        bucket.count()
        self._posts.count(now)


def _refuse(wait_s: float) -> None:
    if wait_s > 0:
        raise RateLimited(ceil(wait_s))


class _Window:
    """At most `most` in any minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        while self._times and self._times[0] <= now - 60:
            self._times.popleft()
        return 0.0 if len(self._times) < self._most else self._times[0] + 60 - now

    def count(self, now: float) -> None:
        self._times.append(now)


class _Bucket:
    """One more every second, and a few saved up."""

    def __init__(self) -> None:
        self._saved = float(POSTS_PER_CHANNEL_BURST)
        self._at: float | None = None

    def wait(self, now: float) -> float:
        if self._at is not None:
            earned = (now - self._at) * POSTS_PER_CHANNEL_PER_S
            self._saved = min(self._saved + earned, float(POSTS_PER_CHANNEL_BURST))
        self._at = now
        # A clock of floats may be a hair short of the second.
        return 0.0 if self._saved >= 1 - 1e-9 else (1 - self._saved) / POSTS_PER_CHANNEL_PER_S

    def count(self) -> None:
        self._saved -= 1
