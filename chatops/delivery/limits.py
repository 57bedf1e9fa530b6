"""How much has gone to one platform, and so when the next message may go (pure; moments in seconds of one clock)."""

from collections import deque
from math import inf, ulp
from sys import maxsize

from chatops.adapters.base import Pace
from chatops.owed import Lane

#: How much longer we take a platform's second and minute than ours. It counts when a message reaches it, we when it
#: leaves: two that left a second apart may arrive nearer to each other. It costs a twentieth of the pace.
PATIENCE = 1.05
#: One in so many that may go out is kept free for the urgent: 5 of 30 in a second, 3 of 20 in a minute in a group.
URGENT_SHARE = 6
#: Of a group's minute, so much is left to what nobody asked for: people who press Confirm in a burst must be answered.
UNASKED_SHARE = 2
#: For so many answers beyond the burst others wait; for more they do not, however much somebody asks.
ANSWER_DEBT = 5
#: What adding up a burst may lose, in seconds, where moments are as large as those since 1970.
_DUST_S = 1e-6
#: How many chats are looked at, to be forgotten, for each that is noted. More than one, so that they get fewer.
_LOOKED_AT = 2


class Limits:
    """What one platform lets us say, and when. `now` never goes back.

    A chat is named by its id, whatever the topic: topics share their chat's limits.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._interval_s = PATIENCE / pace.per_chat_per_s if pace.per_chat_per_s else 0.0
        self._overall = _Window(pace.overall_per_s, PATIENCE)
        #: Whoever is full again is forgotten.
        self._chats: dict[str, _Chat] = {}

    @property
    def chats(self) -> int:
        """How many chats it remembers anything of."""
        return len(self._chats)

    def wait_s(self, chat: str, lane: Lane, now: float, *, group: bool) -> float:
        """Seconds until a message may go there, 0.0 for at once. That long suffices, if nothing else goes meanwhile.

        An answer waits for a hold and for a group's minute alone: people ask no faster than they read, within limits
        of their own, and "we may allow short bursts that go over this limit" (core.telegram.org/bots/faq). It counts
        all the same, and what nobody asked for waits it off.
        """
        free_at = -inf if lane is Lane.ANSWER else self._overall.free_at(lane)
        known = self._chats.get(chat)
        if known is not None:
            free_at = max(free_at, known.held_until)
            if lane is not Lane.ANSWER:
                free_at = max(free_at, known.bucket.free_at(lane))
            if group:
                free_at = max(free_at, known.window.free_at(lane))
        return _until(free_at, now)

    def overall_wait_s(self, lane: Lane, now: float) -> float:
        """The same for the platform as a whole; `wait_s` has it in it."""
        return _until(self._overall.free_at(lane), now)

    def allowance(self, chat: str, lane: Lane, now: float, *, group: bool) -> int:
        """How many could go there right now, one straight after the other; `sys.maxsize` where nothing limits them."""
        known = self._chats.get(chat) or self._new()
        if known.held_until > now:
            return 0
        allowed = maxsize
        if lane is not Lane.ANSWER:
            allowed = min(self._overall.allowance(lane, now), known.bucket.allowance(lane, now))
        return min(allowed, known.window.allowance(lane, now)) if group else allowed

    def count(self, chat: str, now: float, *, group: bool) -> None:
        """One went out, a send or an edit, whether it should have or not."""
        self._overall.count(now)
        known = self._noted(chat, now)
        known.bucket.count(now)
        if group:
            known.window.count(now)

    def hold(self, chat: str, until: float) -> None:
        """The platform wants no message there until then. Said again, the later moment counts."""
        known = self._chats.setdefault(chat, self._new())
        known.held_until = max(known.held_until, until)

    def _noted(self, chat: str, now: float) -> "_Chat":
        """That chat, after some others are forgotten: those that nothing was said of for the longest."""
        known = self._chats.pop(chat, None) or self._new()
        for _ in range(min(_LOOKED_AT, len(self._chats))):
            other = next(iter(self._chats))
            looked_at = self._chats.pop(other)
            if not looked_at.is_full(now):
                self._chats[other] = looked_at
        self._chats[chat] = known
        return known

    def _new(self) -> "_Chat":
        return _Chat(self._interval_s, self._pace)


class _Chat:
    """What one chat has had."""

    __slots__ = ("bucket", "held_until", "window")

    def __init__(self, interval_s: float, pace: Pace) -> None:
        self.bucket = _Bucket(interval_s, pace.burst)
        self.window = _Window(pace.per_group_per_min, 60 * PATIENCE, unasked_share=UNASKED_SHARE)
        self.held_until = -inf

    def is_full(self, now: float) -> bool:
        """Whether it differs in nothing from a chat that we know nothing of."""
        return max(self.held_until, self.bucket.full_at, self.window.full_at) <= now


class _Window:
    """At most `most` in any `seconds`, a part of them for the urgent alone, and one for answers before the rest."""

    __slots__ = ("_for_answers", "_for_the_rest", "_most", "_seconds", "_times")

    def __init__(self, most: int | None, seconds: float, *, unasked_share: int = 1) -> None:
        self._most = most
        self._for_answers = most - most // URGENT_SHARE if most else 0
        self._for_the_rest = min(self._for_answers, most // unasked_share) if most else 0
        self._seconds = seconds
        # Whether one may go depends on no more than the newest `most`.
        self._times: deque[float] = deque(maxlen=most or 0)

    @property
    def full_at(self) -> float:
        return self._times[-1] + self._seconds if self._times else -inf

    def free_at(self, lane: Lane) -> float:
        most = self._share(lane)
        if most is None or len(self._times) < most:
            return -inf
        return self._times[-most] + self._seconds

    def allowance(self, lane: Lane, now: float) -> int:
        most = self._share(lane)
        if most is None:
            return maxsize
        return max(0, most - sum(time + self._seconds > now for time in self._times))

    def count(self, now: float) -> None:
        self._times.append(now)

    def _share(self, lane: Lane) -> int | None:
        if self._most is None or lane.is_urgent:
            return self._most
        return self._for_answers if lane is Lane.ANSWER else self._for_the_rest


class _Bucket:
    """One every `interval_s`, and `burst` at once after a silence; answers may go into debt.

    It is held as the moment at which all is paid for (as in the generic cell rate algorithm of ITU-T I.371): moments
    are compared, and nothing is lost by adding up what was earned.
    """

    __slots__ = ("_burst_s", "_interval_s", "_within_full_at", "full_at")

    def __init__(self, interval_s: float, burst: int) -> None:
        self._interval_s = interval_s
        self._burst_s = (burst - 1) * interval_s + _DUST_S
        #: When all that went is paid for.
        self.full_at = -inf
        #: When what went without debt is: an answer's debt makes no alarm wait.
        self._within_full_at = -inf

    def free_at(self, lane: Lane) -> float:
        return self._owing(lane) - self._burst_s

    def allowance(self, lane: Lane, now: float) -> int:
        if not self._interval_s:
            return maxsize
        owing, allowed = self._owing(lane), 0
        while owing - self._burst_s <= now:
            owing = max(owing, now) + self._interval_s
            allowed += 1
        return allowed

    def count(self, now: float) -> None:
        if self._within_full_at - self._burst_s <= now:
            self._within_full_at = max(self._within_full_at, now) + self._interval_s
        most = now + self._burst_s + ANSWER_DEBT * self._interval_s
        self.full_at = min(max(self.full_at, now) + self._interval_s, most)

    def _owing(self, lane: Lane) -> float:
        return self._within_full_at if lane.is_urgent else self.full_at


def _until(moment: float, now: float) -> float:
    """Seconds until then; added to `now` they are never a hair short of it."""
    if moment <= now:
        return 0.0
    wait = moment - now
    return wait if now + wait >= moment else wait + ulp(moment)
