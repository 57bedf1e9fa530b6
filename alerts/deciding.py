"""Decides for every alert that something may have changed for, and knows when to look at the others again."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from alerts.change import Change
from alerts.dispatch import NOBODY_TO_TELL, Decision, decide, stand_in
from alerts.engine import DESK, Engine
from alerts.holding import held_by
from alerts.model import Advance, Alert, AlertEvent, Key, Reading, Target
from alerts.roster import Roster
from alerts.silence import Silence, covering
from alerts.terms import YES_NO, Terms

log = logging.getLogger(__name__)

#: Before one that could not be decided or stored is tried again.
AGAIN = timedelta(seconds=1)


class Deciding:
    """From changes and time to steps that are to be stored. It waits for nothing."""

    def __init__(self, engine: Engine, roster: Roster, terms: Callable[[], Mapping[str, Terms]]) -> None:
        self._engine = engine
        self._roster = roster
        self._terms = terms
        self._silences: tuple[Silence, ...] = ()
        #: When to look at an alert again; those that are not here are looked at when they change.
        self._wakes: dict[UUID, datetime] = {}
        self._all_at_once = True
        self._nobody: dict[UUID, str] = {}
        #: By alert, the silence that its cards name. After a start those that hold are taken to be the ones named.
        self._named: dict[UUID, Silence] = {}
        #: How many times one could not be decided.
        self.broke = 0

    def begin(self) -> None:
        """Look at every alert anew."""
        self._wakes, self._nobody = {}, {}
        self._all_at_once = True

    def learn(self, silences: Iterable[Silence]) -> None:
        """The silences that there are from now on."""
        self._silences = tuple(silences)
        self._all_at_once = True

    def silence_of(self, alert: Alert, now: datetime) -> Silence | None:
        """What holds back this alert now; None where none does."""
        return covering(self._silences, alert, now)

    def next_at(self) -> datetime | None:
        """When time alone next changes something that is told."""
        return min(self._wakes.values(), default=None)

    def look_again(self, alerts: Iterable[UUID], now: datetime) -> None:
        """Look at these before long: nothing that was decided of them holds."""
        self._wakes.update(dict.fromkeys(alerts, now + AGAIN))

    def decide(self, changes: Iterable[Change], now: datetime) -> list[Advance]:
        """The steps of all alerts that changed or are due, the worst first."""
        changed: dict[UUID, _Changed] = {}
        for change in changes:
            changed.setdefault(change.after.id, _Changed()).add(change)
        advances = self._decide(changed, self._due(now), now)
        # It may begin because of what was decided, and is decided with it.
        for change in self._desk(now):
            advances += self._decide({change.after.id: _Changed().add(change)}, set(), now)
        return sorted(advances, key=lambda one: -one.alert.severity.rank)

    def stand_in(self, lost: Collection[Target], now: datetime) -> list[Advance]:
        """The steps that tell others in place of those who are not reached."""
        advances = []
        for found in self._engine.all():
            try:
                decision = stand_in(found.alert, found.told, lost, roster=self._roster, now=now)
            except Exception:
                log.exception("alert %s: nobody is told in place of those who are not reached", found.alert.number)
                self._put_off(found.alert.id, now)
                continue
            if decision.tellings and (advance := _advance(found.alert, decision, ())):
                advances.append(advance)
                self._engine.settle(advance.alert, advance.told)
        return advances

    # ------------------------------------------------------------------------ inside

    def _due(self, now: datetime) -> set[UUID]:
        if self._all_at_once:
            self._all_at_once = False
            return {one.alert.id for one in self._engine.all()}
        return {alert for alert, at in self._wakes.items() if at <= now}

    def _decide(self, changed: "dict[UUID, _Changed]", due: set[UUID], now: datetime) -> list[Advance]:
        terms = self._terms()
        advances = []
        for alert_id in {**changed, **dict.fromkeys(self._touched(changed)), **dict.fromkeys(due)}:
            found = self._engine.find(alert_id)
            if found is None:
                self._forget(alert_id)
                continue
            change = changed.get(alert_id) or _Changed()
            before, rule = found.alert, found.alert.key.rule
            silence = covering(self._silences, before, now)
            try:
                decision = decide(
                    before,
                    found.told,
                    terms=terms.get(rule) or Terms(rule),
                    silences=self._silences,
                    open_alerts=self._engine.open,
                    roster=self._roster,
                    now=now,
                    figures_changed=change.figures and not change.events,
                    silence_changed=silence is not None and self._named.get(alert_id, silence) != silence,
                )
            except Exception:
                # It must not keep all the others from being told. What is to be said of it is said later.
                log.exception("alert %s could not be decided, and nobody is told of it now", before.number)
                self._put_off(alert_id, now)
                continue
            self._remember(decision, silence)
            if advance := _advance(before, decision, change.events):
                advances.append(advance)
                self._engine.settle(advance.alert, advance.told)
            else:
                self._engine.settle(decision.alert, ())
        return advances

    def _put_off(self, alert: UUID, now: datetime) -> None:
        self.broke += 1
        self.look_again([alert], now)

    def _touched(self, changed: "Mapping[UUID, _Changed]") -> list[UUID]:
        """Those that what changed may hold back, or hold back no more."""
        keys = (key for change in changed.values() if change.key is not None for key in held_by(change.key))
        return [found.id for key in keys if (found := self._engine.open.get(key)) is not None]

    def _remember(self, decision: Decision, silence: Silence | None) -> None:
        alert = decision.alert
        if silence is None:
            self._named.pop(alert.id, None)
        else:
            self._named[alert.id] = silence
        if decision.next_at is None:
            self._wakes.pop(alert.id, None)
        else:
            self._wakes[alert.id] = decision.next_at
        if decision.nobody is None:
            return
        if decision.nobody and alert.is_open:
            self._nobody[alert.id] = f"{', '.join(decision.nobody)} of alert {alert.number}"
        else:
            self._nobody.pop(alert.id, None)

    def _forget(self, alert: UUID) -> None:
        self._wakes.pop(alert, None)
        self._nobody.pop(alert, None)
        self._named.pop(alert, None)

    def _desk(self, now: datetime) -> list[Change]:
        """That somebody should be told who is not there is an alert too."""
        key = Key(NOBODY_TO_TELL, DESK)
        if not self._nobody and key not in self._engine.open:
            return []
        says = f"there is nobody to tell: {'; '.join(self._nobody.values())}" if self._nobody else "there is somebody"
        return self._engine.take([Reading(key, float(bool(self._nobody)), YES_NO, says=says)], now)


class _Changed:
    """What happened to one alert in this step."""

    def __init__(self) -> None:
        self.events: tuple[AlertEvent, ...] = ()
        self.figures = False
        self.key: Key | None = None

    def add(self, change: Change) -> "_Changed":
        self.events += change.events
        self.figures = self.figures or change.figures_changed
        # Figures alone hold nothing back.
        self.key = change.after.key if change.events else self.key
        return self


def _advance(before: Alert, decision: Decision, events: tuple[AlertEvent, ...]) -> Advance | None:
    """The step to be stored; None where nothing but figures and the window of time have moved."""
    after = decision.alert
    moved = (before.progress.held, before.progress.since, before.acknowledged) != (
        after.progress.held,
        after.progress.since,
        after.acknowledged,
    )
    events += decision.events
    if not (events or decision.tellings or decision.told or moved):
        return None
    return Advance(replace(after, version=before.version + 1), before.version, events, decision.tellings, decision.told)
