"""Rows of a bot's own database as facts of ours, of the time before it was heard here (pure)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from chatops.elsewhere.values import day, moment, money, text
from chatops.history.rows import Happened
from chatops.money.facts import ZERO, Booking, FundingPayment, Origin, Sample, Trade, TradeLeg

Row = Mapping[str, object]

#: The hour of a day's money: the same date nearly anywhere.
_MIDDAY = time(12, tzinfo=UTC)
#: Sizes that came through floats add up to this part of all at most.
_DUST = Decimal("1e-6")
_BUYS = frozenset({"buy", "long", "b", "1"})
#: Stands in the ids of trades that were not seen here.
MARK = "elsewhere"


@dataclass(frozen=True, slots=True)
class Told:
    """What it tells."""

    trades: tuple[Trade, ...] = ()
    bookings: tuple[Booking, ...] = ()
    payments: tuple[FundingPayment, ...] = ()
    happened: tuple[Happened, ...] = ()

    @property
    def made(self) -> tuple[tuple[datetime, Decimal], ...]:
        """What its money adds up to, at each moment of it, in order."""
        money = [(one.at, one.realized - one.fees) for one in self.bookings]
        money += [(one.at, one.actual) for one in self.payments]
        found: dict[datetime, Decimal] = {}
        whole = ZERO
        for at, amount in sorted(money):
            whole += amount
            found[at] = whole
        return tuple(found.items())

    def without(self, trades: Collection[str], money: Collection[str]) -> "Told":
        """But for the trades, and for the money, of positions of which somebody else tells."""
        return replace(
            self,
            trades=tuple(one for one in self.trades if one.of.position not in trades),
            bookings=tuple(one for one in self.bookings if one.of.position not in money),
            payments=tuple(one for one in self.payments if one.of.position not in money),
        )

    @property
    def whole(self) -> Decimal:
        """All that it made."""
        made = self.made
        return made[-1][1] if made else ZERO


def trades_of(bot: str, rows: Iterable[Row], before: datetime) -> tuple[Trade, ...]:
    """Of positions, a row each: those that were closed before then. Raises `ValueError`."""
    found = []
    for row in rows:
        opened_at, closed_at = moment(row["opened_at"]), moment(row["closed_at"])
        if closed_at is None or closed_at >= before:
            continue
        found.append(
            Trade(
                f"{bot}/{MARK}/{text(row['id'])}",
                _origin(bot, row, "id"),
                opened_at or closed_at,
                closed_at,
                money(row["realized"]),
                money(row.get("funding")),
                money(row["fees"]),
                deployed=money(row.get("deployed")),
                reason=text(row.get("reason")),
            )
        )
    return tuple(found)


def trades_of_fills(bot: str, rows: Iterable[Row], before: datetime) -> tuple[Trade, ...]:
    """Of fills: those of a position are a trade once their sizes add up to nothing everywhere. Raises `ValueError`."""
    filled: dict[str, list[Row]] = {}
    for row in rows:
        filled.setdefault(text(row["position"]), []).append(row)
    found = (_trade(bot, position, fills) for position, fills in filled.items())
    return tuple(one for one in found if one is not None and one.closed_at < before)


def daily_of(bot: str, rows: Iterable[Row], before: datetime) -> tuple[tuple[Booking, ...], tuple[FundingPayment, ...]]:
    """Of days that had ended by then. Raises `ValueError`."""
    bookings, payments = [], []
    for row in rows:
        of = day(row["day"])
        if datetime.combine(of + timedelta(days=1), time(0, tzinfo=UTC)) > before:
            continue
        at = datetime.combine(of, _MIDDAY)
        bookings.append(Booking(at, Origin(bot), money(row["realized"]), money(row["fees"])))
        if funding := money(row["funding"]):
            payments.append(FundingPayment(at, Origin(bot), funding))
    return tuple(bookings), tuple(payments)


def money_of(trades: Iterable[Trade]) -> tuple[tuple[Booking, ...], tuple[FundingPayment, ...]]:
    """What trades made, at the moment at which each ended: there is nothing finer."""
    known = tuple(trades)
    bookings = tuple(Booking(one.closed_at, one.of, one.realized, one.fees) for one in known)
    return bookings, tuple(FundingPayment(one.closed_at, one.of, one.funding) for one in known if one.funding)


def happened_of(bot: str, session_id: UUID, rows: Iterable[Row], before: datetime) -> tuple[Happened, ...]:
    """What it thought and did before then. Raises `ValueError`."""
    found = []
    for row in rows:
        at = moment(row["at"])
        if at is not None and at < before:
            found.append(Happened(bot, session_id, at, MARK, text(row["message"]), text(row.get("position"))))
    return tuple(found)


def samples_of(told: Told, first: Sample) -> tuple[Sample, ...]:
    """How the bot stood before the `first` sample that was taken here, if nothing was put in or taken out meanwhile."""
    known = told.made
    if not known:
        return ()
    deposits = first.deposits - told.whole
    stood = replace(first, unrealized=ZERO, legs=(), deposits=deposits)
    return tuple(
        replace(stood, at=at, equity=deposits + so_far)
        for at, so_far in [(known[0][0] - timedelta(minutes=1), ZERO), *known]
    )


def _trade(bot: str, position: str, fills: list[Row]) -> Trade | None:
    moments = [at for row in fills if (at := moment(row["at"])) is not None]
    left: dict[str, Decimal] = {}
    legs: dict[str, TradeLeg] = {}
    gross = ZERO
    for row in fills:
        venue, size = text(row["venue"]), money(row["size"])
        side = text(row["side"]).casefold()
        left[venue] = left.get(venue, ZERO) + (size if side in _BUYS else -abs(size))
        gross += abs(size)
        leg = legs.get(venue) or TradeLeg(venue, side="long" if side in _BUYS else "short")
        realized, fees = leg.realized + money(row["realized"]), leg.fees + money(row["fees"])
        legs[venue] = replace(leg, realized=realized, fees=fees)
    if not moments or any(abs(one) > _DUST * gross for one in left.values()):
        return None
    realized, fees = (sum((getattr(leg, name) for leg in legs.values()), ZERO) for name in ("realized", "fees"))
    of = _origin(bot, {**fills[0], "id": position}, "id")
    return Trade(
        f"{bot}/{MARK}/{position}", of, min(moments), max(moments), realized, ZERO, fees, legs=tuple(legs.values())
    )


def _origin(bot: str, row: Row, position: str) -> Origin:
    return Origin(bot, text(row[position]), text(row.get("asset")), text(row.get("strategy")), text(row.get("lane")))
