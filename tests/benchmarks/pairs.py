"""Runs that were made in pairs, one of each kind beside the other, so that a slow moment is in both."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Pairs:
    """Times of a subject and of its baseline, in one unit."""

    subject: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)

    def add(self, subject: float, baseline: float) -> None:
        """One more pair."""
        self.subject.append(subject)
        self.baseline.append(baseline)

    @property
    def ratio(self) -> float:
        """How many times the baseline the subject takes: the median over the pairs."""
        return median(mine / theirs for mine, theirs in zip(self.subject, self.baseline, strict=True))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def verdict(value: float, at_most: float, unit: str = "") -> str:
    """Whether a promise is met, beside what was promised."""
    return f"{'✓' if value <= at_most else '✗'} at most {at_most:g}{unit}"
