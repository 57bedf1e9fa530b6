"""What Prometheus reads at /metrics: what is owed, whether the platforms and the database answer, the process."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from chatops.alert_figures import AlertFigures
from chatops.fleet import Fleet
from chatops.health import Page
from chatops.link import Connected, Link
from chatops.owed import Kind, Lane, Owed, State
from chatops.probes import AskWaiting
from chatops.storage.delivery_facts import Waiting, oldest_s
from chatops.storage.errors import StorageError

#: In which a delivery ends.
ENDS = (State.SENT, State.FOLDED, State.AMBIGUOUS, State.DEAD)


class Counts(Collector):
    """Counts what this process has delivered. Whoever delivers is handed `ended`, and knows nothing of Prometheus."""

    def __init__(self, platforms: Iterable[str]) -> None:
        # From zero on, so that the first one shows as a rise.
        self._ended = Counter({(platform, kind, state): 0 for platform in platforms for kind in Kind for state in ENDS})

    def ended(self, owed: Owed, state: State) -> None:
        """A delivery has come to this state, and stays in it."""
        self._ended[owed.room.platform, owed.kind, state] += 1

    def collect(self) -> Iterator[Metric]:
        """As Prometheus has it."""
        total = CounterMetricFamily(
            "quarterdeck_deliveries",
            "Deliveries that this process sent, folded or gave up; not those that a stop had left in the middle.",
            labels=("platform", "kind", "state"),
        )
        for labels, count in sorted(self._ended.items()):
            total.add_metric(labels, count)
        yield total


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so at one moment."""

    #: None while the database does not say.
    waiting: Sequence[Waiting] | None
    #: By platform.
    up: Mapping[str, bool]
    #: By bot; nothing of one that was never heard.
    ages_s: Mapping[str, float]
    #: None where nobody watches for alerts.
    alerts: AlertFigures | None = None


class Metrics:
    """The page that is scraped.

    `ask` is the one question to the database that a scrape costs; `links` gives how each platform is. While the
    database is away the page comes without what only that knows.
    """

    def __init__(
        self,
        ask: AskWaiting,
        counts: Counts,
        links: Callable[[], Mapping[str, Link]],
        fleet: Fleet,
        now: Callable[[], datetime],
        *,
        alerts: Callable[[], AlertFigures | None] = lambda: None,
    ) -> None:
        self._ask = ask
        self._alerts = alerts
        self._links = links
        self._fleet = fleet
        self._now = now
        self._moment = _Moment(Facts(None, {}, {}))
        # Of its own: two desks in one process have nothing in common.
        self._registry = CollectorRegistry()
        self._registry.register(counts)
        self._registry.register(self._moment)
        ProcessCollector(registry=self._registry)

    async def __call__(self) -> Page:
        """The page as it is now."""
        try:
            waiting = await self._ask()
        except (StorageError, TimeoutError):
            waiting = None
        now = self._now()
        self._moment.facts = Facts(
            waiting,
            {platform: isinstance(link, Connected) for platform, link in self._links().items()},
            {
                bot.name: max((now - snapshot.at).total_seconds(), 0.0)
                for bot, snapshot in self._fleet.snapshots()
                if snapshot is not None
            },
            self._alerts(),
        )
        return Page(generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4)


class _Moment(Collector):
    """The facts of the scrape that is under way."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def collect(self) -> Iterator[Metric]:
        facts = self.facts
        yield GaugeMetricFamily(
            "quarterdeck_database_up", "Whether PostgreSQL answers.", value=float(facts.waiting is not None)
        )
        yield _gauge(
            "quarterdeck_platform_up",
            "Whether the platform answers.",
            ("platform",),
            [((platform,), float(up)) for platform, up in facts.up.items()],
        )
        yield _gauge(
            "quarterdeck_bot_facts_age_seconds",
            "Age of the newest facts of the bot.",
            ("bot",),
            [((bot,), age_s) for bot, age_s in facts.ages_s.items()],
        )
        if facts.alerts is not None:
            yield from _alerts(facts.alerts)
        if facts.waiting is not None:
            yield from _backlog(facts.waiting, facts.up)


def _backlog(waiting: Sequence[Waiting], platforms: Iterable[str]) -> Iterator[Metric]:
    # A zero for each, so that what is over goes down and does not vanish.
    known = sorted({*platforms, *(one.platform for one in waiting)})
    counts = {(platform, lane.name.lower()): 0.0 for platform in known for lane in Lane}
    for one in waiting:
        counts[one.platform, one.lane.name.lower()] += one.count
    oldest = {(platform,): oldest_s([one for one in waiting if one.platform == platform]) for platform in known}
    yield _gauge(
        "quarterdeck_deliveries_pending", "Deliveries that are yet to go out.", ("platform", "lane"), counts.items()
    )
    yield _gauge(
        "quarterdeck_deliveries_oldest_pending_seconds",
        "For how long the oldest delivery has been owed that is yet to go out.",
        ("platform",),
        oldest.items(),
    )


def _alerts(figures: AlertFigures) -> Iterator[Metric]:
    yield _gauge(
        "quarterdeck_alerts_open",
        "Alerts that stand, drills left out.",
        ("severity",),
        [((str(severity),), float(count)) for severity, count in figures.open.items()],
    )
    yield GaugeMetricFamily(
        "quarterdeck_alert_steps_late",
        "Steps of alerts that were due and are not done.",
        value=float(figures.late_steps),
    )
    ages = (("evaluation", figures.evaluated_s), ("tick", figures.ticked_s), ("audit", figures.audited_s))
    yield _gauge(
        "quarterdeck_alerts_age_seconds",
        "How long ago facts were last read by every rule, time was looked at, and both were audited.",
        ("of",),
        [((of,), age_s) for of, age_s in ages if age_s is not None],
    )


def _gauge(
    name: str, help_: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, help_, labels=labels)
    for key, value in values:
        gauge.add_metric(key, value)
    return gauge
