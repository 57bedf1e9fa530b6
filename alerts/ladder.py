"""From readings and time to a severity: up at once, down slowly (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf, isnan
from types import MappingProxyType
from typing import NamedTuple

from alerts.model import Key, Reading
from alerts.severity import Severity
from alerts.terms import Band, Terms

#: What lies between two readings counts for at most this long: nobody looked in between.
SEEN = timedelta(seconds=15)
_NOW = timedelta()
_RANK = {severity: severity.rank for severity in Severity}
Lengths = Mapping[Severity, timedelta]
_NONE: Lengths = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one subject stands on the ladder of one rule.

    After a restart `Standing(severity)` of the alert that was stored: `for` and dwell are counted anew.
    """

    severity: Severity | None = None
    #: For how long each severity above has been reached, that `for` still holds back.
    rising: Lengths = field(default_factory=lambda: _NONE)
    #: For how long the value has been clear of each severity that it stands on.
    falling: Lengths = field(default_factory=lambda: _NONE)
    #: When it was last looked at; and when last with a value.
    at: datetime | None = None
    read_at: datetime | None = None
    #: The highest that the last value reached, and that it is not clear of.
    reached: Severity | None = None
    held: Severity | None = None


#: Of what was never wrong.
GROUND = Standing()


def climb(standing: Standing, reading: Reading | None, terms: Terms, now: datetime) -> Standing:
    """The standing after a reading; without one (or one without a value) after time alone.

    Up: the highest severity reached, as soon as it has lasted for `for`. Time alone may do that: the last word stands.
    Down: never by time alone. Below each severity once values have been clear of it, beyond `clear`, for `dwell`.
    Between two readings at most `SEEN` counts, and nothing where the clock went back, so that neither a clock that is
    set nor an hour without readings makes a fall. Between two looks the same counts for `for`.
    """
    value = None if reading is None else reading.value
    if reading is None or value is None or isnan(value):
        if not standing.rising:
            return standing
        reached, held, falling, read_at = standing.reached, standing.held, standing.falling, standing.read_at
    else:
        reached, held = _grade(reading, value, terms)
        # Nearly every reading is of something that was well and is.
        if held is None and standing.severity is None:
            return GROUND
        falling, read_at = _falling(standing, held, terms, now), now
    rising = _rising(standing, reached, held, now)
    severity = standing.severity
    if falling and severity is not None:
        severity = _down(severity, falling, terms)
    risen = [one for one, lasted in rising.items() if lasted >= terms.holds and _rank(one) <= _rank(reached)]
    severity = max((severity, *risen), key=_rank)
    if severity is None and not rising:
        return GROUND
    return Standing(
        severity,
        MappingProxyType({one: lasted for one, lasted in rising.items() if _rank(one) > _rank(severity)}),
        MappingProxyType({one: lasted for one, lasted in falling.items() if _rank(one) <= _rank(severity)}),
        now,
        read_at,
        reached,
        held,
    )


def worst(readings: Iterable[Reading], terms: Mapping[str, Terms]) -> list[Reading]:
    """One reading for each key: of several (two legs on one venue, two metrics of a leg) the worst by its terms."""
    found: dict[Key, Reading] = {}
    for reading in readings:
        key = reading.key
        other = found.setdefault(key, reading)
        if other is not reading:
            found[key] = max(other, reading, key=lambda one: _badness(one, terms))
    return list(found.values())


class Limit(NamedTuple):
    """On the good side of it a value is clear of every severity."""

    above: bool
    value: float


def limits(terms: Terms) -> dict[str, Limit]:
    """By metric; at the limit itself of an `above` one a value is not clear."""
    return {
        band.metric: Limit(
            band.above,
            min((at - terms.clear * abs(at) for at in band.at.values()), default=inf)
            if band.above
            else max((at + terms.clear * abs(at) for at in band.at.values()), default=-inf),
        )
        for band in terms.bands
    }


def _badness(reading: Reading, terms: Mapping[str, Terms]) -> tuple[int, int, float]:
    known = terms.get(reading.key.rule)
    if reading.value is None or isnan(reading.value) or known is None:
        return (-2, -2, -inf)
    reached, held = _grade(reading, reading.value, known)
    return (_rank(reached), _rank(held), _depth(reading.value, known.band(reading.metric)))


def _depth(value: float, band: Band | None) -> float:
    """How far past its thresholds, as a fraction of the first."""
    at = next(iter(band.at.values()), 0.0) if band is not None else 0.0
    if band is None or not at:
        return 0.0
    return (value - at if band.above else at - value) / abs(at)


def _rank(severity: Severity | None) -> int:
    return -1 if severity is None else _RANK[severity]


def _grade(reading: Reading, value: float, terms: Terms) -> tuple[Severity | None, Severity | None]:
    """The highest severity that is reached, and the highest that the value is not clear of."""
    band = terms.band(reading.metric)
    reached = held = None
    if band is None:
        return None, None
    above = band.above
    for severity, at in band.at.items():
        margin = terms.clear * abs(at)
        if value >= at if above else value < at:
            if _rank(severity) > _rank(reached):
                reached = severity
        elif not (value > at - margin if above else value < at + margin):
            continue
        if _rank(severity) > _rank(held):
            held = severity
    return reached, held


def _since(before: datetime | None, now: datetime) -> timedelta:
    """What counts of the time that has gone by."""
    return _NOW if before is None else min(max(now - before, _NOW), SEEN)


def _falling(standing: Standing, held: Severity | None, terms: Terms, now: datetime) -> Lengths:
    """Clear of what the value is above; it begins with the first such reading."""
    if standing.severity is None:
        return _NONE
    gone = _since(standing.read_at, now)
    return {
        one: standing.falling[one] + gone if one in standing.falling else _NOW
        for one in Severity
        if _rank(held) < _rank(one) <= _rank(standing.severity)
    }


def _down(severity: Severity, falling: Lengths, terms: Terms) -> Severity | None:
    """The highest that it has not been clear of for long enough."""
    left = [one for one in Severity if _rank(one) <= _rank(severity) and falling.get(one, -SEEN) < terms.dwell]
    return left[-1] if left else None


def _rising(standing: Standing, reached: Severity | None, held: Severity | None, now: datetime) -> Lengths:
    """A severity begins when it is reached and ends when it is cleared: what swings round a threshold counts on."""
    gone = _since(standing.at, now)
    return {
        one: standing.rising[one] + gone if one in standing.rising else _NOW
        for one in Severity
        if _rank(one) > _rank(standing.severity)
        and (_rank(one) <= _rank(reached) or (one in standing.rising and _rank(one) <= _rank(held)))
    }
