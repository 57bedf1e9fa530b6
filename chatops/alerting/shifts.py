"""Who is on call at this desk: the rotation of the settings, and who stands in by word."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from alerts.oncall import Override, Rotation, Shift, next_on_call, on_call, shift, shifts
from chatops.alert_record import StandIn
from chatops.storage.oncall import OnCallTable


class Shifts:
    """In memory, so that it is known while the database is away; what is changed is stored first."""

    def __init__(self, rotation: Rotation | None, table: OnCallTable, now: Callable[[], datetime]) -> None:
        self._rotation = rotation
        self._table = table
        self._now = now
        self._stand_ins: tuple[StandIn, ...] = ()

    async def load(self) -> None:
        """Take in what is stored. Raises `DatabaseAway`."""
        self._stand_ins = tuple(await self._table.load())

    @property
    def stand_ins(self) -> tuple[StandIn, ...]:
        """Who stands in now or later, in the order in which that was said."""
        now = self._now()
        return tuple(one for one in self._stand_ins if one.override.until > now)

    def on_call(self, at: datetime) -> str | None:
        """Who is on call at this moment; None where nobody is."""
        return on_call(self._rotation, self._overrides, at)

    def next(self, at: datetime) -> str | None:
        """Who is on call after them; None where there is nobody else."""
        return next_on_call(self._rotation, self._overrides, at)

    def shift(self, at: datetime) -> Shift | None:
        """The shift at this moment; None where nobody is on call."""
        return shift(self._rotation, self._overrides, at)

    def coming(self, at: datetime, count: int) -> list[Shift]:
        """The shift at this moment, and those after it."""
        found: Iterator[Shift] = shifts(self._rotation, self._overrides, at)
        return list(islice(found, count))

    async def stand_in(self, who: str, start: datetime, until: datetime, by: str) -> StandIn:
        """Have somebody be on call for that long. Raises `DatabaseAway`, and `ValueError` where it ends too early."""
        made = await self._table.add(Override(who, start, until), by, self._now())
        self._stand_ins = (*self._stand_ins, made)
        return made

    async def take_back(self, number: int, by: str) -> StandIn | None:
        """As if it had not been said; gives it, None where there is none of this number. Raises `DatabaseAway`."""
        gone = await self._table.remove(number, by)
        if gone is not None:
            self._stand_ins = tuple(one for one in self._stand_ins if one.number != number)
        return gone

    @property
    def _overrides(self) -> tuple[Override, ...]:
        return tuple(one.override for one in self._stand_ins)
