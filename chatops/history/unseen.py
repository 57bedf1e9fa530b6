"""What a bot made that none of its positions shows: closed while nobody looked, or on no position at all (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot_integration import Position, Snapshot
from bot_integration.position import Pnl
from chatops.history.sights import NOTHING, Sights
from chatops.money.facts import ZERO, Booking, FundingPayment, Origin

#: Sums of what came through floats differ by less.
DUST = Decimal("1e-6")


@dataclass(frozen=True, slots=True)
class Made:
    """Money made, USD. Fees are positive."""

    realized: Decimal = ZERO
    funding: Decimal = ZERO
    fees: Decimal = ZERO

    def __bool__(self) -> bool:
        return abs(self.realized) >= DUST or abs(self.funding) >= DUST or abs(self.fees) >= DUST

    def less(self, other: "Made") -> "Made":
        """What is left without it."""
        return Made(self.realized - other.realized, self.funding - other.funding, self.fees - other.fees)

    @property
    def net(self) -> Decimal:
        """All of it."""
        return self.realized + self.funding - self.fees


def made_of(bookings: Iterable[Booking], payments: Iterable[FundingPayment]) -> Made:
    """Added up."""
    realized = fees = ZERO
    for one in bookings:
        realized += one.realized
        fees += one.fees
    return Made(realized, sum((one.actual for one in payments), ZERO), fees)


def portfolio_made(before: Snapshot | None, after: Snapshot, *, anew: bool) -> Made | None:
    """What the portfolio says was made between the two. None where it says nothing of profit."""
    now = after.portfolio.pnl
    since = NOTHING if before is None or anew else before.portfolio.pnl
    if not any((now.realized, now.funding, now.fees, since.realized, since.funding, since.fees)):
        return None
    return Made(now.realized - since.realized, now.funding - since.funding, now.fees - since.fees)


def is_in_equity(before: Snapshot, after: Snapshot, made: Made) -> bool:
    """Whether equity grew by what the portfolio says was made, and by nothing else that is not known."""
    grew = after.portfolio.equity - before.portfolio.equity
    grew -= after.portfolio.pnl.unrealized - before.portfolio.pnl.unrealized
    if after.portfolio.deposits is not None and before.portfolio.deposits is not None:
        grew -= after.portfolio.deposits - before.portfolio.deposits
    return abs(grew - made.net) < DUST


def shares(gone: Sequence[Position], rest: Made | None, closed: int) -> tuple[list[Made], Made]:
    """What each position that is gone made last, and what of `rest` is of none of them.

    Without a `rest` each has realized what it would have. `closed` is how many trades the bot counted meanwhile, 0
    where it does not.
    """
    if rest is None:
        return [Made(_last(one)) for one in gone], Made()
    if not gone:
        return [], rest
    if len(gone) == 1 and closed <= 1:
        return [rest], Made()
    last = [Made(_last(one)) for one in gone]
    left = rest
    for one in last:
        left = left.less(one)
    return last, left


def common(bot: str, gone: Sequence[Position]) -> Origin:
    """Whose money it is, as far as they are alike; the bot's where there are none."""

    def alike(values: Iterable[str]) -> str:
        found = set(values)
        return found.pop() if len(found) == 1 else ""

    return Origin(
        bot,
        "",
        alike(one.asset for one in gone),
        alike(one.strategy for one in gone),
        alike(one.lane for one in gone),
    )


def with_share(pnl: Pnl, share: Made) -> Pnl:
    """The profit of a position that made this much more and is closed."""
    realized, funding, fees = pnl.realized + share.realized, pnl.funding + share.funding, pnl.fees + share.fees
    return Pnl(realized=realized, funding=funding, fees=fees, total=realized + funding - fees)


def closings(sights: Sights, before: Snapshot | None, after: Snapshot) -> int:
    """How many trades the bot has counted that were not seen to close."""
    if before is None or sights.anew:
        return 0
    counted = after.portfolio.trades - before.portfolio.trades
    return max(0, counted - sum(one.has_closed for one in sights.here))


def _last(position: Position) -> Decimal:
    if position.pnl.unrealized:
        return position.pnl.unrealized
    return sum((leg.unrealized for leg in position.legs), ZERO)
