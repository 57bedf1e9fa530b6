"""For how long bots were not seen, so that a figure of such a time says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from chatops.money.facts import Gap, Sample
from chatops.money.spans import Span


@dataclass(frozen=True, slots=True)
class Downtime:
    """How much of a span is not known of some bot."""

    length: timedelta = timedelta(0)
    #: Those that were not seen, in the order of their names.
    bots: tuple[str, ...] = ()


def downtime(gaps: Iterable[Gap], span: Span) -> Downtime:
    """The time in a span in which at least one bot was not seen; where gaps lie over each other it counts once."""
    parts = [(max(gap.start, span.start), min(gap.end, span.end), gap.bot) for gap in gaps]
    inside = sorted(part for part in parts if part[0] < part[1])
    length, until = timedelta(0), span.start
    for start, end, _ in inside:
        length += max(timedelta(0), end - max(start, until))
        until = max(until, end)
    return Downtime(length, tuple(sorted({bot for _, _, bot in inside})))


def silences(samples: Iterable[Sample], longest: timedelta, now: datetime) -> tuple[Gap, ...]:
    """The gaps that samples themselves show: where one came more than `longest` after the one before, or none since."""
    moments: dict[str, list[datetime]] = {}
    for sample in samples:
        moments.setdefault(sample.bot, []).append(sample.at)
    return tuple(
        Gap(bot, before, after)
        for bot, seen in sorted(moments.items())
        for before, after in pairwise([*sorted(seen), now])
        if after - before > longest
    )
