"""How fast the platform lets a bot speak (core.telegram.org/bots/faq)."""

from collections import defaultdict
from collections.abc import Callable
from math import ceil

from tests.servers.common.rates import Bucket, Window
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
        self._overall = Window(RATE_OVERALL_PER_S, 1.0)
        self._chats: dict[int, Bucket] = defaultdict(lambda: Bucket(RATE_PER_CHAT_PER_S, RATE_PER_CHAT_BURST))
        self._groups: dict[int, Window] = defaultdict(lambda: Window(RATE_PER_GROUP_PER_MINUTE, 60.0))
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
        self._chats[chat_id].count()
        if is_group:
            self._groups[chat_id].count(now)
