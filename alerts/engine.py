"""The truth about what is wrong: one open alert for each rule, bot and subject."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from alerts.answer import Answer, Taken
from alerts.change import Change
from alerts.escalation import anew, begun
from alerts.in_time import in_time
from alerts.ladder import GROUND, Standing, climb
from alerts.model import Acknowledgement, Alert, AlertEvent, Ended, Key, Reading, Step, Told
from alerts.policy import Policy, usual
from alerts.sessions import Sessions
from alerts.severity import Severity
from alerts.slot import Slot
from alerts.store import Open
from alerts.subjects import standing
from alerts.terms import Terms
from bot_integration import Snapshot

#: A drill that nobody ended.
DRILL_LASTS = timedelta(hours=1)
#: So many that are resolved and told are still known by their id, for those who acknowledge them too late.
ENDED_KEPT = 200
#: What the desk says of itself, not of a bot.
DESK = ""


class Engine:
    """Readings, time and acknowledgements in, changes out. It tells nobody, and does not ask who may be told."""

    def __init__(
        self,
        terms: Callable[[], Mapping[str, Terms]],
        *,
        ids: Callable[[], UUID],
        policies: Callable[[Key, Severity], Policy] = lambda key, severity: usual(severity),
    ) -> None:
        """`terms` by rule, as they are now; `policies` gives the one that is frozen into an epoch that begins."""
        self._terms = terms
        self._ids = ids
        self._policies = policies
        self._slots: dict[Key, Slot] = {}
        self._by_id: dict[UUID, Slot] = {}
        self._open: dict[Key, Alert] = {}
        self._ended: deque[Alert] = deque(maxlen=ENDED_KEPT)
        self._last_number = 0
        self._sessions = Sessions()

    @property
    def open(self) -> Mapping[Key, Alert]:
        """Those that stand."""
        return self._open

    def watched(self, bot: str) -> frozenset[Key]:
        """What of a bot stands on its ladder: of these a reading is wanted even where all is well."""
        return frozenset(key for key in self._slots if key.bot == bot)

    def all(self) -> list[Open]:
        """Those that stand, and those resolved that are not told so everywhere, in the order of their numbers."""
        found = [Open(slot.alert, slot.told) for slot in self._by_id.values() if slot.alert is not None]
        return sorted(found, key=lambda one: one.alert.number)

    def find(self, alert: UUID) -> Open | None:
        """One of them."""
        slot = self._by_id.get(alert)
        return None if slot is None or slot.alert is None else Open(slot.alert, slot.told)

    def adopt(self, stored: Iterable[Open], last_number: int, now: datetime) -> None:
        """Go on from what is stored, and from nothing else."""
        self._slots, self._by_id, self._open = {}, {}, {}
        self._last_number = last_number
        for one in stored:
            self._adopt(one, now)
            self._last_number = max(self._last_number, one.alert.number)

    def put_back(self, alert_id: UUID, stored: Open | None, now: datetime) -> None:
        """Go on from what is stored of one of them; None: nothing is, and the next reading finds it anew."""
        slot = self._by_id.pop(alert_id, None)
        if slot is not None and slot.alert is not None and self._slots.get(slot.alert.key) is slot:
            del self._slots[slot.alert.key]
            self._open.pop(slot.alert.key, None)
        if stored is not None:
            self._adopt(stored, now)

    def take(self, readings: Iterable[Reading], now: datetime, snapshot: Snapshot | None = None) -> list[Change]:
        """Take in what was read. Of a whole `snapshot` of a settled session: what is in neither is gone."""
        terms = self._terms()
        changes: list[Change] = []
        read = set()
        for reading in readings:
            key = reading.key
            read.add(key)
            held_to = terms.get(key.rule)
            slot = self._slots.get(key)
            if held_to is None or not held_to.on:
                continue
            standing_now = climb(slot.standing if slot is not None else GROUND, reading, held_to, now)
            if slot is None:
                if standing_now is GROUND:
                    continue
                slot = self._slots[key] = Slot()
            slot.standing = standing_now
            self._note(changes, self._climbed(key, slot, reading, now))
        if snapshot is not None and self._sessions.is_settled(snapshot, now):
            here = standing(snapshot)
            for key in [one for one in self._slots if one.bot == snapshot.bot and one not in read]:
                if key.subject not in here:
                    self._note(changes, self._end(key, Ended.GONE, now))
        return changes

    def tick(self, now: datetime) -> list[Change]:
        """What time alone does: `for`, acknowledgements that lapse, rules that were turned off, drills left alone."""
        terms = self._terms()
        changes: list[Change] = []
        for key, slot in list(self._slots.items()):
            alert, held_to = slot.alert, terms.get(key.rule)
            if alert is not None and alert.is_drill:
                if now >= alert.began_at + DRILL_LASTS:
                    self._note(changes, self._finish(slot, Ended.CLEARED, now))
                    continue
            elif held_to is None or not held_to.on:
                self._note(changes, self._end(key, Ended.TURNED_OFF, now))
                continue
            elif slot.standing.rising:
                slot.standing = climb(slot.standing, None, held_to, now)
                self._note(changes, self._climbed(key, slot, None, now))
            ack = slot.alert.in_hand if slot.alert is not None else None
            if ack is not None and now >= ack.until:
                self._note(changes, self._lapsed(slot, ack, now))
        return changes

    def keep(self, bots: Iterable[str], now: datetime) -> list[Change]:
        """End what was open of bots that are watched no more."""
        changes: list[Change] = []
        known = {DESK, *bots}
        for key in [one for one in self._slots if one.bot not in known]:
            self._note(changes, self._end(key, Ended.TURNED_OFF, now))
        return changes

    def acknowledge(self, alert_id: UUID, epoch: int, by: str, now: datetime) -> tuple[Answer, Change | None]:
        """Somebody has it in hand. Of an epoch that is over, or where somebody else was first, it changes nothing."""
        slot = self._by_id.get(alert_id)
        alert = slot.alert if slot is not None else None
        if slot is None or alert is None:
            ended = next((one for one in self._ended if one.id == alert_id), None)
            return Answer(Taken.UNKNOWN if ended is None else Taken.RESOLVED, ended), None
        if not alert.is_open:
            return Answer(Taken.RESOLVED, alert), None
        if epoch != alert.epoch:
            return Answer(Taken.ROSE, alert), None
        had = alert.in_hand
        if had is not None and had.by != by:
            return Answer(Taken.ANOTHER, alert), None
        after = alert.acknowledge(Acknowledgement(epoch, by, now, now + alert.policy.ack_lapse))
        self._put(slot, after)
        event = AlertEvent(now, Step.ACKNOWLEDGED, by, severity=alert.severity)
        taken = Taken.YES if had is None else Taken.LONGER
        return Answer(taken, after), Change(alert, after, (event,))

    def rehearse(self, reading: Reading, severity: Severity, now: datetime) -> Change:
        """Begin a drill: a made reading that goes the whole way, and that no snapshot changes.

        Raises `ValueError` where one of its subject is under way.
        """
        key = replace(reading.key, subject=f"drill/{reading.key.subject}")
        if key in self._slots:
            raise ValueError(f"a drill of {key.rule} is under way already: end it first")
        slot = self._slots[key] = Slot(Standing(severity))
        return self._begin(slot, replace(reading, key=key), severity, now, is_drill=True)

    def finish(self, alert_id: UUID, now: datetime) -> Change | None:
        """End a drill; None where there is none of this id."""
        slot = self._by_id.get(alert_id)
        if slot is None or slot.alert is None or not slot.alert.is_drill or not slot.alert.is_open:
            return None
        return self._finish(slot, Ended.CLEARED, now)

    def settle(self, alert: Alert, told: Iterable[Told]) -> None:
        """What was decided of one of them: the alert as it is to be, and what its targets have heard."""
        slot = self._by_id[alert.id]
        if heard := {one.target: one for one in told}:
            slot.told = {**slot.told, **heard}
        self._put(slot, alert)
        if not alert.is_open and all(one.severity is None for one in slot.told.values()):
            del self._by_id[alert.id]
            self._ended.append(alert)

    # ------------------------------------------------------------------------ inside

    def _adopt(self, stored: Open, now: datetime) -> None:
        alert = in_time(stored.alert, now)
        slot = self._by_id[alert.id] = Slot(Standing(alert.severity), alert, stored.told)
        if alert.is_open:
            self._slots[alert.key], self._open[alert.key] = slot, alert

    def _note(self, changes: list[Change], change: Change | None) -> None:
        if change is not None:
            changes.append(change)

    def _put(self, slot: Slot, alert: Alert) -> None:
        slot.alert = alert
        if alert.is_open:
            self._open[alert.key] = alert

    def _climbed(self, key: Key, slot: Slot, reading: Reading | None, now: datetime) -> Change | None:
        alert, severity = slot.alert, slot.standing.severity
        if alert is None:
            found = reading or slot.reading
            if severity is not None and found is not None:
                slot.reading = None
                return self._begin(slot, found, severity, now)
            slot.reading = found
            if slot.standing is GROUND:
                del self._slots[key]
            return None
        if reading is not None and reading.value is not None:
            read = replace(alert, reading=reading, read_at=now)
        else:
            read = alert
        if severity is None:
            slot.alert = read
            return self._finish(slot, Ended.CLEARED, now, before=alert)
        if severity is alert.severity:
            self._put(slot, read)
            return Change(alert, read) if read is not alert else None
        if severity.reaches(alert.severity):
            after, event = self._risen(read, severity, now)
        else:
            after = replace(read, severity=severity)
            event = AlertEvent(now, Step.FELL, reason=f"from {alert.severity}", severity=severity)
        self._put(slot, after)
        return Change(alert, after, (event,))

    def _begin(
        self, slot: Slot, reading: Reading, severity: Severity, now: datetime, *, is_drill: bool = False
    ) -> Change:
        self._last_number += 1
        alert = Alert(
            self._ids(),
            self._last_number,
            reading.key,
            severity,
            severity,
            1,
            now,
            now,
            reading,
            now,
            self._policies(reading.key, severity),
            begun(now),
            is_drill=is_drill,
        )
        self._by_id[alert.id] = slot
        self._put(slot, alert)
        return Change(None, alert, (AlertEvent(now, Step.FIRED, reason=reading.says, severity=severity),))

    def _risen(self, alert: Alert, severity: Severity, now: datetime) -> tuple[Alert, AlertEvent]:
        after = replace(
            alert,
            severity=severity,
            peak=severity if severity.reaches(alert.peak) else alert.peak,
            epoch=alert.epoch + 1,
            rose_at=now,
            policy=self._policies(alert.key, severity),
            progress=begun(now),
            acknowledged=None,
        )
        ack = alert.in_hand
        void = f"; the acknowledgement of {ack.by} counts no more" if ack is not None else ""
        return after, AlertEvent(now, Step.ROSE, reason=f"from {alert.severity}{void}", severity=severity)

    def _lapsed(self, slot: Slot, ack: Acknowledgement, now: datetime) -> Change:
        alert = slot.alert
        assert alert is not None
        after = replace(alert, acknowledged=None, progress=anew(now))
        self._put(slot, after)
        return Change(alert, after, (AlertEvent(now, Step.LAPSED, ack.by, severity=alert.severity),))

    def _end(self, key: Key, why: Ended, now: datetime) -> Change | None:
        slot = self._slots[key]
        if slot.alert is None:
            del self._slots[key]
            return None
        return None if slot.alert.is_drill else self._finish(slot, why, now)

    def _finish(self, slot: Slot, why: Ended, now: datetime, before: Alert | None = None) -> Change:
        alert = slot.alert
        assert alert is not None
        slot.alert = replace(alert, resolved_at=now, ended=why)
        del self._slots[alert.key], self._open[alert.key]
        return Change(
            before or alert, slot.alert, (AlertEvent(now, Step.RESOLVED, reason=why, severity=alert.severity),)
        )
