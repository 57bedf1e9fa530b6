"""Alerts and their steps, for the stories of what stores them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alerts.model import (
    Acknowledgement,
    Advance,
    Alert,
    AlertEvent,
    Ended,
    Figure,
    Form,
    Key,
    Reading,
    Step,
    Target,
    TargetKind,
    Telling,
    Told,
)
from alerts.policy import Progress, usual
from alerts.severity import Severity
from chatops.ids import uuid7
from tests.chatops.storage.owing import NOON

OPS, ADA = Target(TargetKind.ROOM, "ops"), Target(TargetKind.PERSON, "ada")
MINUTE = timedelta(minutes=1)


def fires(
    subject: str = "SOL-1/bybit",
    severity: Severity = Severity.WARNING,
    *,
    number: int = 1,
    at: datetime = NOON,
    tells: Sequence[Target] = (OPS,),
    **more: Any,
) -> Advance:
    """The first step of an alert of a leg."""
    key = Key("health_factor", "alpha", subject)
    alert = Alert(
        id=uuid7(),
        number=number,
        key=key,
        severity=severity,
        peak=severity,
        epoch=1,
        began_at=at,
        rose_at=at,
        reading=Reading(key, 0.148, "health_factor", 0.062, "SOL-1", "HF 0.148 on bybit", (Figure("HF", "0.148"),)),
        read_at=at,
        policy=usual(severity),
        progress=Progress(at),
        version=1,
    )
    alert = replace(alert, **more)
    return Advance(
        alert,
        0,
        (AlertEvent(at, Step.FIRED, severity=severity),),
        *_tell(alert, at, tells, Form.CARD, "fired"),
    )


def rises(alert: Alert, to: Severity, at: datetime, tells: Sequence[Target] = (OPS,)) -> Advance:
    """It becomes worse."""
    worse = replace(
        alert,
        severity=to,
        peak=to,
        epoch=alert.epoch + 1,
        rose_at=at,
        read_at=at,
        policy=usual(to),
        progress=Progress(at),
        version=alert.version + 1,
    )
    event = AlertEvent(at, Step.ROSE, reason=f"{alert.severity} → {to}", severity=to)
    return Advance(worse, alert.version, (event,), *_tell(worse, at, tells, Form.PING, "rose"))


def falls(alert: Alert, to: Severity, at: datetime, tells: Sequence[Target] = (OPS,)) -> Advance:
    """It becomes less bad."""
    better = replace(alert, severity=to, read_at=at, version=alert.version + 1)
    event = AlertEvent(at, Step.FELL, severity=to)
    return Advance(better, alert.version, (event,), *_tell(better, at, tells, Form.EDIT, "fell"))


def acknowledged(alert: Alert, by: str, at: datetime) -> Advance:
    """Somebody has it in hand."""
    ack = Acknowledgement(alert.epoch, by, at, at + alert.policy.ack_lapse)
    taken = replace(alert.acknowledge(ack), version=alert.version + 1)
    return Advance(taken, alert.version, (AlertEvent(at, Step.ACKNOWLEDGED, by),))


def resolves(alert: Alert, at: datetime, tells: Sequence[Target] = (OPS,)) -> Advance:
    """It is over."""
    over = replace(alert, resolved_at=at, ended=Ended.CLEARED, version=alert.version + 1)
    event = AlertEvent(at, Step.RESOLVED, reason="cleared")
    return Advance(over, alert.version, (event,), *_tell(over, at, tells, Form.RESOLVED, "resolved"))


def _tell(
    alert: Alert, at: datetime, tells: Sequence[Target], form: Form, why: str
) -> tuple[tuple[Telling, ...], tuple[Told, ...]]:
    said = alert.severity if alert.is_open else None
    return (
        tuple(Telling(target, form, why, f"{why} for a reason") for target in tells),
        tuple(Told(target, alert.epoch, said, at, alert.reading.room) for target in tells),
    )
