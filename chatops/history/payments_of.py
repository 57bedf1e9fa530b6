"""What the legs of a position were paid between two sights of it, beside what was expected (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from bot_integration import Snapshot
from bot_integration.position import Leg
from chatops.history.bookings_of import DUST, origin
from chatops.history.sights import Sight
from chatops.money.facts import ZERO, FundingPayment, Origin

#: Less than this waits for more.
LEAST = Decimal("0.01")
#: Minutes at whose end what waits is told: days of all zones end then too.
TOLD_EVERY_MIN = 15

#: A venue and an asset.
Market = tuple[str, str]


class _Paid(NamedTuple):
    """What a place of a position was paid since it opened."""

    actual: Decimal
    expected: Decimal | None
    borrowed: bool


def payments_of(bot: str, at: datetime, sight: Sight, foretold: Mapping[Market, Decimal]) -> tuple[FundingPayment, ...]:
    """One a leg that was paid, and one without a venue for what no leg says.

    `foretold`: for bots that do not say by leg what was expected, how much of what came was.
    """
    position = sight.now
    before, after = _by_place(sight.since_legs), _by_place((*position.legs, *position.closed_legs))
    found = []
    rest = position.pnl.funding - sight.since.funding
    # Who says of one leg what was expected says it of all of which something was.
    by_leg = any(paid.expected is not None for paid in after.values())
    # A bot that tells of legs alone leaves nothing over.
    whole = bool(position.pnl.funding or sight.since.funding)
    for place, paid in after.items():
        known = before.get(place)
        amount = paid.actual - known.actual if known else paid.actual
        expected = _expected(paid, known, amount, None if by_leg else foretold.get((place[0], position.asset)))
        # Where nothing came something may have been expected.
        if abs(amount) < DUST and (expected is None or abs(expected) < DUST):
            continue
        rest -= amount
        found.append(FundingPayment(at, origin(bot, position, place[0]), amount, expected))
    if whole and abs(rest) >= DUST:
        venues = {venue for venue, _ in before.keys() - after.keys()}
        # Where one leg went, what is left over is what it got last.
        found.append(FundingPayment(at, origin(bot, position, venues.pop() if len(venues) == 1 else ""), rest))
    return tuple(found)


def foretold(before: Snapshot | None, after: Snapshot) -> dict[Market, Decimal]:
    """How much was expected, for each USD that came, on every market that says both."""
    known = {(one.venue, one.asset): one for one in before.funding} if before is not None else {}
    found = {}
    for one in after.funding:
        if one.accrued_actual is None or one.accrued_expected is None:
            continue
        was = known.get((one.venue, one.asset))
        came = one.accrued_actual - ((was and was.accrued_actual) or ZERO)
        told = one.accrued_expected - ((was and was.accrued_expected) or ZERO)
        if abs(came) >= DUST:
            found[one.venue, one.asset] = told / came
    return found


#: Whose payments wait, and whether they were foretold: like is added to like.
Kind = tuple[Origin, bool]


def kind_of(payment: FundingPayment) -> Kind:
    """What it may be added to."""
    return payment.of, payment.expected is not None


def let_wait(
    waiting: Mapping[Kind, FundingPayment], paid: Iterable[FundingPayment], at: datetime, ended: frozenset[str]
) -> tuple[list[FundingPayment], dict[Kind, FundingPayment]]:
    """What is told of payments now, and what waits: interest that accrues every second is no row a second.

    Nothing waits longer than its quarter of an hour, and nothing of the positions that `ended`.
    """
    told = [one for one in waiting.values() if _quarter(one.at) != _quarter(at)]
    left = {kind: one for kind, one in waiting.items() if _quarter(one.at) == _quarter(at)}
    for one in paid:
        kind = kind_of(one)
        left[kind] = _added(left[kind], one) if kind in left else one
    due = [one for one in left.values() if _is_much(one) or one.of.position in ended]
    for one in due:
        del left[kind_of(one)]
    return told + due, left


def _is_much(one: FundingPayment) -> bool:
    return abs(one.actual) >= LEAST or (one.expected is not None and abs(one.expected) >= LEAST)


def _added(one: FundingPayment, other: FundingPayment) -> FundingPayment:
    expected = None if other.expected is None else other.expected + (one.expected or ZERO)
    return replace(other, actual=one.actual + other.actual, expected=expected)


def _by_place(legs: Iterable[Leg]) -> dict[tuple[str, str], _Paid]:
    found: dict[tuple[str, str], _Paid] = {}
    for leg in legs:
        place = leg.venue, leg.instrument
        known = found.get(place)
        expected = leg.funding_expected
        if known is not None and known.expected is not None:
            expected = known.expected + (expected or ZERO)
        actual = leg.funding + known.actual if known else leg.funding
        found[place] = _Paid(actual, expected, leg.health_factor is not None)
    return found


def _expected(paid: _Paid, known: _Paid | None, amount: Decimal, share: Decimal | None) -> Decimal | None:
    if paid.expected is not None:
        return paid.expected - ((known and known.expected) or ZERO)
    # What a borrowed leg pays is interest, and none is foretold.
    is_interest = paid.borrowed or (known is not None and known.borrowed)
    return None if share is None or is_interest else amount * share


def _quarter(moment: datetime) -> tuple[datetime, int]:
    return moment.replace(minute=0, second=0, microsecond=0), moment.minute // TOLD_EVERY_MIN
