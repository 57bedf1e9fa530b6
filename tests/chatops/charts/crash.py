"""Facts that pictures of the documents are drawn of: what the paper bot saw in August 2023, the crash in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from alerts.severity import Severity
from bot_integration import Leg, Snapshot
from bot_integration.paper import PaperBot, PaperSettings, ReplayMarket
from chatops.charts.facts import Alarm, Daily, Danger, Day, Equity
from chatops.charts.series import Reach, Series
from chatops.money.books import Books
from chatops.money.equity import curve
from chatops.money.facts import Sample
from chatops.money.spans import Span
from tests.material import market_file

MONTH = Span(datetime(2023, 8, 1, tzinfo=UTC), datetime(2023, 9, 1, tzinfo=UTC))
CRASH = Span(datetime(2023, 8, 16, tzinfo=UTC), datetime(2023, 8, 20, tzinfo=UTC))
POSITION = "ETH-1"
#: Seconds of the market in one of the bot's, and how many of those lie between two looks at it: an hour.
_SPEED, _STEP_S = 60.0, 60.0
_DAY = timedelta(days=1)
#: As they are without settings (`alerts.terms`).
_HEALTH = ((Severity.WARNING, 0.20), (Severity.CRITICAL, 0.15), (Severity.EMERGENCY, 0.10))
_MARGIN = ((Severity.WARNING, 0.10), (Severity.CRITICAL, 0.08), (Severity.EMERGENCY, 0.05))


@dataclass(frozen=True, slots=True)
class Seen:
    """What the bot said, and when it was on its market."""

    at: datetime
    snapshot: Snapshot


def seen() -> tuple[Seen, ...]:
    """The month, an hour at a time."""
    return tuple(_played())


def equity(month: tuple[Seen, ...]) -> Equity:
    """Of the whole bot."""
    return Equity.of("paper", MONTH, curve(Books(samples=_samples(month)), MONTH))


def daily(month: tuple[Seen, ...]) -> Daily:
    """What each day made, deposits taken out: the difference between its ends."""
    made = {one.at: float(one.made) for one in _samples(month)}
    bars = []
    begins, before = MONTH.start, 0.0
    while begins < MONTH.end:
        ends = begins + _DAY
        last = made[max(at for at in made if at <= ends)]
        bars.append(Day(begins.timestamp(), ends.timestamp(), last - before))
        begins, before = ends, last
    return Daily("paper", "day", tuple(bars))


def danger(month: tuple[Seen, ...]) -> Danger:
    """The position that the crash came nearest to, with an alert at each threshold where it was crossed first."""
    looks = [(one.at, one.snapshot.position(POSITION)) for one in month if CRASH.start <= one.at <= CRASH.end]
    legs = [(at, leg) for at, position in looks if position is not None for leg in position.legs]
    health = [(at, leg) for at, leg in legs if leg.health_factor is not None]
    margin = [(at, leg) for at, leg in legs if leg.margin_fraction is not None]
    factors = Series.of(_name(health[0][1]), ((at, leg.health_factor) for at, leg in health))
    alarms = []
    for severity, threshold in _HEALTH:
        below = [at for at, value in zip(factors.at, factors.values, strict=True) if value < threshold]
        alarms += [Alarm(below[0], severity, "health_factor")] if below else []
    return Danger(
        f"paper {POSITION}",
        Reach.of(CRASH),
        (factors,),
        (Series.of(_name(margin[0][1]), ((at, leg.margin_fraction) for at, leg in margin)),),
        _HEALTH,
        _MARGIN,
        tuple(alarms),
    )


def _name(leg: Leg) -> str:
    return f"{leg.venue} {leg.side.value}"


def _samples(month: tuple[Seen, ...]) -> tuple[Sample, ...]:
    return tuple(
        Sample(one.at, "paper", one.snapshot.portfolio.equity, deposits=_deposits(one.snapshot)) for one in month
    )


def _deposits(snapshot: Snapshot) -> Decimal:
    return snapshot.portfolio.equity - snapshot.portfolio.pnl.total


def _played() -> Iterator[Seen]:
    market = ReplayMarket.read(market_file(), MONTH.start)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    paper = PaperBot("paper", market, now=lambda: now, speed=_SPEED, settings=PaperSettings(), sleep=_at_once)
    paper.tick(0)
    while True:
        snapshot = paper.controller.snapshot()
        assert snapshot is not None
        yield Seen(market.step.at, snapshot)
        if market.step.at >= MONTH.end:
            return
        now += timedelta(seconds=_STEP_S)
        paper.tick(_STEP_S)


async def _at_once(seconds: float) -> None:
    """Orders take no time."""
