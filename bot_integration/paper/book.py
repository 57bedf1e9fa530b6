"""Accounts and positions: the one place where money moves.

Cash leaves an account for the margin and the fee of a leg and comes back when it closes; funding and interest are
booked in the leg's own margin. So equity, added up from cash and legs, and profit, added up from what each leg
realized, received and paid, are two ledgers that must agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot_integration.paper.leg import HeldLeg
from bot_integration.paper.market import FUNDING_INTERVAL, Instrument, Quote, Step
from bot_integration.paper.position import HeldPosition

ZERO = Decimal(0)
_INTERVALS_A_YEAR = Decimal(365 * 24 * 3600) / Decimal(int(FUNDING_INTERVAL.total_seconds()))


@dataclass(frozen=True, slots=True)
class Totals:
    """Money made and spent; USD. Fees are positive."""

    realized: Decimal = ZERO
    funding: Decimal = ZERO
    fees: Decimal = ZERO

    def plus(self, position: HeldPosition) -> "Totals":
        """With what this position made."""
        legs = tuple(position.every_leg())
        return Totals(
            self.realized + sum((leg.realized for leg in legs), ZERO),
            self.funding + sum((leg.funding for leg in legs), ZERO),
            self.fees + sum((leg.fees for leg in legs), ZERO),
        )


@dataclass(frozen=True, slots=True)
class Accrual:
    """Funding of one asset on one venue since the start: what was predicted, and what came; USD."""

    expected: Decimal = ZERO
    actual: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Liquidation:
    """A leg that its venue took."""

    position: str
    leg: HeldLeg
    price: Decimal


class Book:
    """What is held, and the cash on every venue."""

    def __init__(self, capital: Decimal, venues: tuple[str, ...]) -> None:
        self.initial = capital
        share = (capital / len(venues)).quantize(Decimal("0.01"))
        self.cash: dict[str, Decimal] = dict.fromkeys(venues, share)
        # What does not divide into cents stays with the first.
        self.cash[venues[0]] += capital - share * len(venues)
        self.positions: dict[str, HeldPosition] = {}
        #: Of the positions that are no longer in `positions`.
        self.closed = Totals()
        self.accruals: dict[tuple[str, str], Accrual] = {}

    def put(self, position: HeldPosition) -> None:
        """Keep this as the position of its id."""
        self.positions[position.id] = position

    def drop(self, position_id: str) -> None:
        """Let a position go, keeping what it made."""
        self.closed = self.closed.plus(self.positions.pop(position_id))

    def open_leg(self, position_id: str, leg: HeldLeg) -> None:
        """Pay for a leg (its margin and fee) and add it."""
        self.cash[leg.instrument.venue] -= leg.margin + leg.fees
        held = self.positions[position_id]
        self.put(replace(held, legs=(*held.legs, leg)))

    def reduce_leg(
        self,
        position_id: str,
        instrument: Instrument,
        size: Decimal,
        price: Decimal,
        fee: Decimal,
        *,
        slippage: Decimal = ZERO,
    ) -> Decimal:
        """Take this much off a leg at a price, and give back what that realized.

        Raises `KeyError` where nothing of it is held.
        """
        held = self.positions[position_id]
        leg = held.leg(instrument)
        if leg is None:
            raise KeyError(instrument)
        left, cash, realized = leg.reduced(size, price, fee, slippage)
        self.cash[instrument.venue] += cash
        self.put(held.with_leg(left))
        return realized

    def top_up(self, position_id: str, instrument: Instrument, amount: Decimal) -> None:
        """Move cash of the venue into a leg, or (negative) out of it."""
        held = self.positions[position_id]
        leg = held.leg(instrument)
        if leg is None:
            raise KeyError(instrument)
        self.cash[instrument.venue] -= amount
        self.put(held.with_leg(leg.topped_up(amount)))

    def settle(self, step: Step, borrow_rate_year: Decimal) -> dict[str, Decimal]:
        """Pay the funding and the interest that fall due at this step; what each position got (negative: paid)."""
        due = {(payment.venue, payment.asset): payment for payment in step.payments}
        venues = {payment.venue for payment in step.payments}
        interest = borrow_rate_year / _INTERVALS_A_YEAR
        paid: dict[str, Decimal] = {}
        for held in tuple(self.positions.values()):
            legs = []
            for leg in held.legs:
                venue, asset, _ = leg.instrument
                payment = due.get((venue, asset))
                after = leg
                if leg.borrowed:
                    after = leg.charged(interest) if venue in venues else leg
                elif payment is not None:
                    mark = step.quotes[leg.instrument].mark
                    after = leg.paid(mark, payment.rate, payment.predicted)
                    accrual = self.accruals.get((venue, asset), Accrual())
                    self.accruals[venue, asset] = Accrual(
                        accrual.expected + after.expected - leg.expected, accrual.actual + after.funding - leg.funding
                    )
                if after is not leg:
                    paid[held.id] = paid.get(held.id, ZERO) + after.funding - leg.funding
                legs.append(after)
            if held.id in paid:
                self.put(replace(held, legs=tuple(legs)))
        return paid

    def liquidate(self, quotes: Mapping[Instrument, Quote], fee_rate: Decimal) -> list[Liquidation]:
        """Let the venues take every leg that is past its liquidation price.

        The venue's insurance fund carries what is beyond the leg's own money: a leg never loses more than its margin.
        """
        taken = []
        for held in tuple(self.positions.values()):
            for leg in held.legs:
                mark = quotes[leg.instrument].mark
                if not leg.is_liquidated_at(mark):
                    continue
                taken.append(Liquidation(held.id, leg, self._take(held.id, leg, mark, fee_rate)))
        return taken

    def equity(self, quotes: Mapping[Instrument, Quote]) -> Decimal:
        """All cash and every leg's worth; USD."""
        legs = (leg for held in self.positions.values() for leg in held.legs)
        return sum((leg.equity(quotes[leg.instrument].mark) for leg in legs), sum(self.cash.values(), ZERO))

    def _take(self, position_id: str, leg: HeldLeg, mark: Decimal, fee_rate: Decimal) -> Decimal:
        equity = leg.equity(mark)
        # Short of money the fill is where the margin is used up, so that cash never becomes a debt.
        price = mark if equity >= 0 else leg.bankruptcy_price()
        fee = min(leg.size * mark * fee_rate, max(equity, ZERO))
        self.reduce_leg(position_id, leg.instrument, leg.size, price, fee)
        return price
