"""What profit and loss is made of."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from chatops.money.facts import ZERO

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """As people see it: rounded to the cent, half to even, so that sums of many are not pushed one way (IEEE 754).

    Only what is shown is rounded, each figure by itself from the exact one: so a figure is the same wherever it
    stands, and a column of many may differ from its shown total by some cents.
    """
    # Nothing is not less than nothing: a minus before 0.00 goes.
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN) + ZERO


@dataclass(frozen=True, slots=True)
class Parts:
    """Profit and loss of a span, in USD, as SPEC 4 has it: open legs and funding are in it, deposits are not.

    Each part is dated by when it was booked: what closing realizes by the closing, funding by its payment, a fee by
    its order, that of opening too. With the change of what is unrealized they add up to the change of equity less
    what was put in.
    """

    realized: Decimal = ZERO
    #: How much more (negative: less) the open legs would realize at the end than at the start.
    unrealized: Decimal = ZERO
    #: Received less paid, the interest of borrowed legs included.
    funding: Decimal = ZERO
    #: A positive number that is taken off the total.
    fees: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """realized + unrealized + funding - fees: the sum that `bot_integration.Pnl` states."""
        return self.realized + self.unrealized + self.funding - self.fees

    def __add__(self, other: "Parts") -> "Parts":
        return Parts(
            self.realized + other.realized,
            self.unrealized + other.unrealized,
            self.funding + other.funding,
            self.fees + other.fees,
        )
