"""Reads one bot's facts by every rule: bounded in time, counted, never silent."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

from alerts.bounded import Bounded, Overran
from alerts.model import Key, Reading
from alerts.rulebook import STALE_DATA, Facts, Rulebook
from alerts.subjects import BOT, of_rule
from alerts.terms import YES_NO, Terms
from bot_integration import Snapshot

log = logging.getLogger(__name__)

#: Facts are looked at again after this, when nothing newer came.
LOOK_AGAIN = timedelta(seconds=1)
#: The metric of `stale_data` for how old the newest snapshot is, in seconds.
AGE = "snapshot_age"


class Reader:
    """The rules over one bot, on a thread of its own: neither the loop nor another bot waits for them."""

    def __init__(
        self,
        bot: str,
        rulebook: Rulebook,
        terms: Callable[[], Mapping[str, Terms]],
        *,
        watched: Callable[[], Collection[Key]],
        now: Callable[[], datetime],
        within_s: float,
    ) -> None:
        """`watched`: what stands on its ladder, so that of all else only what is wrong is worded."""
        self._bot = bot
        self._rulebook = rulebook
        self._terms = terms
        self._watched = watched
        self._now = now
        self._within_s = within_s
        self._rules = Bounded[list[Reading]](f"rules over {bot}", within_s)
        self._snapshot: Snapshot | None = None
        self._before: Snapshot | None = None
        self._began_at = self._looked_at = now()
        self._turn = asyncio.Lock()
        self.evaluations = 0
        self.overran = 0
        self.broke = 0
        #: Whether every rule was read the last time.
        self.is_well = True

    async def read(self, snapshot: Snapshot) -> list[Reading]:
        """A new snapshot. Where the rules overran or broke that is all that was read: a reading of `stale_data`."""
        async with self._turn:
            self._before, self._snapshot = self._snapshot, snapshot
            return await self._evaluate(Facts(snapshot, self._before, self._now(), self._watched()))

    async def look(self) -> list[Reading] | None:
        """Readings of `stale_data` alone, of facts that nothing newer has come after; None: it is not time to look."""
        now = self._now()
        if now - self._looked_at < LOOK_AGAIN or self._turn.locked():
            return None
        if self._snapshot is None:
            self._looked_at = now
            age = now - self._began_at
            says = f"no snapshot of {self._bot} since the desk started"
            return [Reading(Key(STALE_DATA, self._bot, BOT), age.total_seconds(), AGE, says=says)]
        # What is old can make nothing else better or worse.
        async with self._turn:
            facts = Facts(self._snapshot, self._before, self._now(), self._watched())
            return [one for one in await self._evaluate(facts) if one.key.rule == STALE_DATA]

    def close(self) -> None:
        """Let go of the thread."""
        self._rules.close()

    async def _evaluate(self, facts: Facts) -> list[Reading]:
        self._looked_at = self._now()
        self.evaluations += 1
        self.is_well = False
        try:
            readings = await self._rules.run(partial(self._rulebook.read, facts, self._terms()))
        except Overran:
            self.overran += 1
            log.warning("the rules over %s take longer than %g s", self._bot, self._within_s)
            return [self._trouble(f"the rules over {self._bot} take longer than {self._within_s:g} s")]
        except Exception as error:
            self.broke += 1
            log.exception("the rules over %s broke", self._bot)
            return [self._trouble(f"the rules over {self._bot} broke: {type(error).__name__}")]
        self.is_well = True
        return [*readings, self._trouble("")]

    def _trouble(self, says: str) -> Reading:
        key = Key(STALE_DATA, self._bot, of_rule("all"))
        return Reading(key, float(bool(says)), YES_NO, says=says or "the rules are read again")
