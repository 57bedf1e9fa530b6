"""What the real recorder will do, as short as it can be: facts of money out of the snapshots of a bot."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from bot_integration import Position, PositionStage, Snapshot
from bot_integration.position import Leg, Pnl, Side
from chatops.money.books import Books
from chatops.money.facts import Booking, FundingPayment, OpenLeg, Origin, Sample, Trade

ZERO = Decimal(0)
#: Sums of numbers of 28 digits differ by less.
DUST = Decimal("1e-12")

#: A venue and an asset.
Market = tuple[str, str]


class Recorder:
    """Reads the snapshots of one run of a bot, all of them, in order."""

    def __init__(self) -> None:
        self._held: dict[str, Position] = {}
        self._deployed: dict[str, Decimal] = {}
        self._expected: Mapping[Market, Decimal] = {}
        self._actual: Mapping[Market, Decimal] = {}
        self._deposits: Decimal | None = None
        self._bookings: list[Booking] = []
        self._payments: list[FundingPayment] = []
        self._trades: list[Trade] = []
        self._samples: dict[object, Sample] = {}

    @property
    def books(self) -> Books:
        return Books(tuple(self._bookings), tuple(self._payments), tuple(self._trades), tuple(self._samples.values()))

    def take(self, snapshot: Snapshot) -> None:
        for position in snapshot.positions:
            self._book(snapshot, position)
        self._pay(snapshot)
        self._held = {position.id: position for position in snapshot.positions}
        if self._deposits is None:
            # What it has less what it made: what it began with.
            self._deposits = snapshot.portfolio.equity - snapshot.portfolio.pnl.total
        legs = tuple(
            OpenLeg(_origin(snapshot.bot, position, leg.venue), leg.unrealized)
            for position in snapshot.positions
            for leg in position.legs
        )
        unrealized, equity = snapshot.portfolio.pnl.unrealized, snapshot.portfolio.equity
        self._samples[snapshot.at] = Sample(snapshot.at, snapshot.bot, equity, unrealized, self._deposits, legs)

    def _book(self, snapshot: Snapshot, position: Position) -> None:
        before = self._held.get(position.id)
        known = before.pnl if before else Pnl()
        realized, fees = position.pnl.realized - known.realized, position.pnl.fees - known.fees
        if realized or fees:
            self._bookings.append(Booking(snapshot.at, _origin(snapshot.bot, position), realized, fees))
        if position.stage is PositionStage.OPEN and position.id not in self._deployed:
            self._deployed[position.id] = sum((leg.margin_used or ZERO for leg in position.legs), ZERO)
        if position.stage is PositionStage.CLOSED and (before is None or before.stage is not PositionStage.CLOSED):
            self._trades.append(self._closed(snapshot.bot, position))

    def _pay(self, snapshot: Snapshot) -> None:
        """What each leg got, with its share of what was expected; both are one rate of all notionals of a market."""
        expected = {(one.venue, one.asset): one.accrued_expected or ZERO for one in snapshot.funding}
        actual = {(one.venue, one.asset): one.accrued_actual or ZERO for one in snapshot.funding}
        told = {market: amount - self._expected.get(market, ZERO) for market, amount in expected.items()}
        came = {market: amount - self._actual.get(market, ZERO) for market, amount in actual.items()}
        self._expected, self._actual = expected, actual
        payments: list[FundingPayment] = []
        for position in snapshot.positions:
            payments += self._seen(snapshot, position)
        left = dict(came)
        for one in payments:
            if one.expected is not None:
                left[one.of.venue, one.of.asset] -= one.actual
        gone = {position.id: self._gone(position) for position in snapshot.positions}
        # Funding goes by size: what is left of a market is of the legs that went from it, by what they held.
        sizes: dict[Market, Decimal] = {}
        for position in snapshot.positions:
            for leg in gone[position.id]:
                market = leg.venue, position.asset
                sizes[market] = sizes.get(market, ZERO) + _signed(leg)
        rates = {market: left[market] / size for market, size in sizes.items() if size}
        for position in snapshot.positions:
            payments += self._unseen(snapshot, position, payments, rates)
        self._payments += [
            one
            if one.expected is None
            else replace(one, expected=told[one.of.venue, one.of.asset] * one.actual / came[one.of.venue, one.of.asset])
            for one in payments
        ]

    def _seen(self, snapshot: Snapshot, position: Position) -> list[FundingPayment]:
        before = self._held.get(position.id)
        known = {_place(leg): leg.funding for leg in before.legs} if before else {}
        return [
            _payment(snapshot, position, leg, leg.funding - known.get(_place(leg), ZERO))
            for leg in position.legs
            if leg.funding != known.get(_place(leg), ZERO)
        ]

    def _gone(self, position: Position) -> list[Leg]:
        before = self._held.get(position.id)
        held = {_place(leg) for leg in position.legs}
        return [leg for leg in before.legs if _place(leg) not in held] if before else []

    def _unseen(
        self, snapshot: Snapshot, position: Position, seen: list[FundingPayment], rates: Mapping[Market, Decimal]
    ) -> list[FundingPayment]:
        """What legs got that went since the last look. The interest of a borrowed one is what the others leave."""
        before = self._held.get(position.id)
        if before is None:
            return []
        rest = position.pnl.funding - before.pnl.funding
        rest -= sum((one.actual for one in seen if one.of.position == position.id), ZERO)
        found: list[FundingPayment] = []
        for leg in sorted(self._gone(position), key=_is_borrowed):
            amount = rest if _is_borrowed(leg) else _signed(leg) * rates.get((leg.venue, position.asset), ZERO)
            rest -= amount
            if abs(amount) > DUST:
                found.append(_payment(snapshot, position, leg, amount))
        if abs(rest) > DUST:
            found.append(FundingPayment(snapshot.at, _origin(snapshot.bot, position), rest))
        return found

    def _closed(self, bot: str, position: Position) -> Trade:
        pnl = position.pnl
        return Trade(
            position.id,
            _origin(bot, position),
            position.opened_at,
            position.updated_at,
            pnl.realized,
            pnl.funding,
            pnl.fees,
            self._deployed.get(position.id, ZERO),
            reason=position.risk.last_exit_reason or "",
        )


def _payment(snapshot: Snapshot, position: Position, leg: Leg, amount: Decimal) -> FundingPayment:
    # What a borrowed leg pays is interest, and none is foretold. The other is reckoned when all are known.
    expected = None if _is_borrowed(leg) else ZERO
    return FundingPayment(snapshot.at, _origin(snapshot.bot, position, leg.venue), amount, expected)


def _is_borrowed(leg: Leg) -> bool:
    return leg.health_factor is not None


def _signed(leg: Leg) -> Decimal:
    """Its size; a borrowed leg has no part in funding."""
    if _is_borrowed(leg):
        return ZERO
    return leg.size if leg.side is Side.LONG else -leg.size


def _origin(bot: str, position: Position, venue: str = "") -> Origin:
    return Origin(bot, position.id, position.asset, position.strategy, position.lane, venue)


def _place(leg: Leg) -> tuple[str, str]:
    return leg.venue, leg.instrument
