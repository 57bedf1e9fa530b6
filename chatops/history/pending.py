"""Facts that are recorded and not stored yet: bounded, whatever happens to the database."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chatops.history.rows import Batch, Happened, Head, Kept, Measured, Run, Why
from chatops.money.facts import Booking, FundingPayment, Gap, Sample, Trade, Transfer
from chatops.money.spans import QUARTER

#: More of these and what can be spared goes.
MANY_KEPT, MANY_SAMPLES, MANY_MEASURED, MANY_HAPPENED = 200, 2_000, 50_000, 20_000
#: Then the last sample of so long is left.
THINNED_TO = QUARTER


@dataclass(slots=True)
class Pending:
    """Of one bot, since the last batch. Facts of money are never let go."""

    kept: list[Kept] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    payments: list[FundingPayment] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    #: By minute.
    samples: dict[datetime, Sample] = field(default_factory=dict)
    runs: dict[UUID, Run] = field(default_factory=dict)
    #: How many snapshots it is of.
    snapshots: int = 0

    def batch(self, bot: str, before: Head | None, head: Head) -> Batch:
        """All of it."""
        return Batch(
            bot,
            before,
            head,
            tuple(self.runs.values()),
            tuple(self.kept),
            tuple(self.happened),
            tuple(self.bookings),
            tuple(self.payments),
            tuple(self.trades),
            tuple(self.samples.values()),
            tuple(self.transfers),
            tuple(self.gaps),
            tuple(self.measured),
        )

    def thin(self) -> None:
        """Let go what can be spared, where there is too much: whole snapshots first, then samples and metrics."""
        if len(self.kept) > MANY_KEPT:
            telling = [one for one in self.kept if one.why is not Why.REGULAR]
            self.kept = telling[-MANY_KEPT // 2 :]
        if len(self.samples) > MANY_SAMPLES:
            # What follows takes the place of what stood before, so the last is left.
            thinned = {_floor(minute): sample for minute, sample in sorted(self.samples.items())}
            self.samples = {_minute(sample.at): sample for sample in thinned.values()}
        if len(self.measured) > MANY_MEASURED:
            self.measured = self.measured[MANY_MEASURED // 2 :]
        if len(self.happened) > MANY_HAPPENED:
            self.happened = self.happened[MANY_HAPPENED // 2 :]


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _floor(moment: datetime) -> datetime:
    return moment - (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % THINNED_TO
