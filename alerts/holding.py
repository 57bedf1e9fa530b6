"""What holds back telling of an alert: a silence, or another alert of the same leg (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.model import Alert, Key
from alerts.silence import Silence, covering

#: By rule, the rule that says the same of the same subject, and says it better.
_SAID_BETTER: Mapping[str, str] = {"liquidation_distance": "health_factor"}


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is told aloud."""

    reason: str
    #: When it ends by itself, where that is known.
    until: datetime | None = None
    #: Whether somebody asked for it.
    is_asked: bool = False


def holds(alert: Alert, silences: Iterable[Silence], alerts: Mapping[Key, Alert], now: datetime) -> Hold | None:
    """What holds it back now; `alerts` are those that are open."""
    silence = covering(silences, alert, now)
    if silence is not None:
        return Hold(f"silence {silence.number} of {silence.by}", silence.ends_at(alert), is_asked=True)
    better = _SAID_BETTER.get(alert.key.rule)
    other = alerts.get(replace(alert.key, rule=better)) if better is not None else None
    if other is None or other.is_drill or not other.is_open or not other.severity.reaches(alert.severity):
        return None
    return Hold(f"alert {other.number}, {other.key.rule}, says it")


def held_by(key: Key) -> tuple[Key, ...]:
    """What an alert of this key may hold back."""
    return tuple(replace(key, rule=rule) for rule, better in _SAID_BETTER.items() if better == key.rule)
