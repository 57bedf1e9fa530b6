"""What each day, week or month made, for bars and tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from chatops.money.attribution import booked, revalued, summed
from chatops.money.books import Books
from chatops.money.downtime import downtime
from chatops.money.facts import Booking, FundingPayment, Sample, Trade
from chatops.money.parts import Parts
from chatops.money.spans import Calendar, Span

FactT = TypeVar("FactT", Booking, FundingPayment)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day (week, month) of a zone, as far as it lies in what was asked for."""

    #: Its day; the Monday of a week, the first of a month.
    day: date
    span: Span
    #: None before anything is known: that is a gap, and not a day without profit.
    parts: Parts | None
    #: How many were closed in it.
    trades: int
    #: For how long some bot was not seen.
    down: timedelta


def bars(books: Books, calendar: Calendar) -> tuple[Bar, ...]:
    """What each span of a calendar made, oldest first. They add up to what `attribution.parts` says of all of it."""
    standings = books.standings
    bookings, payments = _by_name(books.bookings, calendar), _by_name(books.payments, calendar)
    closed = _closings(books.trades, calendar)
    drawn = []
    begun: tuple[datetime | None, Mapping[str, Sample]] = None, {}
    for name, span in calendar.named:
        # One begins as the one before ended.
        before = begun[1] if begun[0] == span.start else standings.before(span.start)
        after = standings.before(span.end)
        begun = span.end, after
        own_bookings, own_payments = bookings.get(name, []), payments.get(name, [])
        known = after or own_bookings or own_payments
        shares = [*booked(own_bookings, own_payments), *revalued(before, after)]
        drawn.append(
            Bar(name, span, summed(shares) if known else None, closed.get(name, 0), downtime(books.gaps, span).length)
        )
    return tuple(drawn)


def _by_name(facts: Iterable[FactT], calendar: Calendar) -> dict[date, list[FactT]]:
    found: dict[date, list[FactT]] = {}
    for fact in facts:
        name = calendar.of(fact.at)
        if name is not None:
            found.setdefault(name, []).append(fact)
    return found


def _closings(trades: Iterable[Trade], calendar: Calendar) -> dict[date, int]:
    found: dict[date, int] = {}
    for trade in trades:
        name = calendar.of(trade.closed_at)
        if name is not None:
            found[name] = found.get(name, 0) + 1
    return found
