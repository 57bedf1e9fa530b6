"""How fast the platform lets a bot speak (core.telegram.org/bots/faq)."""

from collections import defaultdict, deque
from collections.abc import Callable
from math import ceil

from tests.servers.telegram.errors import TooManyRequests
from tests.servers.telegram.limits import (
    RATE_OVERALL_PER_S,
    RATE_PER_CHAT_BURST,
    RATE_PER_CHAT_PER_S,
    RATE_PER_GROUP_PER_MINUTE,
)

#: Edits count as sends do.
COUNTED_METHODS = frozenset(
    [
        "sendMessage",
        "sendPhoto",
        "sendDocument",
        "editMessageText",
        "editMessageCaption",
        "editMessageMedia",
        "editMessageReplyMarkup",
    ]
)


class RateLimits:
    """30/s overall, 1/s in a chat with a small burst, 20/min in a group. `now` in seconds.

    Who was told to wait is refused until the wait is over, and that refusal costs nothing.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._overall = _Window(RATE_OVERALL_PER_S, 1.0)
        self._chats: dict[int, _Bucket] = defaultdict(_Bucket)
        self._groups: dict[int, _Window] = defaultdict(lambda: _Window(RATE_PER_GROUP_PER_MINUTE, 60.0))
        self._held_until: dict[int, float] = {}

    def check(self, chat_id: int, is_group: bool) -> None:
        """Count one message, or raise `TooManyRequests`."""
        now = self._now()
        held = self._held_until.get(chat_id, now) - now
        if held > 0:
            raise TooManyRequests(ceil(held))
        wait = self._chats[chat_id].wait(now)
        if is_group:
            wait = max(wait, self._groups[chat_id].wait(now))
        if wait > 0:
            self._held_until[chat_id] = now + ceil(wait)
            raise TooManyRequests(ceil(wait))
        overall = self._overall.wait(now)
        if overall > 0:
            raise TooManyRequests(ceil(overall))
        self._overall.count(now)
        self._chats[chat_id].count(now)
        if is_group:
            self._groups[chat_id].count(now)


class _Window:
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


class _Bucket:
    """One more every second, and a few saved up."""

    def __init__(self) -> None:
        self._saved = float(RATE_PER_CHAT_BURST)
        self._at: float | None = None

    def wait(self, now: float) -> float:
        if self._at is not None:
            earned = (now - self._at) * RATE_PER_CHAT_PER_S
            self._saved = min(self._saved + earned, float(RATE_PER_CHAT_BURST))
        self._at = now
        # A clock of floats may be a hair short of the second.
        return 0.0 if self._saved >= 1 - 1e-9 else (1 - self._saved) / RATE_PER_CHAT_PER_S

    def count(self, now: float) -> None:
        self._saved -= 1
