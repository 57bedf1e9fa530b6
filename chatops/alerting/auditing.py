"""Looks from outside whether alerts are told in time, and says so where they are not."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.auditor import DELIVERY_OLD, Audit, Seen, audit, delivering, delivery_readings, watch_reading
from alerts.durations import span
from alerts.ladder import worst
from alerts.model import Reading
from alerts.pulse import Pulse
from alerts.severity import Severity
from alerts.terms import Terms
from alerts.watch import Watch
from bot_integration import Snapshot
from chatops.alert_figures import AlertFigures
from chatops.fleet import Fleet
from chatops.messages import Message
from chatops.probes import AskWaiting
from chatops.storage.delivery_facts import Waiting, oldest_s
from chatops.storage.errors import StorageError
from chatops.tasks import end
from chatops.views import auditing as views

log = logging.getLogger(__name__)

#: Between two looks.
LOOK_EVERY_S = 5.0
#: A pause that takes so long was none of ours: the machine slept, or the program was stopped.
STOOD_STILL = timedelta(seconds=2 * LOOK_EVERY_S)
#: The engine takes in what is found well within this.
TAKEN_WITHIN_S = 5.0
#: That alerts stand still is said again and again: nobody can acknowledge it.
AGAIN_AFTER = timedelta(minutes=5)


class Auditing:
    """Looks every few seconds, until cancelled. `audited` is the newest look.

    What it finds is an alert like others. Where the engine itself is stuck it is said by `cry`, which goes straight to
    the rooms of alerts.
    """

    def __init__(
        self,
        watch: Watch,
        fleet: Fleet,
        ask: AskWaiting,
        cry: Callable[[Message], Awaitable[None]],
        *,
        platforms: Callable[[], Iterable[str]],
        terms: Callable[[], Mapping[str, Terms]],
        sleep: Callable[[float], Awaitable[None]],
        taken_within_s: float = TAKEN_WITHIN_S,
    ) -> None:
        self._watch = watch
        self._fleet = fleet
        self._ask = ask
        self._cry = cry
        self._platforms = platforms
        self._terms = terms
        self._sleep = sleep
        self._taken_within_s = taken_within_s
        self._began_at = watch.now()
        self._before: Pulse | None = None
        self._looked_at = self._began_at
        self._newest: dict[str, tuple[object, int]] = {}
        self._unread_since: datetime | None = None
        self._taking: asyncio.Task[None] | None = None
        self._stuck_since: datetime | None = None
        self._cried_at: datetime | None = None
        self.audited: Audit | None = None

    async def run(self) -> None:
        """Look, until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except Exception:
                    log.exception("whether alerts are in time could not be looked at")
                await self._pause()
        finally:
            if self._taking is not None:
                await end(self._taking)

    async def look(self) -> None:
        """Look once, and say what is late."""
        now, pulse = self._watch.now(), self._watch.pulse
        self._note_unread(pulse, now)
        alerts = tuple(one.alert for one in self._watch.alerts())
        seen = Seen(pulse, alerts, self._watch.next_at(), self._unread_since, self._before)
        self._before = pulse
        found = audit(seen, self._began_at, now)
        waiting = await self._waiting()
        if waiting is None:
            found = delivering(found, None, None)
        else:
            found = delivering(found, oldest_s([one for one in waiting if one.lane.is_urgent]), oldest_s(waiting))
        self._log(found)
        self.audited = found
        if found.is_over:
            return
        # Before it has begun it knows nothing of what is stored: what it took in would be lost.
        readings = [watch_reading(found), *self._of_deliveries(waiting)]
        is_taken = pulse.ticked_at is None or await self._take(readings)
        await self._say_stuck(found, is_stuck=found.is_stuck or not is_taken)

    def figures(self) -> AlertFigures:
        """How alerts are now."""
        now, pulse, audited = self._watch.now(), self._watch.pulse, self.audited
        open_now = (one.alert for one in self._watch.alerts() if one.alert.is_open and not one.alert.is_drill)
        counts = Counter(alert.severity for alert in open_now)
        return AlertFigures(
            open={severity: counts[severity] for severity in Severity},
            evaluated_s=_ago(pulse.evaluated_at, now),
            ticked_s=_ago(pulse.ticked_at, now),
            audited_s=None if audited is None else _ago(audited.at, now),
            late_steps=0 if audited is None else len(audited.late),
            troubles=() if audited is None else audited.troubles,
            is_over=pulse.is_over,
        )

    # ------------------------------------------------------------------------ inside

    async def _pause(self) -> None:
        """Until the next look. Where the whole program stood still meanwhile, the others first have a turn to go on."""
        overslept = True
        while overslept:
            asleep_at = self._watch.now()
            await self._sleep(LOOK_EVERY_S)
            overslept = self._watch.now() - asleep_at > STOOD_STILL

    def _note_unread(self, pulse: Pulse, now: datetime) -> None:
        """Since when there have been facts that nothing was read after, as far as looks can tell."""
        newest = {bot.name: _which(snapshot) for bot, snapshot in self._fleet.snapshots() if snapshot is not None}
        if newest != self._newest and self._unread_since is None:
            # They came at some moment after the look before.
            self._unread_since = self._looked_at
        if self._unread_since is not None and pulse.evaluated_at is not None:
            self._unread_since = self._unread_since if pulse.evaluated_at < self._unread_since else None
        self._newest, self._looked_at = newest, now

    async def _waiting(self) -> Sequence[Waiting] | None:
        try:
            return await self._ask()
        except (StorageError, TimeoutError):
            return None

    def _of_deliveries(self, waiting: Sequence[Waiting] | None) -> list[Reading]:
        if waiting is None:
            # Nothing is known: neither better nor worse.
            return []
        known = {one.alert.key.subject for one in self._watch.alerts() if one.alert.key.rule == DELIVERY_OLD}
        readings: list[Reading] = []
        for platform in sorted({*self._platforms(), *known, *(one.platform for one in waiting)}):
            there = [one for one in waiting if one.platform == platform]
            urgent = [one for one in there if one.lane.is_urgent]
            readings += delivery_readings(platform, oldest_s(urgent), oldest_s(there))
        return worst(readings, self._terms())

    async def _take(self, readings: Sequence[Reading]) -> bool:
        """Hand it to the engine; whether that took it in time. It is never broken off: it may be storing it."""
        if self._taking is not None and not self._taking.done():
            await asyncio.wait({self._taking}, timeout=self._taken_within_s)
            if not self._taking.done():
                return False
        self._taking = asyncio.create_task(self._watch.observe(readings), name="what the auditor found")
        await asyncio.wait({self._taking}, timeout=self._taken_within_s)
        if not self._taking.done():
            return False
        if (error := self._taking.exception()) is not None:
            log.error("what the auditor found was not taken in", exc_info=error)
            return False
        return True

    async def _say_stuck(self, found: Audit, *, is_stuck: bool) -> None:
        now = self._watch.now()
        if is_stuck:
            self._stuck_since = self._stuck_since or now
            if self._cried_at is None or now - self._cried_at >= AGAIN_AFTER:
                self._cried_at = now
                await self._cry(views.stands_still(found.escalating))
        elif self._stuck_since is not None:
            lasted, self._stuck_since, self._cried_at = now - self._stuck_since, None, None
            await self._cry(views.goes_on(span(lasted)))

    def _log(self, found: Audit) -> None:
        before = self.audited
        if found.troubles and (before is None or not before.troubles):
            log.warning("not in time: %s", "; ".join(found.troubles))
        elif before is not None and before.troubles and not found.troubles:
            log.info("all is in time again")


def _which(snapshot: Snapshot) -> tuple[object, int]:
    return snapshot.session_id, snapshot.seq


def _ago(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds())
