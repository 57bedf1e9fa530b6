"""Alerts as the rest of the desk asks about them, and what people do about them."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from alerts.answer import Answer, Taken
from alerts.audience import audience
from alerts.escalation import upcoming
from alerts.model import Alert, Reading, Target
from alerts.severity import Severity
from alerts.silence import Silence, silenced
from alerts.store import Open
from alerts.watch import Watch
from chatops.alert_record import History, Pace, Rang
from chatops.alerting.held_to import HeldTo
from chatops.alerting.roster import AlertRoster
from chatops.alerting.shifts import Shifts
from chatops.alerting.trial import Trial
from chatops.alerting.ways import Ways
from chatops.money.spans import Span
from chatops.storage.alert_history import AlertHistory
from chatops.storage.errors import DatabaseAway
from chatops.storage.silences import SilenceTable
from chatops.tasks import first_of, running

log = logging.getLogger(__name__)

#: Between two looks whether those who were told are reached.
LOOK_EVERY_S = 1.0


class Alerting:
    """One door to all of it. What changes something returns once that is stored."""

    def __init__(
        self,
        watch: Watch,
        roster: AlertRoster,
        *,
        shifts: Shifts,
        held_to: HeldTo,
        silences: SilenceTable,
        history: AlertHistory,
        trial: Trial,
        ways: Ways,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self.watch = watch
        self.roster = roster
        #: Who is on call.
        self.shifts = shifts
        #: What rules are held to.
        self.held_to = held_to
        self._silences = silences
        self._history = history
        self._trial = trial
        self._ways = ways
        self._sleep = sleep

    # ------------------------------------------------------------------------ its life

    async def load(self) -> None:
        """Take in what people have said. Raises `DatabaseAway`."""
        await self.shifts.load()
        await self.held_to.load()

    async def run(self) -> None:
        """Watch until cancelled, or until another desk takes over."""
        async with running(self._mind_ways(), "ways of alerts"):
            await self.watch.run()

    async def _mind_ways(self) -> None:
        """For ever: whoever was told and is not reached has others told in their place."""
        while True:
            await first_of(self._ways.news.wait(), self._sleep(LOOK_EVERY_S))
            self._ways.news.clear()
            try:
                if lost := self._lost():
                    await self.watch.unreached(lost)
            except Exception:
                log.exception("nobody was told in place of those who are not reached")

    def _lost(self) -> set[Target]:
        if not self._ways.some_are_closed:
            return set()
        unanswered = (one for one in self.watch.alerts() if one.alert.is_open and one.alert.in_hand is None)
        told = {target for one in unanswered for target, heard in one.told.items() if heard.epoch == one.alert.epoch}
        return {target for target in told if not self.roster.is_reached(target)}

    # ------------------------------------------------------------------------ what stands

    def now(self) -> datetime:
        """By the clock that alerts go by."""
        return self.watch.now()

    def open(self, bot: str = "") -> list[Alert]:
        """Those that stand, of one bot or of all; the worst first, of equals the oldest."""
        found = [one.alert for one in self.watch.alerts() if one.alert.is_open]
        meant = (one for one in found if not bot or one.key.bot.casefold() == bot.casefold())
        return sorted(meant, key=lambda one: (-one.severity.rank, one.number))

    def find(self, number: int) -> Open | None:
        """One that stands, or that is resolved and not told so everywhere."""
        return next((one for one in self.watch.alerts() if one.alert.number == number), None)

    def next_told(self, alert: Alert) -> tuple[datetime, tuple[Target, ...]] | None:
        """When who is told next, if nobody acknowledges; None where nobody is."""
        coming = upcoming(alert.policy, alert.rose_at, alert.progress, self.now())
        if coming is None or not alert.is_open or alert.in_hand is not None or alert.progress.held:
            return None
        at, words = coming
        return at, audience(words, alert, self.roster, at).targets

    async def history(self, number: int) -> History | None:
        """One alert with all that happened to it; None where there never was one. Raises `DatabaseAway`."""
        return await self._history.whole(number)

    async def rang(self, bot: str, position: str, span: Span) -> tuple[Rang, ...]:
        """When alerts of a position and of its legs fired or got worse, oldest first. Raises `DatabaseAway`."""
        return await self._history.rang(bot, position, span)

    async def paces(self, days: int) -> list[Pace]:
        """How often each rule fired, and how fast people were. Raises `DatabaseAway`."""
        return await self._history.paces(days)

    # ------------------------------------------------------------------------ what people do

    async def acknowledge(self, number: int, by: str, epoch: int = 0) -> Answer:
        """Somebody has it in hand; of the epoch that they saw, 0: of the one that stands."""
        found = self.find(number)
        alert = found.alert if found is not None else await self._stored(number)
        if alert is None:
            return Answer(Taken.UNKNOWN)
        answer = await self.watch.acknowledge(alert.id, epoch or alert.epoch, by)
        if answer.taken is Taken.UNKNOWN and not alert.is_open:
            return Answer(Taken.RESOLVED, alert)
        return answer

    async def _stored(self, number: int) -> Alert | None:
        """One that nobody has in mind any more, since all were told that it is over."""
        try:
            history = await self._history.whole(number)
        except DatabaseAway:
            return None
        return None if history is None else history.alert

    async def silences(self) -> list[Silence]:
        """Those in force and to come. Raises `DatabaseAway`."""
        return await self._silences.load()

    async def silence(
        self,
        by: str,
        length: timedelta | None,
        *,
        alert: Alert | None = None,
        rule: str = "",
        bot: str = "",
        subject: str = "",
        up_to: Severity = Severity.CRITICAL,
        reason: str = "",
    ) -> Silence:
        """Tell nothing of an alert, or of all that a rule, a bot and a subject match; None: until it is resolved.

        Raises `ValueError` with what is allowed instead, and `DatabaseAway`.
        """
        made = silenced(
            by,
            self.now(),
            length,
            open_alerts=self.open(),
            alert=alert,
            rule=rule,
            bot=bot,
            subject=subject,
            up_to=up_to,
            reason=reason,
        )
        stored = await self._silences.add(made)
        await self.watch.silences_changed()
        return stored

    async def unsilence(self, number: int, by: str) -> Silence | None:
        """End a silence before its time; None where none of this number holds. Raises `DatabaseAway`."""
        gone = await self._silences.lift(number, by, self.now())
        if gone is not None:
            await self.watch.silences_changed()
        return gone

    async def try_out(self, severity: Severity, by: str) -> tuple[Target, ...]:
        """Tell everybody whom the first step of this severity tells that this is a test; gives whom that was."""
        return await self._trial.tell(severity, by, self.now())

    async def rehearse(self, reading: Reading, severity: Severity) -> Alert:
        """Begin a drill that goes the whole way. Raises `ValueError` where one of its subject is under way."""
        return await self.watch.rehearse(reading, severity)

    async def end_drill(self, alert: Alert) -> Alert | None:
        """End it: who was told reads that it is over. None where it is no drill, or over already."""
        return await self.watch.finish(alert.id)
