"""What each picture is drawn from, in floats; moments are seconds since 1970 (UTC), and what is not known is NaN."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan

from alerts.severity import Severity
from chatops.charts.series import Reach, Series, number
from chatops.charts.thinning import thinned
from chatops.money.daily import Bar
from chatops.money.equity import Point
from chatops.money.facts import Gap
from chatops.money.parts import Parts
from chatops.money.spans import Span

HOURS_A_YEAR = 8_760


@dataclass(frozen=True, slots=True)
class Equity:
    """What was made, deposits taken out, with its high-water mark and its drawdown."""

    #: Whose: a bot's name, or that of all.
    subject: str
    reach: Reach
    made: Series
    high_water: Series
    #: In percent below the peak, 0 or negative.
    drawdown: Series
    #: What there is at the end, deposits included.
    equity: float = nan

    @classmethod
    def of(cls, subject: str, span: Span, points: Sequence[Point], gaps: Iterable[Gap] = ()) -> "Equity":
        """The points of `money.equity.curve`, which are in order. Of many it takes a while: not in the loop."""
        points = thinned(points)
        at = tuple(one.at.timestamp() for one in points)
        return cls(
            subject,
            Reach.of(span, gaps),
            Series("made", at, tuple(number(one.made) for one in points)),
            Series("high water", at, tuple(number(one.high_water) for one in points)),
            Series("drawdown", at, tuple(number(-100 * one.drawdown) for one in points)),
            number(points[-1].equity) if points else nan,
        )


@dataclass(frozen=True, slots=True)
class Day:
    """One bar."""

    start: float
    end: float
    #: NaN before anything is known.
    total: float
    #: For how many seconds some bot was not seen.
    down_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Daily:
    """What each day, week or month made."""

    subject: str
    #: "day", "week" or "month".
    step: str
    days: tuple[Day, ...]

    @classmethod
    def of(cls, subject: str, bars: Iterable[Bar], step: str = "day") -> "Daily":
        """The bars of `money.daily.bars`."""
        return cls(
            subject,
            step,
            tuple(
                Day(
                    one.span.start.timestamp(),
                    one.span.end.timestamp(),
                    number(None if one.parts is None else one.parts.total),
                    one.down.total_seconds(),
                )
                for one in bars
            ),
        )


@dataclass(frozen=True, slots=True)
class Share:
    """What one lane (asset, venue, strategy) made, with fees as what they take: negative."""

    name: str
    realized: float
    unrealized: float
    funding: float
    fees: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.realized + self.unrealized + self.funding + self.fees


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose doing a profit was."""

    subject: str
    #: What they are told apart by: "lane".
    by: str
    reach: Reach
    shares: tuple[Share, ...]

    @classmethod
    def of(cls, subject: str, by: str, span: Span, parts: Mapping[str, Parts]) -> "Attribution":
        """What `money.attribution.attributed` says, the best first; the empty name is called "other"."""
        shares = [
            Share(name or "other", number(one.realized), number(one.unrealized), number(one.funding), -number(one.fees))
            for name, one in parts.items()
        ]
        return cls(subject, by, Reach.of(span), tuple(sorted(shares, key=_best)))


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert that was told: when, how severe, and of what: "health_factor"."""

    at: float
    severity: Severity
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Danger:
    """How near to liquidation the legs of a position came."""

    subject: str
    reach: Reach
    #: One a leg, named for it.
    health_factors: tuple[Series, ...] = ()
    margin_fractions: tuple[Series, ...] = ()
    #: Below which there is an alert, by severity.
    health_thresholds: tuple[tuple[Severity, float], ...] = ()
    margin_thresholds: tuple[tuple[Severity, float], ...] = ()
    alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True, slots=True)
class FundingRates:
    """What the venues' funding rates of one asset were, in percent a year, so that venues compare."""

    asset: str
    reach: Reach
    #: One a venue.
    rates: tuple[Series, ...]

    @staticmethod
    def yearly(rate: float, interval_hours: float) -> float:
        """A rate of one interval as percent a year, not compounded."""
        return 100 * rate * HOURS_A_YEAR / interval_hours if interval_hours > 0 else nan


@dataclass(frozen=True, slots=True)
class Held:
    """What is held on one venue: notional, both positive, and the balance there (NaN where it is not known)."""

    venue: str
    long: float
    short: float
    balance: float = nan


@dataclass(frozen=True, slots=True)
class Exposure:
    """What is held where, at one moment."""

    subject: str
    at: float
    held: tuple[Held, ...]


Facts = Equity | Daily | Attribution | Danger | FundingRates | Exposure


def _best(share: Share) -> tuple[float, str]:
    total = share.total
    return (inf if isnan(total) else -total, share.name)
