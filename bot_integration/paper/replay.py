"""A market replayed from a file of bars, walked inside each bar from open through its extremes to close."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from bot_integration.paper.market import Contract, Instrument, Payment, Quote, Step, Terms

COLUMNS = ("time", "venue", "asset", "contract", "open", "high", "low", "close", "volume", "funding_rate")

#: Where in a bar its path turns: the first extreme after a quarter of it, the other after three quarters.
TURNS = (Decimal("0.25"), Decimal("0.75"))
_PLACES = Decimal("1e-8")


class Bar(NamedTuple):
    """Open, high, low and close of an instrument, and the rate its longs paid when the bar began."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    funding_rate: Decimal | None

    def at(self, share: Decimal) -> Decimal:
        """The price after this share (0 to 1) of the bar.

        A bar that rose is taken to have fallen to its low first, one that fell to have risen to its high first.
        """
        low_first = self.close >= self.open
        first, second = (self.low, self.high) if low_first else (self.high, self.low)
        points = ((Decimal(0), self.open), (TURNS[0], first), (TURNS[1], second), (Decimal(1), self.close))
        for (begin, price), (end, next_price) in pairwise(points):
            if share == begin:
                return price
            if share < end:
                return (price + (next_price - price) * (share - begin) / (end - begin)).quantize(_PLACES)
        return self.close


@dataclass(frozen=True, slots=True)
class Bars:
    """All bars that begin at one moment."""

    time: datetime
    bars: dict[Instrument, Bar]


def read_bars(path: Path) -> list[Bars]:
    """The bars of a file with `COLUMNS`, oldest first.

    Raises `ValueError` naming file, line and what is wrong.
    """
    found: dict[datetime, dict[Instrument, Bar]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise ValueError(f"{path}: the columns {', '.join(missing)} are missing")
        for row in rows:
            try:
                time, instrument, bar = _read(row)
            except (ValueError, InvalidOperation) as error:
                raise ValueError(f"{path}, line {rows.line_num}: {error}") from error
            found.setdefault(time, {})[instrument] = bar
    if not found:
        raise ValueError(f"{path}: there is no bar in it")
    return [Bars(time, found[time]) for time in sorted(found)]


class ReplayMarket:
    """Bars of a file, from a chosen moment on. After the last bar the prices stay."""

    def __init__(self, bars: list[Bars], start: datetime | None = None) -> None:
        """`bars` as `read_bars` gives them; `start` is the market time to begin at, in UTC.

        Raises `ValueError` where there is no bar at `start`.
        """
        self._length = bars[1].time - bars[0].time if len(bars) > 1 else timedelta(hours=8)
        first, end = bars[0].time, bars[-1].time + self._length
        start = start or first
        if not first <= start < end:
            raise ValueError(
                f"{start:%Y-%m-%d %H:%M} is outside the data, which is of {first:%Y-%m-%d} to {end:%Y-%m-%d}"
            )
        self._bars = bars
        self._end = end
        #: The bar that `_step` lies in.
        self._index = max(index for index, bar in enumerate(bars) if bar.time <= start)
        self._rates: dict[tuple[str, str], Decimal] = {}
        self._learn(bars[self._index])
        self._quotes: dict[Instrument, Quote] = {}
        self._step = self._look(start)

    @classmethod
    def read(cls, path: Path | str, start: datetime | None = None) -> "ReplayMarket":
        """A replay of this file. Raises `OSError` and `ValueError`."""
        return cls(read_bars(Path(path)), start)

    @property
    def step(self) -> Step:
        """Where the market stands."""
        return self._step

    def advance(self, to: datetime) -> Iterator[Step]:
        """Walk to a moment, over every turn of every bar's path; a bar's end and the next's begin are two."""
        while not self._step.ended:
            bar = self._bars[self._index]
            turns = [bar.time + self._length * float(share) for share in TURNS]
            end = bar.time + self._length
            reached = next((moment for moment in (*turns, end) if moment > self._step.at), end)
            if reached > to:
                break
            self._step = self._look(reached)
            yield self._step
            if reached == end and self._index + 1 < len(self._bars):
                self._step = self._begin_next()
                yield self._step
        if to > self._step.at:
            self._step = self._look(to)
            yield self._step

    # ------------------------------------------------------------------------ inside

    def _begin_next(self) -> Step:
        self._index += 1
        bars = self._bars[self._index]
        # What was told before a payment is the rate before it: nobody knows the next one.
        payments = tuple(
            Payment(venue, asset, bar.funding_rate, self._rates.get((venue, asset), bar.funding_rate))
            for (venue, asset, _), bar in bars.bars.items()
            if bar.funding_rate is not None
        )
        self._learn(bars)
        return self._look(bars.time, payments)

    def _learn(self, bars: Bars) -> None:
        for (venue, asset, _), bar in bars.bars.items():
            if bar.funding_rate is not None:
                self._rates[venue, asset] = bar.funding_rate

    def _look(self, at: datetime, payments: tuple[Payment, ...] = ()) -> Step:
        bars = self._bars[self._index]
        share = min(Decimal(1), Decimal(str((at - bars.time) / self._length)))
        for instrument, bar in bars.bars.items():
            self._quotes[instrument] = Quote(bar.at(share), at)
        terms = {key: Terms(rate, rate, bars.time + self._length) for key, rate in self._rates.items()}
        return Step(at, dict(self._quotes), terms, payments, ended=at >= self._end)


def _read(row: dict[str, str]) -> tuple[datetime, Instrument, Bar]:
    time = datetime.fromisoformat(row["time"])
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    prices = [Decimal(row[column]) for column in ("open", "high", "low", "close")]
    opened, high, low, closed = prices
    if low <= 0 or not low <= min(opened, closed) <= max(opened, closed) <= high:
        raise ValueError(f"open {opened}, high {high}, low {low}, close {closed} is no bar")
    rate = Decimal(row["funding_rate"]) if row["funding_rate"] else None
    instrument = Instrument(row["venue"], row["asset"], Contract(row["contract"]))
    return time.astimezone(UTC), instrument, Bar(opened, high, low, closed, rate)
