"""How much one person may ask in a minute. An emergency of who may call one is never counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from bot_integration import CommandRisk
from chatops.asks import Ask, GiveCode
from chatops.guard.policy import Terms
from chatops.people import Principal, Role

#: Of all that somebody writes and presses, in a minute (SPEC 5).
BY_ROLE: Mapping[Role, int] = {Role.VIEWER: 100, Role.OPERATOR: 200, Role.ADMIN: 500}
#: Of all words together that change something.
CONTROL_WORDS = 10
#: Who ran dry is heard again once so much of a bucket is full, and no sooner: else a flood would be answered with
#: "too many" each time that a drop has come.
REOPENS_AT = 1 / 6
_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many asks are left. It holds those of a minute, and fills evenly."""

    holds: int
    left: float
    at: datetime
    #: It ran dry, and has not filled enough since.
    is_shut: bool = False

    @classmethod
    def full(cls, holds: int, now: datetime) -> "Bucket":
        """One from which nothing was taken yet."""
        return cls(holds, holds, now)

    def filled(self, now: datetime) -> "Bucket":
        """The same at a later moment; of a clock that was set back nothing is lost."""
        passed_s = max(0.0, (now - self.at).total_seconds())
        left = min(float(self.holds), self.left + passed_s * self.holds / _MINUTE_S)
        return replace(self, left=left, at=now, is_shut=self.is_shut and left < self._reopens_with)

    def take(self, now: datetime) -> tuple["Bucket", bool]:
        """The bucket after one ask, and whether there was one left for it."""
        filled = self.filled(now)
        if filled.is_shut or filled.left < 1:
            return replace(filled, is_shut=True), False
        return replace(filled, left=filled.left - 1), True

    @property
    def reopens_in(self) -> timedelta:
        """How long it stays shut."""
        missing = max(0.0, self._reopens_with - self.left)
        return timedelta(seconds=ceil(missing * _MINUTE_S / self.holds))

    @property
    def _reopens_with(self) -> float:
        return max(1.0, self.holds * REOPENS_AT)


@dataclass(frozen=True, slots=True)
class Over:
    """Too much was asked."""

    #: Of what there was too much, and how many of it a minute has.
    what: str
    limit: int
    again_in: timedelta
    #: It is told once; what follows is met with silence.
    is_first: bool


class Limits:
    """A bucket for each person, and for each person's words that have one: as many as there are people and words."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, person: Principal, ask: Ask | None, terms: Terms | None, *, is_new: bool = True) -> Over | None:
        """Count what somebody wrote or pressed; None where it is within their limits.

        `terms` are those of the `ask`, where it is one. A press that settles one is not new: it was counted as a word.
        """
        if ask is None or terms is None:
            return self._from(person, "", "asks", BY_ROLE[person.role])
        may = terms.role is None or person.role.covers(terms.role)
        if ask.emergency and may and ask.moves is not CommandRisk.INCREASES:
            return None
        over = self._from(person, "", "asks", BY_ROLE[person.role])
        if over is not None or not is_new:
            return over
        if terms.limit is not None:
            return self._from(person, ask.form, f"/{ask.form}", terms.limit)
        # What a code settles was counted as a word, and wrong ones have a lock of their own: one that went unheard
        # would keep an emergency waiting.
        is_counted = not ask.reads and not isinstance(ask, GiveCode)
        return self._from(person, "control", "control words", CONTROL_WORDS) if is_counted else None

    def _from(self, person: Principal, which: str, what: str, holds: int) -> Over | None:
        now = self._now()
        key = (person.name, which)
        bucket = self._buckets.get(key)
        if bucket is None or bucket.holds != holds:
            # New, or of another role now.
            bucket = Bucket.full(holds, now)
        was_shut = bucket.filled(now).is_shut
        self._buckets[key], is_within = bucket.take(now)
        return None if is_within else Over(what, holds, self._buckets[key].reopens_in, is_first=not was_shut)
