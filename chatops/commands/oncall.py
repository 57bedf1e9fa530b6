"""Answers to who is on call: oncall, oncall take, oncall give, oncall end."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from alerts.oncall import Shift
from bot_integration import Outcome
from chatops import moments
from chatops.alert_record import StandIn
from chatops.asks import EndStandIn, GiveOncall, Oncall, TakeOncall
from chatops.commands.registry import Asking, Registry, Reply, ZoneOf
from chatops.guard.permissions import Allowed, Permissions
from chatops.layout import fit
from chatops.people import Directory, Principal
from chatops.views import oncall as views

#: Shifts that are shown.
COMING = 6


class Shifts(Protocol):
    """The rotation, and who stands in."""

    @property
    def stand_ins(self) -> tuple[StandIn, ...]:
        """Who stands in now or later."""
        ...

    def on_call(self, at: datetime) -> str | None:
        """Who is on call at this moment."""
        ...

    def shift(self, at: datetime) -> Shift | None:
        """The shift at this moment."""
        ...

    def coming(self, at: datetime, count: int) -> list[Shift]:
        """The shift at this moment, and those after it."""
        ...

    async def stand_in(self, who: str, start: datetime, until: datetime, by: str) -> StandIn:
        """Have somebody be on call for that long. Raises `DatabaseAway`."""
        ...

    async def take_back(self, number: int, by: str) -> StandIn | None:
        """As if it had not been said; None where there is none of this number. Raises `DatabaseAway`."""
        ...


class OncallCommands:
    """Whoever may answer an alert may say who does."""

    def __init__(
        self,
        shifts: Shifts,
        directory: Directory,
        permissions: Permissions,
        *,
        able: Callable[[], Awaitable[Sequence[Principal]]],
        now: Callable[[], datetime],
        zone_of: ZoneOf,
    ) -> None:
        """`able` gives those who could answer an alert; `zone_of` is in whose zone somebody means a time of the day."""
        self._shifts = shifts
        self._directory = directory
        self._permissions = permissions
        self._able = able
        self._now = now
        self._zone_of = zone_of

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Oncall, self.oncall)
        registry.on(TakeOncall, self.take)
        registry.on(GiveOncall, self.give)
        registry.on(EndStandIn, self.end)

    async def oncall(self, ask: Oncall, asking: Asking) -> Reply:
        """Who now, and who then."""
        now = self._now()
        may_change = isinstance(self._permissions.check(asking.person, TakeOncall(), asking.room), Allowed)
        coming, zone = self._shifts.coming(now, COMING), self._zone_of(asking)
        able = {one.name.casefold() for one in await self._able()}
        unable = [who for who in dict.fromkeys(one.who for one in coming) if who.casefold() not in able]
        stand_ins = self._shifts.stand_ins
        return Reply(views.oncall(coming, stand_ins, now, zone, may_change=may_change, unable=unable))

    async def take(self, ask: TakeOncall, asking: Asking) -> Reply:
        """Whoever asks is on call."""
        return await self._put_on_call(asking.person, ask, asking)

    async def give(self, ask: GiveOncall, asking: Asking) -> Reply:
        """Somebody else is; without a name those there are to choose from."""
        able = await self._able()
        if not ask.who:
            return Reply(views.which_person(able, ask.length), outcome=None)
        person = self._directory.named(ask.who)
        if person not in able:
            shown = person.name if person is not None else fit(ask.who, 20)
            why = "could not answer an alert." if person is not None else "is nobody I know."
            return Reply(views.which_person(able, ask.length, f"{shown} {why}"), Outcome.REFUSED)
        assert person is not None
        return await self._put_on_call(person, ask, asking)

    async def end(self, ask: EndStandIn, asking: Asking) -> Reply:
        """Somebody stands in no more."""
        stand_ins = self._shifts.stand_ins
        if not ask.number:
            return Reply(views.which_to_end(stand_ins), outcome=None)
        gone = await self._shifts.take_back(ask.number, asking.person.name)
        if gone is None:
            return Reply(views.which_to_end(stand_ins, f"There is no {ask.number}."), Outcome.REFUSED)
        return Reply(views.ended(gone, self._shifts.on_call(self._now())))

    # ------------------------------------------------------------------------ inside

    async def _put_on_call(self, person: Principal, ask: TakeOncall | GiveOncall, asking: Asking) -> Reply:
        now, zone = self._now(), self._zone_of(asking)
        shift = self._shifts.shift(now)
        if ask.length:
            try:
                until = moments.read(ask.length, now, zone)
            except ValueError as error:
                return Reply(views.how_long(ask, f"“{fit(ask.length, 20)}” will not do: {error}."), Outcome.REFUSED)
        elif shift is None:
            return Reply(views.how_long(ask, "There is no shift that ends."), outcome=None)
        else:
            until = shift.end
        if shift is not None and shift.who == person.name and until <= shift.end:
            return Reply(views.is_already(person.name, shift.end, zone), Outcome.REFUSED)
        made = await self._shifts.stand_in(person.name, now, until, asking.person.name)
        return Reply(views.stands_in(made, now, zone))
