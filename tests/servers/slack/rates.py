"""How fast the platform lets an app call (docs.slack.dev/apis/web-api/rate-limits)."""

from collections import defaultdict
from collections.abc import Callable
from math import ceil

from tests.servers.common.rates import Bucket, Window
from tests.servers.slack.errors import RateLimited
from tests.servers.slack.limits import (
    POSTS_PER_CHANNEL_BURST,
    POSTS_PER_CHANNEL_PER_S,
    POSTS_PER_MINUTE,
    TIERS_PER_MINUTE,
)

_MINUTE = 60.0


class RateLimits:
    """Each method by its tier, chat.postMessage one a second in a channel with a small burst. `now` in seconds.

    Who was told to wait is refused until the wait is over, and that refusal costs nothing.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._methods: dict[str, Window] = {}
        self._posts = Window(POSTS_PER_MINUTE, _MINUTE)
        self._channels: dict[str, Bucket] = defaultdict(
            lambda: Bucket(POSTS_PER_CHANNEL_PER_S, POSTS_PER_CHANNEL_BURST)
        )

    def check(self, method: str, tier: str, channel_id: str | None) -> None:
        """Count one call, or raise `RateLimited`."""
        now = self._now()
        if method == "chat.postMessage" and channel_id is not None:
            self._check_post(channel_id, now)
        most = TIERS_PER_MINUTE.get(tier)
        if most is None:
            return
        window = self._methods.setdefault(method, Window(most, _MINUTE))
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
