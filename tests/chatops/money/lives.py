"""Made-up lives of bots whose books are whole: all that equity does has a booking, a payment, a mark or a transfer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from chatops.money.books import Books
from chatops.money.facts import Booking, FundingPayment, OpenLeg, Origin, Sample, Trade, Transfer
from chatops.money.spans import Span

ZERO = Decimal(0)
START = datetime(2024, 3, 25, tzinfo=UTC)
LENGTH = timedelta(days=12)
#: A change of the clock in Europe lies in it.
ALL = Span(START, START + LENGTH)
#: Named by bot and number; the others follow from the number.
LEGS = [(bot, number) for bot in ("alpha", "beta") for number in range(3)]
CAPITAL = {"alpha": Decimal(1000), "beta": Decimal("2500.50")}

amounts = st.decimals(-200, 200, places=4)
fees = st.decimals(0, 5, places=4)
moments = st.timedeltas(timedelta(0), LENGTH - timedelta(seconds=1)).map(lambda after: START + after)


@dataclass(frozen=True)
class Deed:
    """Something that happens to a leg of a bot."""

    what: str
    bot: str
    leg: int
    amount: Decimal
    fee: Decimal


def deeds(*more: str) -> st.SearchStrategy[Deed]:
    what = st.sampled_from(["open", "move", "close", "fund", *more])
    return st.builds(
        lambda what, leg, amount, fee: Deed(what, leg[0], leg[1], amount, fee),
        what,
        st.sampled_from(LEGS),
        amounts,
        fees,
    )


@dataclass
class Life:
    """Several bots from `START` on, each sampled after everything that happens to it."""

    bookings: list[Booking] = field(default_factory=list)
    payments: list[FundingPayment] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    cash: dict[str, Decimal] = field(default_factory=dict)
    deposits: dict[str, Decimal] = field(default_factory=dict)
    marks: dict[tuple[str, int], Decimal] = field(default_factory=dict)

    @property
    def books(self) -> Books:
        return Books(tuple(self.bookings), tuple(self.payments), (), tuple(self.samples))

    def put_in(self, at: datetime, bot: str, amount: Decimal) -> None:
        self.cash[bot] = self.cash.get(bot, ZERO) + amount
        self.deposits[bot] = self.deposits.get(bot, ZERO) + amount
        self.transfers.append(Transfer(at, bot, amount))

    def happen(self, at: datetime, deed: Deed) -> None:
        key, of = (deed.bot, deed.leg), origin(deed.bot, deed.leg)
        match deed.what:
            case "open":
                self.bookings.append(Booking(at, of, fees=deed.fee))
                self.cash[deed.bot] -= deed.fee
                self.marks[key] = ZERO
            case "move":
                self.marks[key] = deed.amount
            case "close":
                self.bookings.append(Booking(at, of, deed.amount, deed.fee))
                self.cash[deed.bot] += deed.amount - deed.fee
                self.marks.pop(key, None)
            case "fund":
                self.payments.append(FundingPayment(at, of, deed.amount, deed.fee))
                self.cash[deed.bot] += deed.amount
            case "put in":
                self.put_in(at, deed.bot, deed.amount)

    def look(self, at: datetime, bot: str) -> None:
        legs = tuple(OpenLeg(origin(*key), mark) for key, mark in self.marks.items() if key[0] == bot)
        unrealized = sum((leg.unrealized for leg in legs), ZERO)
        # A bot does not always say which leg it is.
        told = legs[: len(legs) // 2 + 1]
        self.samples.append(Sample(at, bot, self.cash[bot] + unrealized, unrealized, self.deposits[bot], told))


def origin(bot: str, leg: int) -> Origin:
    return Origin(
        bot,
        f"{('BTC', 'ETH')[leg % 2]}-{leg // 2}",
        ("BTC", "ETH")[leg % 2],
        "arbitrage",
        ("carry", "")[leg % 2],
        ("okx", "bybit", "")[leg],
    )


def lived(happened: Sequence[tuple[datetime, Deed]]) -> Life:
    """The life in which this happened, and nothing else."""
    life = Life()
    for bot, capital in CAPITAL.items():
        life.put_in(START, bot, capital)
        life.look(START, bot)
    for at, deed in sorted(happened, key=lambda one: one[0]):
        life.happen(at, deed)
        life.look(at, deed.bot)
    return life


def lives(*more: str) -> st.SearchStrategy[Life]:
    """Any life; no two things happen in it at one moment."""
    happened = st.lists(st.tuples(moments, deeds(*more)), max_size=25, unique_by=lambda one: one[0])
    return happened.map(lambda all_: lived([one for one in all_ if one[0] > START]))


nets = st.decimals(-500, 500, places=2)


@st.composite
def trades(draw: st.DrawFn) -> Trade:
    opened, held = draw(moments), draw(st.timedeltas(timedelta(0), timedelta(days=5)))
    leg = draw(st.sampled_from(LEGS))
    return Trade(
        draw(st.uuids()).hex,
        origin(*leg),
        opened,
        opened + held,
        draw(nets),
        draw(nets),
        draw(st.decimals(0, 20, places=2)),
        draw(st.sampled_from([ZERO, Decimal(100), Decimal(2500)])),
    )


def facts(*found: object) -> tuple[object, ...]:
    """Several facts, to be compared with plain numbers."""
    return found
