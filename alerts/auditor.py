"""Whether the watch does its work in time, judged from outside of it (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.durations import span
from alerts.escalation import due
from alerts.model import Alert, Key, Reading
from alerts.pulse import Pulse
from alerts.terms import YES_NO

#: The rules of the desk itself that this gives readings of.
WATCH_LATE, DELIVERY_OLD = "watch_late", "delivery_old"
#: The metrics of `delivery_old`, in seconds: of what is critical and up, and of all that is owed.
URGENT_AGE, AGE = "urgent_age", "delivery_age"

#: What time alone changes is looked at once a second.
TICK_WITHIN = timedelta(seconds=10)
#: A step that is due is told at the next look.
STEP_WITHIN = timedelta(seconds=10)
#: Facts are read as they come; all rules together have two seconds.
EVALUATE_WITHIN = timedelta(seconds=10)
#: From critical up. A platform that asks for a pause mostly asks for 30 s or less; twice that is no passing one, and
#: there is still time to mend it before the alert climbs to the second person at 2 min (SPEC 7).
URGENT_WITHIN_S = 60.0
#: All else. At 20 a minute a group is sent 300 messages in that time: the worst burst has gone out by then, so
#: whatever still waits is held up.
ANYTHING_WITHIN_S = 900.0


@dataclass(frozen=True, slots=True)
class LateStep:
    """Something of an alert that was due and was not done."""

    number: int
    what: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see of a watch at one moment."""

    pulse: Pulse
    alerts: tuple[Alert, ...]
    #: When what is next due by time alone is due.
    next_at: datetime | None
    #: Since when there have been facts that no rule has read since.
    unread_since: datetime | None = None
    #: What the pulse was at the look before.
    before: Pulse | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What a look came to. Each text says why something is not in time, and is empty where it is."""

    at: datetime
    evaluating: str = ""
    escalating: str = ""
    delivering: str = ""
    #: Whether facts wait to be read: of rules that took too long `stale_data` tells.
    is_unread: bool = False
    #: Whether time itself stands still for the alerts: nobody but the auditor can tell so.
    is_stuck: bool = False
    #: Another worker has taken over: what is late here is its business.
    is_over: bool = False
    late: tuple[LateStep, ...] = ()

    @property
    def troubles(self) -> tuple[str, ...]:
        """All that is not in time."""
        return tuple(one for one in (self.evaluating, self.escalating, self.delivering) if one)


def audit(seen: Seen, began_at: datetime, now: datetime) -> Audit:
    """Look at the watch, begun at `began_at` by the clock of `now`; what is owed is for `delivering` to say."""
    pulse = seen.pulse
    late = tuple(late_steps(seen.alerts, now))
    still = now - (pulse.ticked_at or began_at)
    is_stuck = still > TICK_WITHIN and not pulse.is_over
    return Audit(
        now,
        evaluating=_evaluating(seen, now),
        escalating=_escalating(seen, late, still, now),
        is_unread=_is_unread(seen, now),
        is_stuck=is_stuck,
        is_over=pulse.is_over,
        late=late,
    )


def late_steps(alerts: Iterable[Alert], now: datetime, within: timedelta = STEP_WITHIN) -> Iterable[LateStep]:
    """What has been due of these alerts for longer than `within`: steps of policies, the lapse of acknowledgements."""
    for alert in alerts:
        if not alert.is_open:
            continue
        ack = alert.in_hand
        if ack is not None:
            what, at = f"the acknowledgement of {ack.by} has not lapsed", ack.until
        else:
            # Asked for the moment up to which all was told, it gives the first that was not.
            next_at = due(alert.policy, alert.rose_at, alert.progress, alert.progress.until).next_at
            if next_at is None:
                continue
            what, at = "a step of its escalation was not told", next_at
        if now - at > within:
            yield LateStep(alert.number, what, at)


def delivering(audited: Audit, urgent_s: float | None, oldest_s: float | None) -> Audit:
    """The same with what is owed: how long the oldest has been; None where the database does not say."""
    if urgent_s is None or oldest_s is None:
        return replace(audited, delivering="it is not known what is owed: the database does not say")
    if urgent_s > URGENT_WITHIN_S:
        return replace(audited, delivering=f"an urgent message has been owed for {_span(urgent_s)}")
    if oldest_s > ANYTHING_WITHIN_S:
        return replace(audited, delivering=f"a message has been owed for {_span(oldest_s)}")
    return audited


def watch_reading(audited: Audit) -> Reading:
    """`watch_late`, for the engine; one that is stuck may not take it in."""
    troubles = [one for one in (audited.evaluating if audited.is_unread else "", audited.escalating) if one]
    says = "; ".join(troubles) or "the watch is in time"
    return Reading(Key(WATCH_LATE, ""), float(bool(troubles)), YES_NO, says=says)


def delivery_readings(platform: str, urgent_s: float, oldest_s: float) -> tuple[Reading, Reading]:
    """`delivery_old` of one platform: the worse counts."""
    key = Key(DELIVERY_OLD, "", platform)
    return (
        Reading(key, urgent_s, URGENT_AGE, says=f"an urgent message to {platform} has been owed for {_span(urgent_s)}"),
        Reading(key, oldest_s, AGE, says=f"a message to {platform} has been owed for {_span(oldest_s)}"),
    )


def _is_unread(seen: Seen, now: datetime) -> bool:
    return seen.unread_since is not None and now - seen.unread_since > EVALUATE_WITHIN


def _evaluating(seen: Seen, now: datetime) -> str:
    before, pulse = seen.before, seen.pulse
    if seen.unread_since is not None and _is_unread(seen, now):
        return f"no facts have been read for {span(now - seen.unread_since)}, and there are new ones"
    if before is not None and pulse.overran > before.overran:
        return "the rules over a bot took too long"
    if before is not None and pulse.broke > before.broke:
        return "the rules over a bot broke"
    return ""


def _escalating(seen: Seen, late: tuple[LateStep, ...], still: timedelta, now: datetime) -> str:
    if seen.pulse.is_over:
        return "another worker has taken over"
    if still > TICK_WITHIN:
        return f"nothing that is due has been looked at for {span(still)}"
    if seen.before is not None and seen.pulse.untold > seen.before.untold:
        return "an alert could not be decided or stored, and nobody was told of it: see the log"
    if late:
        first = min(late, key=lambda one: one.due_at)
        more = f", and {len(late) - 1} more" if len(late) > 1 else ""
        return f"alert {first.number}: {first.what} for {span(now - first.due_at)}{more}"
    if seen.next_at is not None and now - seen.next_at > STEP_WITHIN:
        return f"something has been due for {span(now - seen.next_at)}"
    return ""


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))
