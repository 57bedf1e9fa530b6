"""An alert as JSON values, for programs that are told of it (pure)."""

from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from alerts.model import Alert


def alert_facts(alert: Alert) -> Mapping[str, Any]:
    """What a webhook says of it; `docs/alerts.md` names every key. Moments are RFC 3339, in UTC."""
    reading, ack = alert.reading, alert.in_hand
    return {
        "id": str(alert.id),
        "number": alert.number,
        "version": alert.version,
        "state": "resolved" if not alert.is_open else "open" if ack is None else "acknowledged",
        "rule": alert.key.rule,
        "bot": alert.key.bot,
        "subject": alert.key.subject,
        "severity": str(alert.severity),
        "peak": str(alert.peak),
        "epoch": alert.epoch,
        "drill": alert.is_drill,
        "began_at": _moment(alert.began_at),
        "rose_at": _moment(alert.rose_at),
        "read_at": _moment(alert.read_at),
        "resolved_at": _moment(alert.resolved_at),
        "ended": alert.ended and str(alert.ended),
        "acknowledged_by": ack and ack.by,
        "acknowledged_until": _moment(ack.until) if ack else None,
        "says": reading.says,
        "value": _number(reading.value),
        "metric": reading.metric,
        "room": _number(reading.room),
        "position": reading.position,
        "figures": {figure.label: figure.text for figure in reading.figures},
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _number(value: float | None) -> float | None:
    """JSON knows neither infinity nor what is no number."""
    return value if value is not None and isfinite(value) else None
