"""What a bot's figures were within each minute: average, least, most and last of all readings (pure)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot_integration import Snapshot
from chatops.history.rows import Measured, Metric

#: A bot that publishes faster is read no more often.
READ_EVERY = timedelta(seconds=1)
ZERO = timedelta(0)
_HOURS_A_YEAR = 24 * 365


class Measuring:
    """Reads the snapshots of one bot."""

    def __init__(self, bot: str) -> None:
        self._bot = bot
        self._minute: datetime | None = None
        self._read_at: datetime | None = None
        #: By metric and what its subject is put together from: sum, minimum, maximum, last, count.
        self._read: dict[tuple[Metric, *tuple[str, ...]], list[float]] = {}

    def take(self, snapshot: Snapshot) -> list[Measured]:
        """Read one more; gives what the minute before was, where it is over."""
        minute = snapshot.at.replace(second=0, microsecond=0)
        over: list[Measured] = []
        if minute != self._minute:
            over = self.end()
            self._minute = minute
        elif self._read_at is not None and ZERO <= snapshot.at - self._read_at < READ_EVERY:
            return over
        self._read_at = snapshot.at
        read = self._read
        for key, value in readings(snapshot):
            known = read.get(key)
            if known is None:
                read[key] = [value, value, value, value, 1]
                continue
            known[0] += value
            if value < known[1]:
                known[1] = value
            elif value > known[2]:
                known[2] = value
            known[3] = value
            known[4] += 1
        return over

    def end(self) -> list[Measured]:
        """What the minute has been so far; it begins anew."""
        at, read, self._read = self._minute, self._read, {}
        if at is None:
            return []
        return [
            Measured(self._bot, metric, "/".join(of), at, total / count, least, most, last, int(count))
            for (metric, *of), (total, least, most, last, count) in read.items()
        ]


def readings(snapshot: Snapshot) -> Iterator[tuple[tuple[Metric, *tuple[str, ...]], float]]:
    """Every metric of every subject at one moment; the parts of a subject."""
    portfolio = snapshot.portfolio
    pnl = portfolio.pnl
    yield (Metric.EQUITY,), float(portfolio.equity)
    yield (Metric.REALIZED,), float(pnl.realized)
    yield (Metric.UNREALIZED,), float(pnl.unrealized)
    yield (Metric.FUNDING,), float(pnl.funding)
    yield (Metric.FEES,), float(pnl.fees)
    for position in snapshot.positions:
        legs = position.legs
        if not legs:
            continue
        id_ = position.id
        yield (Metric.DELTA, id_), float(position.delta)
        for leg in legs:
            if leg.health_factor is not None:
                yield (Metric.HEALTH_FACTOR, id_, leg.venue, leg.instrument), leg.health_factor
            if leg.margin_fraction is not None:
                yield (Metric.MARGIN_FRACTION, id_, leg.venue, leg.instrument), leg.margin_fraction
    for venue in snapshot.venues:
        if venue.balance is not None:
            yield (Metric.BALANCE, venue.name), float(venue.balance)
    for one in snapshot.funding:
        yield (Metric.FUNDING_RATE, one.asset, one.venue), one.rate * _HOURS_A_YEAR / one.interval_hours * 100
