"""Ids that sort by the time at which they were made: UUID version 7 (RFC 9562, section 5.7)."""

import secrets
import threading
import time
from collections.abc import Callable
from uuid import UUID

#: What is left beside the time, the version and the variant.
_TAIL_BITS = 74
_LOW_BITS = 62
_LOW_MASK = (1 << _LOW_BITS) - 1
#: How far two ids of one millisecond lie apart at most: enough that nobody guesses the next.
_STEP_BITS = 32


class TimeOrderedIds:
    """Makes ids, each greater than all before it, whatever the clock does. Safe from any thread.

    `now_ms` gives Unix milliseconds, `random` an integer of so many random bits. Within a millisecond, and where the
    clock was put back, the random part counts up (RFC 9562, section 6.2, method 2).
    """

    def __init__(self, now_ms: Callable[[], int], random: Callable[[int], int]) -> None:
        self._now_ms = now_ms
        self._random = random
        self._lock = threading.Lock()
        self._last_ms = -1
        self._tail = 0

    def next(self) -> UUID:
        """A new id."""
        with self._lock:
            now = self._now_ms()
            if now > self._last_ms:
                self._begin(now)
            else:
                self._tail += 1 + self._random(_STEP_BITS)
                if self._tail >> _TAIL_BITS:
                    self._begin(self._last_ms + 1)
            high, low = self._tail >> _LOW_BITS, self._tail & _LOW_MASK
            return UUID(int=self._last_ms << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)

    def _begin(self, at_ms: int) -> None:
        self._last_ms = at_ms
        # The highest bit stays free, so that there is room to count up.
        self._tail = self._random(_TAIL_BITS - 1)


#: One for the process: two of them would not keep one order.
_IDS = TimeOrderedIds(lambda: time.time_ns() // 1_000_000, secrets.randbits)


def uuid7() -> UUID:
    """A new id, greater than every other that this process has made."""
    return _IDS.next()
