"""Made-up books of bots that are whole: all that equity does has a booking, a payment, a mark or a transfer."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from bot_integration import Mode, Portfolio, Session, Snapshot, Stage
from chatops.history.port import Recording
from chatops.history.rows import Batch, Head
from chatops.money.books import Books
from chatops.money.facts import Booking, FundingPayment, Gap, OpenLeg, Origin, Sample, Trade, Transfer

ZERO = Decimal(0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CAPITAL = Decimal(10_000)


@dataclass
class Earnings:
    """One bot's, looked at when it is said."""

    bot: str
    cash: Decimal = ZERO
    deposits: Decimal = ZERO
    marks: dict[Origin, Decimal] = field(default_factory=dict)
    opened: dict[Origin, tuple[datetime, Decimal, Decimal]] = field(default_factory=dict)
    bookings: list[Booking] = field(default_factory=list)
    payments: list[FundingPayment] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def put_in(self, at: datetime, amount: Decimal) -> None:
        self.cash += amount
        self.deposits += amount
        self.transfers.append(Transfer(at, self.bot, amount))

    def open(self, at: datetime, of: Origin, fee: Decimal) -> None:
        self.bookings.append(Booking(at, of, fees=fee))
        self.cash -= fee
        self.marks[of] = ZERO
        self.opened[of] = (at, ZERO, fee)

    def fund(self, at: datetime, of: Origin, actual: Decimal, expected: Decimal | None) -> None:
        self.payments.append(FundingPayment(at, of, actual, expected))
        self.cash += actual
        began, funding, fees = self.opened[of]
        self.opened[of] = (began, funding + actual, fees)

    def close(self, at: datetime, of: Origin, realized: Decimal, fee: Decimal) -> None:
        self.bookings.append(Booking(at, of, realized, fee))
        self.cash += realized - fee
        del self.marks[of]
        began, funding, fees = self.opened.pop(of)
        id_ = f"{self.bot}/1/{of.position}"
        self.trades.append(Trade(id_, of, began, at, realized, funding, fees + fee, Decimal(2_000)))

    def look(self, at: datetime) -> None:
        legs = tuple(OpenLeg(of, mark) for of, mark in self.marks.items())
        unrealized = sum(self.marks.values(), ZERO)
        self.samples.append(Sample(at, self.bot, self.cash + unrealized, unrealized, self.deposits, legs))

    def batch(self, snapshot: Snapshot) -> Batch:
        """All of it, as a recorder would store it."""
        return Batch(
            self.bot,
            None,
            Head(snapshot.session_id, snapshot.seq, snapshot, {}),
            bookings=tuple(self.bookings),
            payments=tuple(self.payments),
            trades=tuple(self.trades),
            samples=tuple(self.samples),
            transfers=tuple(self.transfers),
            gaps=tuple(self.gaps),
        )


def earned(bot: str, now: datetime, *, days: int = 40, luck: int = 1) -> Earnings:
    """A bot that opens a position each day, is paid funding on it, and closes it at the end; the last one is open."""
    made = Earnings(bot)
    began = now - days * DAY
    made.put_in(began, CAPITAL)
    made.look(began)
    for number in range(days):
        start = began + number * DAY
        lane, asset = (("carry", "SOL"), ("basis", "ETH"), ("", "BTC"))[number % 3]
        of = Origin(bot, f"{asset}-{number}", asset, "arbitrage", lane, "bybit")
        made.open(start + HOUR, of, Decimal("0.411"))
        for hour in range(2, 24):
            at = start + hour * HOUR
            made.marks[of] = Decimal(luck * (number * 7 + hour * 3) % 23 - 9) / 7
            if hour % 8 == 0:
                made.fund(at, of, Decimal("0.3337") * luck, Decimal("0.31") if hour == 8 else None)
            made.look(at)
        if number < days - 1:
            made.close(start + 24 * HOUR, of, Decimal(luck * (number * 5) % 19 - 7) / 3, Decimal("0.409"))
            made.look(start + 24 * HOUR)
    return made


async def record(history: Recording, earnings: Sequence[Earnings], at: datetime) -> None:
    """Store them, as if they had been recorded up to now."""
    refused = await history.keep([one.batch(snapshot_of(one, at)) for one in earnings])
    assert refused == frozenset()


def snapshot_of(made: Earnings, at: datetime) -> Snapshot:
    return Snapshot(
        bot=made.bot,
        session_id=uuid.uuid5(uuid.NAMESPACE_URL, made.bot),
        seq=1,
        at=at,
        session=Session(strategy="arbitrage", mode=Mode.PAPER, started_at=at - DAY, stage=Stage.MONITORING),
        portfolio=Portfolio(equity=made.samples[-1].equity),
    )


def books_of(*bots: Earnings) -> Books:
    """Those of several."""
    return Books(
        tuple(one for bot in bots for one in bot.bookings),
        tuple(one for bot in bots for one in bot.payments),
        tuple(one for bot in bots for one in bot.trades),
        tuple(one for bot in bots for one in bot.samples),
        tuple(one for bot in bots for one in bot.gaps),
    )
