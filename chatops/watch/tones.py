"""From which figure on a thing is bad: the thresholds of the alert rules (SPEC 7)."""

from decimal import Decimal

from bot_integration import Health, Outcome, PositionStage, Stream
from chatops.watch.cells import Tone

#: Warning, critical, emergency: below these.
_HEALTH_FACTOR = (0.20, 0.15, 0.10)
_MARGIN_FRACTION = (0.10, 0.08, 0.05)
#: In % of the mark price; the rule has no warning.
_DISTANCE_PCT = (15.0, 10.0, 5.0)

OF_HEALTH = {Health.OK: Tone.GOOD, Health.DEGRADED: Tone.WARN, Health.DOWN: Tone.ALARM}
OF_STREAM = {
    Stream.CONNECTED: Tone.GOOD,
    Stream.POLL_ONLY: Tone.WARN,
    Stream.DEGRADED: Tone.WARN,
    Stream.DOWN: Tone.BAD,
}
OF_STAGE = {PositionStage.OPEN: Tone.DIM}
OF_OUTCOME = {
    Outcome.DONE: Tone.GOOD,
    Outcome.PARTIAL: Tone.ALARM,
    Outcome.REFUSED: Tone.WARN,
    Outcome.FAILED: Tone.BAD,
    Outcome.UNKNOWN: Tone.ALARM,
}


def of_health_factor(value: float | None) -> Tone:
    """Of a borrowed leg."""
    return _below(value, _HEALTH_FACTOR)


def of_margin_fraction(value: float | None) -> Tone:
    """Of a margined leg."""
    return _below(value, _MARGIN_FRACTION)


def of_distance(value: float | None) -> Tone:
    """Of the way to the liquidation price."""
    return _below(value, _DISTANCE_PCT)


def of_change(amount: Decimal | None) -> Tone:
    """Of money won or lost."""
    if not amount:
        return Tone.DIM
    return Tone.GOOD if amount > 0 else Tone.BAD


def _below(value: float | None, steps: tuple[float, float, float]) -> Tone:
    if value is None:
        return Tone.DIM
    warning, critical, emergency = steps
    if value < emergency:
        return Tone.ALARM
    if value < critical:
        return Tone.BAD
    return Tone.WARN if value < warning else Tone.PLAIN
