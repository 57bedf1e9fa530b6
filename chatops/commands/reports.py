"""Answers to /reports: what a room is told, when, and the one that is under way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot_integration import Outcome
from chatops.asks import NOW, Reports
from chatops.clock_times import parse_time
from chatops.commands.registry import Asking, Registry, Reply
from chatops.guard.permissions import Allowed, Permissions
from chatops.habits import Habit, Habits
from chatops.messages import Message
from chatops.money.spans import Span
from chatops.report_chain import Heard, Key, Step
from chatops.report_kinds import Choice, ReportKind
from chatops.reported import Listed
from chatops.reports.due import Times, begins, next_at
from chatops.reports.periods import period
from chatops.reports.telling import Reports as Telling
from chatops.storage.errors import DatabaseAway
from chatops.views import choices
from chatops.views import report_list as views

_ON, _OFF = "on", "off"
_JUST = timedelta(microseconds=1)


class ReportCommands:
    """What is chosen here is the room's, and an operator's to say; in their own chat anybody hears of their bots."""

    def __init__(
        self, telling: Telling, habits: Habits, permissions: Permissions, *, now: Callable[[], datetime]
    ) -> None:
        self._telling = telling
        self._habits = habits
        self._permissions = permissions
        self._now = now

    def register(self, registry: Registry) -> None:
        """Answer this word."""
        registry.on(Reports, self.reports)

    async def reports(self, ask: Reports, asking: Asking) -> Reply:
        """All kinds, or one of them; after the change where one is asked for."""
        said, to = ask.kind.casefold(), ask.to.casefold()
        if not said:
            return Reply(await self._all(asking))
        if said not in set(ReportKind):
            return Reply(views.no_such(ask.kind), Outcome.REFUSED)
        kind = ReportKind(said)
        if to == NOW:
            return await self._so_far(kind, asking)
        if not to:
            return Reply(await self._one(kind, asking))
        if self._telling.plans.shows_too_much(asking.home, asking.person):
            return Reply(views.shows_every_bot(), Outcome.REFUSED)
        before = self._telling.plans.choice(asking.home, kind)
        try:
            wanted = _wanted(before, to, kind)
        except ValueError:
            return Reply(views.no_such_time(ask.to, kind), Outcome.REFUSED)
        await self._telling.plans.choose(asking.home, kind, wanted, asking.person)
        self._telling.changed()
        return Reply(await self._changed(kind, wanted, asking, is_switch=to in (_ON, _OFF)))

    # ------------------------------------------------------------------------ inside

    async def _changed(self, kind: ReportKind, wanted: Choice, asking: Asking, *, is_switch: bool) -> Message:
        state = f"at {wanted.at:%H:%M}" if kind.has_time else "on"
        said = f"The {kind} report is {state if wanted.is_on else 'off'} now"
        # A switch stands in the list of all, a time on the card of one.
        return await (self._all(asking, said) if is_switch and asking.pressed else self._one(kind, asking, said))

    async def _all(self, asking: Asking, said: str = "") -> Message:
        zone = self._habit(asking).zone
        last = await self._last()
        kinds = [self._listed(kind, asking, last) for kind in ReportKind]
        return views.listed(
            kinds,
            self._now(),
            zone,
            may_change=self._may_change(asking),
            said=said,
            muted=self._telling.plans.is_muted(asking.home),
        )

    async def _one(self, kind: ReportKind, asking: Asking, said: str = "") -> Message:
        of = self._listed(kind, asking, await self._last())
        zone = self._habit(asking).zone
        return views.one(of, self._now(), zone, may_change=self._may_change(asking), said=said)

    async def _so_far(self, kind: ReportKind, asking: Asking) -> Reply:
        """To who asks: of their bots, in their zone. It counts for nothing that the room is told."""
        habit, now = self._habits.of(asking.person.name, asking.home), self._now()
        if not asking.fleet.names:
            return Reply(choices.no_such_bot("", ()), Outcome.REFUSED)
        if kind is ReportKind.HEARTBEAT:
            return Reply(self._telling.card(asking.fleet.names, now, habit))
        start = period(kind, now, habit.zone).start
        span = Span(start, now + _JUST)
        return Reply(await self._telling.writing.written(kind, asking.fleet.names, span, habit, now, is_so_far=True))

    def _listed(self, kind: ReportKind, asking: Asking, last: Mapping[Key, Heard]) -> Listed:
        choice, now = self._telling.plans.choice(asking.home, kind), self._now()
        heard = last.get((asking.home, kind))
        times = Times(kind, self._habit(asking).zone, choice.at)
        told = heard is not None and heard.step is Step.TOLD
        # It begins, as it will when it is looked at.
        until = begins(times, now) if heard is None or heard.step is Step.ENDED else heard.span.end
        return Listed(
            kind,
            choice.is_on,
            f"{choice.at:%H:%M}" if kind.has_time else "",
            next_at(times, until, now) if choice.is_on else None,
            heard.at if heard is not None and told else None,
            is_lost=heard is not None and heard.is_lost,
        )

    async def _last(self) -> Mapping[Key, Heard]:
        try:
            return await self._telling.store.last()
        except DatabaseAway:
            # When the next one comes is known all the same.
            return {}

    def _habit(self, asking: Asking) -> Habit:
        """As the room is told; somebody alone as they read."""
        return self._telling.plans.habit(asking.home)

    def _may_change(self, asking: Asking) -> bool:
        asked = Reports(kind=ReportKind.DAILY, to=_OFF)
        allowed = isinstance(self._permissions.check(asking.person, asked, asking.home), Allowed)
        return allowed and not self._telling.plans.shows_too_much(asking.home, asking.person)


def _wanted(before: Choice, to: str, kind: ReportKind) -> Choice:
    """Raises `ValueError`. Who sets a time wants to hear it."""
    if to in (_ON, _OFF):
        return replace(before, is_on=to == _ON)
    if not kind.has_time:
        raise ValueError("it comes every hour")
    return Choice(is_on=True, at=parse_time(to))
