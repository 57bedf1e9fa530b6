"""Whose doing a profit was: the parts of a span by bot, position, asset, strategy, lane or venue."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from chatops.money.books import Books
from chatops.money.facts import ZERO, Booking, FundingPayment, Origin, Sample
from chatops.money.parts import Parts
from chatops.money.spans import Span


class Share(NamedTuple):
    """What one fact adds to one part. A tuple, because a year has hundreds of thousands."""

    of: Origin
    realized: Decimal = ZERO
    unrealized: Decimal = ZERO
    funding: Decimal = ZERO
    fees: Decimal = ZERO


class By(StrEnum):
    """What figures are told apart by."""

    BOT = "bot"
    POSITION = "position"
    ASSET = "asset"
    STRATEGY = "strategy"
    LANE = "lane"
    VENUE = "venue"

    def key(self, of: Origin) -> str:
        """The name of an origin in this respect; empty where the bot does not say it.

        Positions of two bots may go by one id, so the bot's name is before it. Lanes, strategies, assets and venues of
        one name are one, whichever bot has them.
        """
        if self is By.POSITION:
            return f"{of.bot} {of.position}" if of.position else ""
        name: str = getattr(of, self.value)
        return name


def parts(books: Books, span: Span) -> Parts:
    """What all of it made in a span."""
    return summed(_shares(books, span))


def attributed(books: Books, span: Span, by: By) -> dict[str, Parts]:
    """What each made in a span, in the order of their names.

    The same shares as those of `parts`, so they add up to it; what nobody can tell apart stands under the empty name.
    """
    return grouped(_shares(books, span), by)


def grouped(shares: Iterable[Share], by: By) -> dict[str, Parts]:
    """Shares added up by name."""
    found: dict[str, list[Share]] = {}
    for share in shares:
        found.setdefault(by.key(share.of), []).append(share)
    return {name: summed(own) for name, own in sorted(found.items())}


def summed(shares: Iterable[Share]) -> Parts:
    """All shares added up."""
    realized = unrealized = funding = fees = ZERO
    for share in shares:
        realized += share.realized
        unrealized += share.unrealized
        funding += share.funding
        fees += share.fees
    return Parts(realized, unrealized, funding, fees)


def booked(bookings: Iterable[Booking], payments: Iterable[FundingPayment]) -> Iterator[Share]:
    """The shares that were money already."""
    for booking in bookings:
        yield Share(booking.of, realized=booking.realized, fees=booking.fees)
    for payment in payments:
        yield Share(payment.of, funding=payment.actual)


def revalued(before: Mapping[str, Sample], after: Mapping[str, Sample]) -> Iterator[Share]:
    """The shares that open legs gained (or gave back, by being closed) between two standings."""
    for bot, sample in after.items():
        yield from (Share(of, unrealized=amount) for of, amount in _open(sample))
        if bot in before:
            yield from (Share(of, unrealized=-amount) for of, amount in _open(before[bot]))


def _open(sample: Sample) -> Iterator[tuple[Origin, Decimal]]:
    for leg in sample.legs:
        yield leg.of, leg.unrealized
    # A sample whose legs do not make up its whole still adds up to it.
    rest = sample.unrealized - sum((leg.unrealized for leg in sample.legs), ZERO)
    if rest:
        yield Origin(sample.bot), rest


def _shares(books: Books, span: Span) -> Iterator[Share]:
    start, end = span.start, span.end
    yield from booked(
        (one for one in books.bookings if start <= one.at < end),
        (one for one in books.payments if start <= one.at < end),
    )
    standings = books.standings
    yield from revalued(standings.before(start), standings.before(end))
