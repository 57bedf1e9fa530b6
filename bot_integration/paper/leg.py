"""One leg that is held, as the venue's books have it; its price comes from the market."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot_integration.paper.margin import (
    borrowed_liquidation_price,
    funding_payment,
    margined_liquidation_price,
)
from bot_integration.paper.market import Contract, Instrument
from bot_integration.position import Side

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class HeldLeg:
    """Spot is held with borrowed money and has a health factor; a perpetual is margined and has a margin fraction.

    Both are the same sum: equity = margin + profit. Of a borrowed leg the margin is what was not borrowed, so its
    liabilities are the cost of what it holds less the margin.
    """

    instrument: Instrument
    side: Side
    #: In units of the asset.
    size: Decimal
    entry_price: Decimal
    #: Own money in the leg, in USD, with funding received and interest paid.
    margin: Decimal
    #: What the leg was opened at, and is brought back to.
    target_leverage: Decimal
    #: The maintenance weight of a borrowed leg, the maintenance margin of a margined one.
    maintenance: Decimal
    realized: Decimal = ZERO
    funding: Decimal = ZERO
    fees: Decimal = ZERO
    #: What `funding` would be at the rates that were predicted; interest is not in it.
    expected: Decimal = ZERO
    #: Lost to spread and depth.
    slippage: Decimal = ZERO
    # What follows is reckoned once: a leg is looked at far more often than it changes.
    #: Whether it has liabilities and a health factor, not a margin fraction.
    borrowed: bool = field(init=False)
    #: Size times entry price, in USD.
    cost: Decimal = field(init=False)
    #: What is owed for a borrowed leg, in USD.
    liabilities: Decimal = field(init=False)
    liquidation_price: Decimal | None = field(init=False)

    def __post_init__(self) -> None:
        borrowed = self.instrument.contract is Contract.SPOT
        cost = self.size * self.entry_price
        object.__setattr__(self, "borrowed", borrowed)
        object.__setattr__(self, "cost", cost)
        object.__setattr__(self, "liabilities", cost - self.margin if borrowed else ZERO)
        object.__setattr__(self, "liquidation_price", self._liquidation_price())

    def unrealized(self, mark: Decimal) -> Decimal:
        """Profit at this price."""
        moved = mark - self.entry_price if self.side is Side.LONG else self.entry_price - mark
        return self.size * moved

    def equity(self, mark: Decimal) -> Decimal:
        """What is the holder's at this price."""
        return self.margin + self.unrealized(mark)

    def is_liquidated_at(self, mark: Decimal) -> bool:
        """Whether the venue takes it at this price."""
        if self.liquidation_price is None:
            return False
        return mark <= self.liquidation_price if self.side is Side.LONG else mark >= self.liquidation_price

    def bankruptcy_price(self) -> Decimal:
        """The price at which nothing of the margin is left."""
        per_unit = self.margin / self.size
        return self.entry_price - per_unit if self.side is Side.LONG else self.entry_price + per_unit

    def paid(self, mark: Decimal, rate: Decimal, predicted: Decimal) -> "HeldLeg":
        """After a payment of funding at this rate, where another may have been predicted."""
        notional = self.size * mark
        amount = funding_payment(self.side, notional, rate)
        expected = self.expected + funding_payment(self.side, notional, predicted)
        return replace(self, margin=self.margin + amount, funding=self.funding + amount, expected=expected)

    def charged(self, rate: Decimal) -> "HeldLeg":
        """After interest at this rate on what is owed."""
        interest = self.liabilities * rate
        return replace(self, margin=self.margin - interest, funding=self.funding - interest)

    def topped_up(self, amount: Decimal) -> "HeldLeg":
        """With this much more (negative: less) own money in it."""
        return replace(self, margin=self.margin + amount)

    def reduced(
        self, size: Decimal, price: Decimal, fee: Decimal, slippage: Decimal = ZERO
    ) -> tuple["HeldLeg", Decimal, Decimal]:
        """After selling (buying back) this much of it: what is left, what comes back in cash, what was realized."""
        share = size / self.size
        moved = price - self.entry_price if self.side is Side.LONG else self.entry_price - price
        realized = size * moved
        freed = self.margin if size == self.size else self.margin * share
        left = replace(
            self,
            size=self.size - size,
            margin=self.margin - freed,
            realized=self.realized + realized,
            fees=self.fees + fee,
            slippage=self.slippage + slippage,
        )
        return left, freed + realized - fee, realized

    def _liquidation_price(self) -> Decimal | None:
        if self.size == 0:
            return None
        if self.borrowed:
            return borrowed_liquidation_price(self.size, self.maintenance, self.liabilities)
        return margined_liquidation_price(self.side, self.size, self.entry_price, self.margin, self.maintenance)
