"""Tells rooms their reports: each period once, whatever stopped meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from alerts.model import Alert
from alerts.severity import Severity
from chatops.drafts import Draft, Drafts
from chatops.fleet import Fleet
from chatops.habits import Habit
from chatops.lasting import Lasting
from chatops.messages import Message
from chatops.money.spans import Span
from chatops.owed import Kind, Owed
from chatops.report_chain import Heard, Key, ReportStore, Step
from chatops.report_kinds import ReportKind
from chatops.reports.due import GATHERED, LATE, Due, begins, due
from chatops.reports.plans import Plan, Plans
from chatops.reports.waking import Waking
from chatops.reports.writing import Writing
from chatops.storage.errors import DatabaseAway
from chatops.views.heartbeat import heartbeat

log = logging.getLogger(__name__)

CARD = "heartbeat"
#: A card in a room that takes nothing is tried again no sooner.
_LOST_CARD = timedelta(days=1)
#: Before what broke is tried again: whatever it is, it is in the log.
_AGAIN = timedelta(minutes=15)

WE_WERE_AWAY = "the desk was away"
DATABASE_WAS_AWAY = "the database was away"
ROOM_WAS_LOST = "this room took none before"

ValueT = TypeVar("ValueT")


class Door(Protocol):
    """The door out, for messages that are stored with what else is stored."""

    @property
    def drafts(self) -> Drafts:
        """Messages as they will be owed."""
        ...

    async def owe_by(
        self,
        owed: Sequence[Owed],
        storing: Callable[[], Awaitable[ValueT]],
        aside: Callable[[], Awaitable[None]] | None = None,
    ) -> ValueT | None:
        """Have messages stored by `storing`; where the database is away, `aside` is called first."""
        ...


class Reports:
    """Looks what is due by the stored rows, writes it, and stores it with its row, as one.

    So a restart at any moment tells what is due once, two gateways tell it once, and what was missed comes as one.
    While a room is muted or a kind is off nothing is told, nor made up for later.
    """

    def __init__(
        self,
        plans: Plans,
        store: ReportStore,
        writing: Writing,
        door: Door,
        fleet: Fleet,
        *,
        alerts: Callable[[str], Sequence[Alert]],
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        waking: Waking | None = None,
    ) -> None:
        """`alerts` is what stands of a bot."""
        self.plans = plans
        self.store = store
        self.writing = writing
        self._door = door
        self._fleet = fleet
        self._alerts = alerts
        self._now = now
        self._sleep = sleep
        self._waking = waking or Waking()
        self._since = now()
        #: When all was told that was due, in this run.
        self._looked: datetime | None = None
        #: What could not be told, for another reason than that the database is away, and when that was.
        self._broke: dict[Key, datetime] = {}
        self._waits = Lasting(log, "reports wait for the database", level=logging.INFO)

    async def run(self) -> None:
        """Tell what is due, until cancelled."""
        # What bots did while we were away is found, and on record, a moment after we hear them.
        await self._sleep(GATHERED.total_seconds())
        async with self._waking.every_minute():
            while True:
                await self.look()
                await self._waking.wait()

    def changed(self) -> None:
        """Somebody changed what a room hears: look at once."""
        self._waking.ring()

    def card(self, bots: Collection[str], now: datetime, habit: Habit) -> Message:
        """How these bots are, as the card of every hour says it."""
        alerts: Mapping[str, Sequence[Alert]] = {bot: self._alerts(bot) for bot in bots}
        known = [(bot.name, snapshot) for bot, snapshot in self._fleet.snapshots() if bot.name in bots]
        return heartbeat(known, now, habit.zone, alerts)

    async def look(self) -> None:
        """Tell all that is due now. What breaks in one room does not reach the others."""
        try:
            last = await self.store.last()
            plans = {(plan.room, plan.times.kind): plan for plan in self.plans.all()}
            for key in dict.fromkeys([*plans, *last]):
                await self._look_at(key, plans.get(key), last.get(key))
            self._looked = self._now()
            self._waits.over()
        except DatabaseAway as error:
            self._waits.met(error)
        except Exception:
            log.exception("nobody looked which reports are due")

    # ------------------------------------------------------------------------ inside

    async def _look_at(self, key: Key, plan: Plan | None, last: Heard | None) -> None:
        if key in self._broke and self._now() - self._broke[key] < _AGAIN:
            return
        try:
            if plan is None:
                await self._end(last)
            elif last is None or last.step is Step.ENDED:
                await self._begin(plan, last)
            else:
                await self._go_on(plan, last)
        except DatabaseAway:
            raise
        except Exception:
            room, kind = key
            self._broke[key] = self._now()
            log.exception("the %s report of %s is not told, and tried again later", kind, room)

    async def _end(self, last: Heard | None) -> None:
        if last is not None and last.step is not Step.ENDED:
            # What was lost goes with it: nothing is made up for later.
            await self.store.add(_after(last, Step.ENDED, Span(last.span.end, last.span.end), self._now()))

    async def _begin(self, plan: Plan, last: Heard | None) -> None:
        now = self._now()
        start = begins(plan.times, now)
        if last is None:
            row = Heard(plan.room, plan.times.kind, 1, Step.BEGUN, Span(start, start), now)
        else:
            # What it was told of before it was turned off is not told again.
            start = max(start, last.until)
            row = _after(last, Step.BEGUN, Span(start, start), now)
        await self.store.add(row)

    async def _go_on(self, plan: Plan, last: Heard) -> None:
        now = self._now()
        found = due(plan.times, last.span.end, now)
        if found is None:
            return
        if plan.times.kind is ReportKind.HEARTBEAT:
            if not last.is_lost or now - last.at >= _LOST_CARD:
                await self._tell(plan, last, found, self.card(plan.bots, now, plan.habit), in_place=True)
            return
        # What was lost is told again, with this.
        found = replace(found, span=Span(last.until, found.span.end))
        message = await self.writing.written(
            plan.times.kind, plan.bots, found.span, plan.habit, now, why=self._why(found, last, now)
        )
        await self._tell(plan, last, found, replace(message, silent=plan.is_quiet(now)))

    async def _tell(self, plan: Plan, last: Heard, found: Due, message: Message, *, in_place: bool = False) -> None:
        draft = self._drafted(plan, message, in_place=in_place)
        row = _after(last, Step.TOLD, found.span, self._now())
        row = replace(row, periods=found.periods, delivery=draft.owed[0].id)

        async def storing() -> bool:
            return await self.store.add(row, draft.owed, draft.minted)

        async def aside() -> None:
            # Without its row it would be told again: it waits, whole, until the database is back.
            raise DatabaseAway("a report is stored with its row, or not at all")

        if await self._door.owe_by(draft.owed, storing, aside):
            log.info("%s report of %s is told in %s", plan.times.kind, found.span.end, plan.room)

    def _drafted(self, plan: Plan, message: Message, *, in_place: bool) -> Draft:
        return self._door.drafts.unasked(
            message,
            plan.room,
            kind=Kind.REPORT,
            severity=Severity.INFO,
            card=CARD if in_place else None,
            in_place=in_place,
            hangs_on=None,
            ends=False,
        )

    def _why(self, found: Due, last: Heard, now: datetime) -> str:
        if last.is_lost:
            return ROOM_WAS_LOST
        if now - found.since <= LATE and found.periods == 1:
            return ""
        if self._looked is None and found.since < self._since:
            return WE_WERE_AWAY
        # Else somebody has just chosen another zone or time, by which it was due before.
        return DATABASE_WAS_AWAY if self._looked is None or now - self._looked > LATE else ""


def _after(last: Heard, step: Step, span: Span, now: datetime) -> Heard:
    return Heard(last.room, last.kind, last.number + 1, step, span, now)
