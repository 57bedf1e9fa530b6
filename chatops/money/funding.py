"""Funding that came beside the funding that was expected."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from chatops.money.facts import ZERO, FundingPayment
from chatops.money.spans import Span


@dataclass(frozen=True, slots=True)
class FundingSum:
    """Payments added up; USD, positive is received."""

    payments: int = 0
    #: Of all of them.
    actual: Decimal = ZERO
    #: Of those that were predicted. None where none was.
    expected: Decimal | None = None
    #: What of `actual` came where `expected` was told: like stands beside like.
    of_expected: Decimal | None = None

    @property
    def surprise(self) -> Decimal | None:
        """How much more came than was expected. None where nothing was."""
        if self.expected is None or self.of_expected is None:
            return None
        return self.of_expected - self.expected


def funding(payments: Iterable[FundingPayment], span: Span) -> FundingSum:
    """All payments of a span."""
    return _added([one for one in payments if one.at in span])


def funding_by_market(payments: Iterable[FundingPayment], span: Span) -> dict[tuple[str, str], FundingSum]:
    """The payments of a span by venue and asset, in the order of their names."""
    found: dict[tuple[str, str], list[FundingPayment]] = {}
    for one in payments:
        if one.at in span:
            found.setdefault((one.of.venue, one.of.asset), []).append(one)
    return {market: _added(own) for market, own in sorted(found.items())}


def _added(payments: list[FundingPayment]) -> FundingSum:
    told = [(one.actual, one.expected) for one in payments if one.expected is not None]
    return FundingSum(
        len(payments),
        sum((one.actual for one in payments), ZERO),
        sum((expected for _, expected in told), ZERO) if told else None,
        sum((actual for actual, _ in told), ZERO) if told else None,
    )
