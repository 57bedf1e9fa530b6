"""What a rule is held to: its thresholds, how long until it counts, and how often it may be told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from alerts.severity import Severity

_NOW = timedelta()


@dataclass(frozen=True, slots=True)
class Band:
    """The thresholds of one metric."""

    #: `Reading.metric` names it.
    metric: str
    #: Whether large values are the bad ones: at a threshold and above it. Of small ones: below it.
    above: bool
    at: Mapping[Severity, float]


@dataclass(frozen=True, slots=True)
class Terms:
    """One rule's terms. The next are made by `alerts.amending.changed`."""

    rule: str
    bands: tuple[Band, ...] = ()
    on: bool = True
    #: How long it must be wrong before it counts (`for`).
    holds: timedelta = _NOW
    #: Hysteresis: a threshold is cleared once the value is past it by this fraction of it.
    clear: float = 0.0
    #: How long a value must be clear of a severity before the alert falls below it.
    dwell: timedelta = timedelta(minutes=1)
    #: How soon it may be told again within a severity; None: at every evaluation.
    throttles: Mapping[Severity, timedelta | None] = field(default_factory=lambda: MappingProxyType({}))
    #: Names of the rooms that are told; empty: all that receive alerts.
    rooms: tuple[str, ...] = ()

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Those that it knows, the least first."""
        known = {severity for band in self.bands for severity in band.at} | self.throttles.keys()
        return tuple(severity for severity in Severity if severity in known)

    def band(self, metric: str) -> Band | None:
        """The thresholds of this metric."""
        for band in self.bands:
            if band.metric == metric:
                return band
        return None

    def throttle(self, severity: Severity) -> timedelta | None:
        """How soon it may be told again at this severity; None: at every evaluation."""
        return self.throttles.get(severity)


#: The metric of what is or is not: 1 and 0.
YES_NO = "wrong"


def _below(metric: str, **at: float) -> Band:
    return Band(metric, False, _severities(at))


def _above(metric: str, **at: float) -> Band:
    return Band(metric, True, _severities(at))


def _is(severity: Severity) -> Band:
    return Band(YES_NO, True, MappingProxyType({severity: 1.0}))


def _severities(at: Mapping[str, float]) -> Mapping[Severity, float]:
    return MappingProxyType({Severity(name): value for name, value in at.items()})


def _every(**minutes: float | None) -> Mapping[Severity, timedelta | None]:
    """Throttles by severity, in minutes."""
    return MappingProxyType(
        {Severity(name): None if each is None else timedelta(minutes=each) for name, each in minutes.items()}
    )


def _defaults() -> Iterator[Terms]:
    """SPEC 7, in its order."""
    minute, short = timedelta(minutes=1), timedelta(seconds=30)
    yield Terms(
        "health_factor",
        (
            _below("health_factor", warning=0.20, critical=0.15, emergency=0.10),
            _below("margin_fraction", warning=0.10, critical=0.08, emergency=0.05),
        ),
        clear=0.05,
        throttles=_every(warning=5, critical=1, emergency=None),
    )
    yield Terms(
        "liquidation_distance",
        (_below("distance_pct", critical=10, emergency=5),),
        clear=0.05,
        throttles=_every(critical=1, emergency=None),
    )
    yield Terms(
        "funding_flip",
        (_below("net_funding_pct", warning=0),),
        dwell=5 * minute,
        throttles=_every(warning=5),
    )
    # A position that opens or is rebalanced has uneven legs for a moment.
    yield Terms("delta_drift", (_above("delta_pct", warning=0.5),), holds=short, clear=0.1, throttles=_every(warning=5))
    yield Terms(
        "lst_depeg",
        (_above("premium_pct", critical=5), _above("discount_pct", critical=2)),
        clear=0.05,
        throttles=_every(critical=None),
    )
    yield Terms(
        "profit_erosion",
        (_above("erosion_pct", warning=50, critical=80),),
        clear=0.05,
        throttles=_every(warning=5, critical=5),
    )
    yield Terms("divergence", (_above("divergence_pct", warning=1),), clear=0.1, throttles=_every(warning=5))
    yield Terms("circuit_breaker", (_is(Severity.CRITICAL),), dwell=_NOW, throttles=_every(critical=None))
    yield Terms(
        "daily_loss",
        (_above("loss_pct", warning=80, critical=100),),
        clear=0.05,
        throttles=_every(warning=5, critical=None),
    )
    yield Terms(
        "consecutive_failures",
        (_above("failures", warning=3, critical=5),),
        throttles=_every(warning=5, critical=5),
    )
    yield Terms("transaction_failure", (_above("failed", warning=1),), dwell=5 * minute, throttles=_every(warning=5))
    # Degraded is 1, down is 2: a venue that goes down is warned of, and critical, at once after `for`.
    yield Terms(
        "venue_down",
        (_above("stream", warning=1, critical=2),),
        holds=minute,
        dwell=short,
        throttles=_every(warning=1, critical=1),
    )
    yield Terms(
        "stale_data",
        (
            _above("snapshot_age", critical=15),
            _above("price_age", critical=30),
            _is(Severity.CRITICAL),
        ),
        dwell=short,
        throttles=_every(critical=1),
    )
    yield Terms("rebalance_pending", (_is(Severity.INFO),), holds=10 * minute, throttles=_every(info=60))
    # No rule reads it: it is a report that all is well, told by whoever holds the clock.
    yield Terms("heartbeat", throttles=_every(info=60))
    # The desk's own: no rule reads them either. This one is read where telling finds nobody.
    yield Terms("nobody_to_tell", (_is(Severity.CRITICAL),), dwell=_NOW, throttles=_every(critical=5))
    # Read by the auditor.
    yield Terms("watch_late", (_is(Severity.CRITICAL),), dwell=short, throttles=_every(critical=5))
    yield Terms(
        "delivery_old",
        (_above("delivery_age", warning=900), _above("urgent_age", critical=60)),
        dwell=short,
        throttles=_every(warning=15, critical=5),
    )


DEFAULTS: Mapping[str, Terms] = MappingProxyType({terms.rule: terms for terms in _defaults()})
