"""Alerts kept in memory: for tests, and for a desk that may forget."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from alerts.model import Advance, Alert, AlertEvent, Target, Telling, Told
from alerts.silence import Silence
from alerts.store import Open, Overtaken, StoreAway


class InMemoryAlerts:
    """An `AlertStore`. What it is told to tell stands in `tellings`, in order."""

    def __init__(self) -> None:
        #: Whether it does not answer.
        self.away = False
        self.tellings: list[tuple[Alert, Telling]] = []
        self.made_silences: list[Silence] = []
        self._fence = 0
        self._alerts: dict[UUID, Alert] = {}
        #: By alert and version, so that the same step again is known from another one.
        self._steps: dict[tuple[UUID, int], Alert] = {}
        self._told: dict[UUID, dict[Target, Told]] = {}
        self._events: dict[UUID, list[AlertEvent]] = {}

    async def take_over(self) -> int:
        """Be the worker from now on."""
        self._answer()
        self._fence += 1
        return self._fence

    async def load(self) -> Sequence[Open]:
        """All that stand, oldest first."""
        self._answer()
        found = [Open(alert, dict(self._told[alert_id])) for alert_id, alert in self._alerts.items()]
        return [one for one in found if one.alert.is_open or any(told.severity for told in one.told.values())]

    async def last_number(self) -> int:
        """The highest number that an alert was ever given."""
        self._answer()
        return max((alert.number for alert in self._alerts.values()), default=0)

    async def silences(self) -> Sequence[Silence]:
        """All that were made."""
        self._answer()
        return tuple(self.made_silences)

    async def advance(self, fence: int, advances: Sequence[Advance]) -> Mapping[UUID, Alert]:
        """Store these steps with what they tell, all or none."""
        self._answer()
        if fence != self._fence:
            raise Overtaken("another worker has taken over")
        for one in advances:
            stored = self._alerts.get(one.alert.id)
            if not self._is_stored(one) and (stored.version if stored is not None else 0) != one.was:
                raise Overtaken(f"alert {one.alert.number} has changed")
        return {one.alert.id: self._store(one) for one in advances}

    def events(self, alert: UUID) -> list[AlertEvent]:
        """The life of one alert."""
        return self._events.get(alert, [])

    # ------------------------------------------------------------------------ inside

    def _answer(self) -> None:
        if self.away:
            raise StoreAway("the store is away")

    def _is_stored(self, one: Advance) -> bool:
        return self._steps.get((one.alert.id, one.alert.version)) == one.alert

    def _store(self, one: Advance) -> Alert:
        if self._is_stored(one):
            return self._alerts[one.alert.id]
        same = (each for each in self._alerts.values() if each.is_open and each.key == one.alert.key)
        there = next(same, None) if one.was == 0 and one.alert.is_open else None
        if there is not None:
            return there
        alert = self._alerts[one.alert.id] = self._steps[one.alert.id, one.alert.version] = one.alert
        self._told.setdefault(alert.id, {}).update({told.target: told for told in one.told})
        self._events.setdefault(alert.id, []).extend(one.events)
        self.tellings += [(alert, telling) for telling in one.tellings]
        return alert
