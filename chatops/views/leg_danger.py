"""How near to liquidation the legs of one position came: what the picture under the ladder is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from alerts.terms import Terms
from bot_integration import Position
from chatops.alert_record import Rang
from chatops.charts.facts import Alarm, Danger
from chatops.charts.series import Reach, Series
from chatops.history.resolution import resolution
from chatops.history.rows import Measured, Metric
from chatops.money.facts import Gap
from chatops.money.spans import Span
from chatops.views.ladder import thresholds

#: Whose alerts stand beside these figures.
_RULES = ("health_factor", "liquidation_distance")
#: So many steps without a measurement are a time in which nothing is known.
_GAP = 3


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of a position's legs, and what rang."""

    #: By metric, venue and instrument.
    legs: Mapping[tuple[Metric, str, str], tuple[Measured, ...]]
    rang: tuple[Rang, ...] = ()


def danger(position: Position, at: datetime, read: Measures, terms: Mapping[str, Terms], span: Span) -> Danger:
    """A line for each leg that its venue tells a figure of: the lowest of each minute, since that is the danger.

    It ends in what the position, which is of the moment `at`, says itself: the picture and the words beside it agree.
    """
    return Danger(
        position.id,
        Reach.of(span, _gaps(read, span)),
        _lines(position, at, read, Metric.HEALTH_FACTOR),
        _lines(position, at, read, Metric.MARGIN_FRACTION),
        thresholds(terms, "health_factor"),
        thresholds(terms, "margin_fraction"),
        tuple(Alarm(one.at.timestamp(), one.severity, one.rule) for one in read.rang if one.rule in _RULES),
    )


def _gaps(read: Measures, span: Span) -> list[Gap]:
    """The times in which no leg was measured, since it was first."""
    measured = sorted({one.at for found in read.legs.values() for one in found})
    longest = _GAP * resolution(span).step
    return [Gap("", before, after) for before, after in pairwise(measured) if after - before > longest]


def _lines(position: Position, at: datetime, read: Measures, metric: Metric) -> tuple[Series, ...]:
    several = len({leg.venue for leg in position.legs}) < len(position.legs)
    lines = []
    for leg in position.legs:
        found = read.legs.get((metric, leg.venue, leg.instrument))
        if found:
            now = leg.health_factor if metric is Metric.HEALTH_FACTOR else leg.margin_fraction
            name = f"{leg.venue} {leg.instrument}" if several else leg.venue
            lines.append(Series.of(name, [*((one.at, one.minimum) for one in found if one.at < at), (at, now)]))
    return tuple(lines)
