"""All the facts that figures are made from, and how the bots stood at a moment."""

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter

from chatops.money.facts import Booking, FundingPayment, Gap, Sample, Trade


@dataclass(frozen=True)
class Books:
    """The facts of a time and of some bots. In what order they stand means nothing.

    For the figures of a span they hold all that was booked, paid and closed in it, its samples, and of every bot the
    last sample before it. A bot has one sample of a moment. Facts of other times may be among them.

    Samples may be as sparse as a chart is coarse, but each bot's last one before the start and before the end of the
    span (of every bar) has to be the true last one; that of the span names its open legs where profit is attributed.
    A payment or a booking may stand for several of one origin: at 15 minutes together they are of one day anywhere.
    """

    bookings: tuple[Booking, ...] = ()
    payments: tuple[FundingPayment, ...] = ()
    trades: tuple[Trade, ...] = ()
    samples: tuple[Sample, ...] = ()
    gaps: tuple[Gap, ...] = ()
    #: Where the samples in the span are known to stand so far apart already: one of each such step since 1970.
    step: timedelta | None = field(default=None, compare=False)
    #: What the samples in the span come from, of stretches that follow each other, each of one bot and then of the
    #: next; where that is known. What nobody wrote to since it was last read is the very same again.
    parts: tuple[tuple["Books", ...], ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def standings(self) -> "Standings":
        """How every bot stood at any moment: put in order once for all figures."""
        return Standings(self.samples)

    def of_bots(self, bots: Collection[str]) -> "Books":
        """What there is of these bots."""
        return Books(
            tuple(one for one in self.bookings if one.of.bot in bots),
            tuple(one for one in self.payments if one.of.bot in bots),
            tuple(one for one in self.trades if one.of.bot in bots),
            tuple(one for one in self.samples if one.bot in bots),
            tuple(one for one in self.gaps if one.bot in bots),
        )


class Standings:
    """How every bot stood, to be asked for many moments: the samples are put in order once."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples: dict[str, list[Sample]] = {}
        for sample in samples:
            self._samples.setdefault(sample.bot, []).append(sample)
        for known in self._samples.values():
            known.sort(key=attrgetter("at"))
        self._moments = {bot: [one.at for one in known] for bot, known in self._samples.items()}

    @property
    def begins(self) -> datetime | None:
        """The moment of the first sample of any bot."""
        return min((moments[0] for moments in self._moments.values()), default=None)

    def before(self, moment: datetime) -> dict[str, Sample]:
        """The last sample of each bot that has one before this moment.

        What is of the very moment is not in it: a sample shows what its moment booked, and that is of the next span.
        """
        found = {}
        for bot, moments in self._moments.items():
            place = bisect_left(moments, moment)
            if place:
                found[bot] = self._samples[bot][place - 1]
        return found
