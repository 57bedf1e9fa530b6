"""Which way the room to liquidation has gone of late, in a few numbers a leg (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from types import MappingProxyType

#: What is as old as this counts e times less. The last five minutes are all but all of it, and what began in them shows
#: in one or two.
FADES = timedelta(minutes=1)
#: Nothing is said of a shorter time.
ENOUGH = timedelta(seconds=30)
#: What comes sooner after the last is left out: it would cost more than it tells.
EACH = timedelta(seconds=2)
#: Farther ahead than this nothing is told from the slope of five minutes.
FORESEEN = timedelta(days=1)
#: A gap longer than this begins anew: nobody knows what lies between.
GAP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through readings whose weight fades with their age: the sums of a weighted least squares fit."""

    began_at: datetime
    at: datetime
    weight: float
    #: Of the readings' ages (s, negative) and values.
    mean_age: float
    mean: float
    spread: float
    together: float

    @classmethod
    def begin(cls, value: float, at: datetime) -> "Trend":
        """With a first reading."""
        return cls(at, at, 1.0, 0.0, value, 0.0, 0.0)

    def after(self, value: float, at: datetime) -> "Trend":
        """With one more. One that comes too soon changes nothing, one after a long gap begins anew."""
        gone = at - self.at
        if not EACH <= gone <= GAP:
            # A clock that was set back far is another clock.
            return Trend.begin(value, at) if abs(gone) > GAP else self
        seconds = gone.total_seconds()
        fade = exp(-seconds / FADES.total_seconds())
        kept = self.weight * fade
        weight = kept + 1.0
        # West's update of weighted means: the newest has the age 0.
        age = self.mean_age - seconds
        aside, off = -age, value - self.mean
        share = kept / weight
        return Trend(
            self.began_at,
            at,
            weight,
            age + aside / weight,
            self.mean + off / weight,
            self.spread * fade + share * aside * aside,
            self.together * fade + share * aside * off,
        )

    @property
    def slope(self) -> float | None:
        """By how much the value changes in a second; None while too little was seen."""
        if self.at - self.began_at < ENOUGH or self.spread <= 0:
            return None
        return self.together / self.spread

    def left(self, value: float) -> timedelta | None:
        """How long until the value is 0 at this pace; None where it does not fall, or not within a day."""
        slope = self.slope
        if slope is None or slope >= 0:
            return None
        seconds = value / -slope
        return timedelta(seconds=max(seconds, 0.0)) if seconds <= FORESEEN.total_seconds() else None


#: By subject.
Trends = Mapping[str, Trend]
NO_TRENDS: Trends = MappingProxyType({})


def followed(trends: Trends, values: Mapping[str, float | None], at: datetime) -> Trends:
    """With these values taken in. What is not among them is forgotten; what has no value now stays as it was."""
    after: dict[str, Trend] = {}
    for subject, value in values.items():
        trend = trends.get(subject)
        if value is not None:
            after[subject] = Trend.begin(value, at) if trend is None else trend.after(value, at)
        elif trend is not None:
            after[subject] = trend
    return after
