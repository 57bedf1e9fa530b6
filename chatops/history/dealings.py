"""All that two snapshots of a bot tell of money, one after the other (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot_integration import Snapshot
from chatops.history.bookings_of import bookings_of, origin
from chatops.history.payments_of import foretold, payments_of
from chatops.history.sights import Sight, Sights, sights
from chatops.history.trades_of import trade_of
from chatops.history.transfers_of import transfer_of
from chatops.history.unseen import (
    Made,
    closings,
    common,
    is_in_equity,
    made_of,
    portfolio_made,
    shares,
    with_share,
)
from chatops.money.facts import ZERO, Booking, FundingPayment, Origin, Trade, Transfer

#: What began so shortly before a bot was first seen counts whole: it is not the bot's past.
LATELY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Dealings:
    """Between two snapshots."""

    sights: Sights
    bookings: list[Booking]
    payments: list[FundingPayment]
    trades: list[Trade]
    transfer: Transfer | None
    #: Whether the portfolio says other things than the positions.
    drifted: bool

    @property
    def ended(self) -> frozenset[str]:
        """Positions that are closed, or gone."""
        closed = [one.now.id for one in self.sights.here if one.has_closed]
        return frozenset([*closed, *(one.id for one in self.sights.gone)])


def dealings(
    bot: str,
    before: Snapshot | None,
    after: Snapshot,
    deployed: Mapping[str, Decimal],
    *,
    drifted: bool = False,
    unseen: bool = False,
) -> Dealings:
    """`deployed`: own money in each position; `unseen`: whether so long lies between the two that much went by.

    What positions made is booked as they say it. What the portfolio has made beyond that is of those that are gone,
    or of none; it is heeded as long as portfolio and positions agree where both are seen.

    Of a bot that is first seen nobody knows when it made what it has made: that is a part of what it began with.
    """
    book = _Book(bot, before, after, deployed)
    since = after.portfolio.pnl_since
    is_whole = before is not None or (since is not None and began_lately(since, after))
    for one in book.sights.here:
        book.take(one, counts=before is not None or began_lately(one.now.opened_at, after))
    rest = portfolio_made(before, after, anew=book.sights.anew) if is_whole else None
    if rest is not None:
        whole, rest = rest, rest.less(made_of(book.bookings, book.payments))
        if before is not None and not (book.sights.anew or book.sights.gone or unseen) and rest:
            drifted = drifted or not is_in_equity(before, after, whole)
    book.settle(None if drifted else rest)
    made = made_of(book.bookings, book.payments).net + unrealized(after)
    if before is not None:
        made -= unrealized(before)
    transfer = transfer_of(bot, before, after, made, anew=book.sights.anew)
    return Dealings(book.sights, book.bookings, book.payments, book.trades, transfer, drifted)


def counts_from(first: Snapshot) -> datetime:
    """From when on all that a bot made counts, where this is the first that is seen of it."""
    since = first.portfolio.pnl_since
    return min(since, first.at) if since is not None and began_lately(since, first) else first.at


def began_lately(moment: datetime, first: Snapshot) -> bool:
    """Whether what began then is told as if it had been seen to begin, where this is the first that is seen."""
    return moment >= first.at - LATELY


def unrealized(snapshot: Snapshot) -> Decimal:
    """Of all that is held, by the portfolio; by the positions where that says nothing of profit."""
    whole = snapshot.portfolio.pnl
    if whole.unrealized or whole.total:
        return whole.unrealized
    return sum(
        (one.pnl.unrealized or sum((leg.unrealized for leg in one.legs), ZERO) for one in snapshot.positions), ZERO
    )


class _Book:
    """What is booked on the way."""

    def __init__(self, bot: str, before: Snapshot | None, after: Snapshot, deployed: Mapping[str, Decimal]) -> None:
        self._bot = bot
        self._before = before
        self._after = after
        self._deployed = deployed
        self.sights = sights(before, after)
        self._foretold = foretold(None if self.sights.anew else before, after)
        self.bookings: list[Booking] = []
        self.payments: list[FundingPayment] = []
        self.trades: list[Trade] = []

    def take(self, sight: Sight, *, counts: bool) -> None:
        """A position that is there, and what it made where that `counts`."""
        if counts:
            self.bookings += bookings_of(self._bot, self._after.at, sight)
            self.payments += payments_of(self._bot, self._after.at, sight, self._foretold)
        if sight.has_closed:
            self._close(sight)

    def settle(self, rest: Made | None) -> None:
        """What those made that are gone, and what is of none. Without a `rest` nobody says it."""
        # A run that begins from nothing has lost what was held before it.
        gone = () if self.sights.anew and self.sights.other_run else self.sights.gone
        last, left = shares(gone, rest, closings(self.sights, self._before, self._after))
        for position, share in zip(gone, last, strict=True):
            self._add(origin(self._bot, position), share)
            self.trades.append(
                trade_of(
                    self._bot,
                    self._after.session_id,
                    position,
                    self._after.at,
                    pnl=with_share(position.pnl, share),
                    deployed=self._deployed.get(position.id, ZERO),
                )
            )
        if left:
            self._add(common(self._bot, gone), left)

    def _add(self, of: Origin, made: Made) -> None:
        if made.realized or made.fees:
            self.bookings.append(Booking(self._after.at, of, made.realized, made.fees))
        if made.funding:
            self.payments.append(FundingPayment(self._after.at, of, made.funding))

    def _close(self, sight: Sight) -> None:
        before, after, closed_at = self._before, self._after, sight.now.updated_at
        if closed_at > after.at or (before is not None and closed_at < before.at):
            closed_at = after.at
        legs = sight.was.legs if sight.was is not None else ()
        own = self._deployed.get(sight.now.id, ZERO)
        self.trades.append(trade_of(self._bot, after.session_id, sight.now, closed_at, legs=legs, deployed=own))
