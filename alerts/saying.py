"""What is said of one alert in one step: to each target one word at most."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from alerts.model import Alert, AlertEvent, Form, Ledger, Step, Target, Telling, Told
from alerts.roster import Roster
from alerts.severity import Severity
from alerts.why import Why

#: What quiet hours may hold.
_CAN_WAIT = frozenset({Severity.INFO, Severity.WARNING})


class Saying:
    """Collects tellings, and what their targets have heard then. The first word to a target is the one that counts."""

    def __init__(self, alert: Alert, told: Ledger, roster: Roster, now: datetime) -> None:
        self._alert = alert
        self._ledger = told
        self._roster = roster
        self._now = now
        self._tellings: dict[Target, Telling] = {}
        self._told: dict[Target, Told] = {}
        self._held: dict[Target, str] = {}
        #: When quiet hours end that held something.
        self.wakes_at: datetime | None = None

    @property
    def tellings(self) -> tuple[Telling, ...]:
        """What is told."""
        return tuple(self._tellings.values())

    @property
    def told(self) -> tuple[Told, ...]:
        """What has been heard then, of those for whom that changes."""
        return tuple(self._told.values())

    def aloud(self, target: Target, why: Why, reason: str) -> None:
        """With a sound, unless quiet hours hold it: then it is owed."""
        if target in self._tellings:
            return
        alert, heard = self._alert, self._ledger.get(target)
        if self._hushed(target, alert.severity) is not None:
            if heard is None:
                self._held[target] = "quiet hours"
                self._told[target] = Told(target, 0, alert.severity, self._now, aloud=False)
            return
        if heard is not None and heard.epoch == 0:
            why, reason = Why.QUIET_OVER, "held by quiet hours, which are over"
        form = Form.CARD if heard is None or heard.epoch == 0 else Form.PING
        self._tellings[target] = Telling(target, form, why, reason)
        self._told[target] = Told(target, alert.epoch, alert.severity, self._now, alert.reading.room)

    def edit(self, target: Target, why: Why, reason: str) -> None:
        """Without a sound, on the card that it has."""
        heard = self._ledger.get(target)
        if target in self._tellings or heard is None or heard.epoch == 0:
            return
        alert = self._alert
        self._tellings[target] = Telling(target, Form.EDIT, why, reason)
        self._told[target] = replace(
            heard,
            epoch=alert.epoch,
            severity=alert.severity if alert.is_open else None,
            aloud=False,
            acknowledged=alert.is_open and alert.in_hand is not None,
        )

    def resolved(self, heard: Told, reason: str) -> None:
        """That it is over; to one who is owed its first word, once quiet hours are over too."""
        target, why = heard.target, Why.RESOLVED
        if heard.epoch == 0:
            if self._hushed(target, self._alert.peak) is not None:
                return
            why, reason = Why.QUIET_OVER, f"began and {reason} in quiet hours"
        self._tellings[target] = Telling(target, Form.RESOLVED, why, reason)
        self._told[target] = replace(heard, severity=None, at=self._now, aloud=False, acknowledged=False)

    def ask(self, target: Target, reason: str) -> None:
        """Whether it is still being worked on."""
        self._tellings[target] = Telling(target, Form.STILL_THERE, Why.STILL_THERE, reason)

    def given_up(self, heard: Told) -> None:
        """Nothing more is told to this one."""
        self._held[heard.target] = "may not be told any more"
        self._told[heard.target] = replace(heard, severity=None)

    def events(self) -> Iterator[AlertEvent]:
        """What was told aloud, one line a reason, and what was held."""
        by_reason: dict[tuple[Step, str], list[Target]] = {}
        for telling in self._tellings.values():
            if telling.form is not Form.EDIT:
                by_reason.setdefault((Step.TOLD, telling.reason), []).append(telling.target)
        for target, reason in self._held.items():
            by_reason.setdefault((Step.HELD, reason), []).append(target)
        for (step, reason), targets in by_reason.items():
            whom = ", ".join(map(str, targets))
            yield AlertEvent(self._now, step, reason=f"{reason} ({whom})", severity=self._alert.severity)

    def _hushed(self, target: Target, severity: Severity) -> datetime | None:
        until = self._roster.hushed(target, severity, self._now) if severity in _CAN_WAIT else None
        if until is None or until <= self._now:
            return None
        self.wakes_at = until if self.wakes_at is None else min(self.wakes_at, until)
        return until
