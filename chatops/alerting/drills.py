"""Rehearsals: begun by word, watched until somebody answers or their time is over, and then reported."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from alerts.model import Alert, Figure, Key, Reading
from alerts.policy import Policy
from alerts.severity import Severity
from alerts.store import Open
from alerts.terms import YES_NO, Terms
from chatops.alert_record import History
from chatops.messages import Message
from chatops.owed import Kind
from chatops.room import Room
from chatops.storage.errors import DatabaseAway
from chatops.views.drills import report

log = logging.getLogger(__name__)

#: Between two looks at the drills that run, in seconds.
LOOK_EVERY_S = 0.5
#: As short as a drill gets that nobody answers: of what is told once there is little to wait for.
SHORTEST = timedelta(minutes=2)
#: A position that nobody holds.
MADE = "MADE-1"
_SHORT = {"health_factor": "HF", "margin_fraction": "MF"}


class Rehearsing(Protocol):
    """Alerts as far as drills need them."""

    def now(self) -> datetime:
        """By the clock that alerts go by."""
        ...

    def open(self, bot: str = "") -> Sequence[Alert]:
        """Those that stand."""
        ...

    def find(self, number: int) -> Open | None:
        """One that stands, or that is resolved and not told so everywhere."""
        ...

    async def history(self, number: int) -> History | None:
        """One with all that happened to it. Raises `DatabaseAway`."""
        ...

    async def rehearse(self, reading: Reading, severity: Severity) -> Alert:
        """Begin a drill. Raises `ValueError` where one of its subject is under way."""
        ...

    async def end_drill(self, alert: Alert) -> Alert | None:
        """End it; None where it is over already."""
        ...


class Owes(Protocol):
    """The door out."""

    async def owe(self, message: Message, room: Room, *, kind: Kind) -> Any:
        """Have it sent."""
        ...


@dataclass(frozen=True, slots=True)
class _Running:
    """A drill that is under way, and where its report belongs."""

    alert: Alert
    rooms: tuple[Room, ...]


class Drills:
    """Those of this desk. What was under way at a stop goes on, and is reported to the rooms of alerts."""

    def __init__(
        self,
        alerting: Rehearsing,
        outbox: Owes,
        rooms: Sequence[Room],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`rooms` are those that are told of alerts."""
        self._alerting = alerting
        self._outbox = outbox
        self._rooms = tuple(rooms)
        self._sleep = sleep
        self._running: dict[UUID, _Running] = {}

    async def begin(self, reading: Reading, severity: Severity, room: Room) -> Alert:
        """Rehearse this; the report goes to `room`. Raises `ValueError` where one of its rule is under way."""
        alert = await self._alerting.rehearse(reading, severity)
        self._running[alert.id] = _Running(alert, (room,))
        return alert

    async def end(self) -> list[Alert]:
        """End all that run, and report; gives them."""
        ended = [one for one in self._alerting.open() if one.is_drill]
        for one in ended:
            await self._finish(one)
        return ended

    async def run(self) -> None:
        """Look after them until cancelled."""
        while True:
            try:
                await self._look()
            except Exception:
                log.exception("the drills could not be looked after")
            await self._sleep(LOOK_EVERY_S)

    async def _look(self) -> None:
        for one in [one for one in self._alerting.open() if one.is_drill]:
            self._running.setdefault(one.id, _Running(one, self._rooms))
            if one.in_hand is not None or self._alerting.now() >= one.began_at + lasts(one.policy):
                await self._finish(one)
        standing = {one.id for one in self._alerting.open()}
        for gone in [one for one in self._running.values() if one.alert.id not in standing]:
            await self._report(gone.alert)

    async def _finish(self, alert: Alert) -> None:
        self._running.setdefault(alert.id, _Running(alert, self._rooms))
        await self._alerting.end_drill(alert)
        await self._report(alert)

    async def _report(self, alert: Alert) -> None:
        running = self._running.pop(alert.id, None)
        if running is None:
            return
        try:
            history = await self._alerting.history(alert.number)
        except DatabaseAway:
            history = None
        for room in running.rooms:
            await self._outbox.owe(report(alert, history, self._alerting.now()), room, kind=Kind.NOTICE)


def lasts(policy: Policy) -> timedelta:
    """How long a drill waits for an answer: until everybody was told, and told once more."""
    return max(SHORTEST, policy.last.after + (policy.repeat or timedelta()))


def made_up(terms: Terms, severity: Severity) -> Reading:
    """A reading of this rule that is just as bad as that, of a position that nobody holds.

    Raises `ValueError` with what there is where the rule has no such severity.
    """
    if severity not in terms.severities:
        there = ", ".join(terms.severities)
        raise ValueError(f"{terms.rule} is never {severity}; it is {there}")
    key = Key(terms.rule, "", MADE)
    band = next((one for one in terms.bands if severity in one.at and one.metric != YES_NO), None)
    if band is None:
        return Reading(key, 1.0, YES_NO, says=f"{terms.rule}, made up")
    value = band.at[severity]
    name = _SHORT.get(band.metric, band.metric)
    room = value if band.metric in _SHORT else value / 100 if band.metric == "distance_pct" else None
    return Reading(
        key, value, band.metric, room, says=f"{name} {value:g}, made up", figures=(Figure(name, f"{value:g}"),)
    )
