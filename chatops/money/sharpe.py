"""What was made for the risk that was taken."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from zoneinfo import ZoneInfo

from chatops.money.equity import ONE, Point
from chatops.money.spans import Span, day, days

#: Days of trading in a year: these markets never close.
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Sharpe:
    """A Sharpe ratio, with of how many days it is: of a few it says little."""

    #: A year's. None with fewer than two days, and where all days were alike.
    ratio: float | None
    days: int


def sharpe(points: Sequence[Point], span: Span, zone: ZoneInfo) -> Sharpe:
    """The ratio of the days of a zone that lie whole in a span.

    Mean daily return over its standard deviation (of a sample: n - 1), times the root of 365, against cash that earns
    nothing: the ex post ratio of Sharpe 1994, "The Sharpe Ratio", Journal of Portfolio Management 21, 49-58. The root
    takes days as independent of each other; Lo 2002, "The Statistics of Sharpe Ratios", says what that hides.
    """
    returns = daily_returns(points, span, zone)
    if len(returns) < 2:
        return Sharpe(None, len(returns))
    spread = stdev(returns)
    # Equal days differ by what floats leave of them.
    if spread <= 1e-12:
        return Sharpe(None, len(returns))
    return Sharpe(fmean(returns) / spread * sqrt(DAYS_A_YEAR), len(returns))


def daily_returns(points: Sequence[Point], span: Span, zone: ZoneInfo) -> list[float]:
    """The returns of a unit over each whole day, oldest first.

    A day without a point has none: what happened meanwhile is of the next day that has one. A day of a change of the
    clock is a day, and so is the one on which the curve began.
    """
    parts = list(days(span, zone))
    # Those between the first and the last are whole.
    whole = [part for name, part in parts if part not in {parts[0][1], parts[-1][1]} or part == day(name, zone)]
    moments = [point.at for point in points]
    returns = []
    for part in whole:
        first, following = bisect_left(moments, part.start), bisect_left(moments, part.end)
        before = points[first - 1].unit if first else ONE
        # Of a unit that has lost everything there are no returns any more.
        if first < following and before:
            returns.append(float(points[following - 1].unit / before - 1))
    return returns
