"""Whatever happened: parts add up to the whole, and pieces of time do."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.money import spans
from chatops.money.attribution import By, attributed, parts
from chatops.money.books import Books
from chatops.money.daily import bars
from chatops.money.facts import Booking, FundingPayment, OpenLeg, Origin, Sample, Trade
from chatops.money.parts import Parts, cents
from chatops.money.spans import Calendar, Span
from chatops.money.summary import equity, summary
from chatops.money.transfers import with_deposits
from tests.alerts.zones import BERLIN, zones
from tests.chatops.money.lives import ALL, CAPITAL, START, Life, facts, lives, moments, trades

few = settings(max_examples=25, deadline=None)
OF = Origin("alpha", "ETH-1", "ETH", "arbitrage", "carry", "okx")
HOUR = timedelta(hours=1)
cuts = st.sampled_from([spans.days, spans.weeks, spans.months])
Cut = Callable[[Span, ZoneInfo], Iterator[tuple[date, Span]]]


def after(hours: float) -> datetime:
    return START + hours * HOUR


def total(pieces: list[Parts]) -> Parts:
    return sum(pieces, Parts())


@few
@given(lives(), st.sampled_from(By), moments, moments)
def test_whoever_made_it_all_of_them_made_the_whole(life: Life, by: By, one: datetime, other: datetime) -> None:
    span = Span(min(one, other), max(one, other))
    assert total([*attributed(life.books, span, by).values()]) == parts(life.books, span)


@few
@given(lives(), moments)
def test_a_span_cut_in_two_adds_up(life: Life, cut: datetime) -> None:
    both = Span(ALL.start, cut), Span(cut, ALL.end)
    assert total([parts(life.books, span) for span in both]) == parts(life.books, ALL)
    for by in By:
        halves = [attributed(life.books, span, by) for span in both]
        for name, made in attributed(life.books, ALL, by).items():
            assert total([half.get(name, Parts()) for half in halves]) == made


@few
@given(lives("put in"), zones, cuts)
def test_days_weeks_and_months_of_any_zone_add_up(life: Life, zone: ZoneInfo, cut: Cut) -> None:
    drawn = bars(life.books, Calendar(cut(ALL, zone)))
    assert total([bar.parts or Parts() for bar in drawn]) == parts(life.books, ALL)


@few
@given(lives("put in"), moments)
def test_parts_are_what_equity_made_and_deposits_never_are(life: Life, cut: datetime) -> None:
    assert parts(life.books, ALL).total == sum(life.cash.values()) + sum(life.marks.values()) - sum(
        life.deposits.values()
    )
    for span in (ALL, Span(ALL.start, cut), Span(cut, ALL.end)):
        assert summary(life.books, span, BERLIN).unexplained == 0


@few
@given(lives(), st.lists(st.tuples(moments, st.sampled_from(["alpha", "beta"]), st.decimals(-900, 9000, places=2))))
def test_money_put_in_or_taken_out_changes_nothing_that_was_made(
    life: Life, moved: list[tuple[datetime, str, Decimal]]
) -> None:
    richer = tuple(
        Sample(
            one.at,
            one.bot,
            one.equity
            + (more := sum((amount for at, bot, amount in moved if bot == one.bot and at <= one.at), Decimal(0))),
            one.unrealized,
            one.deposits + more,
            one.legs,
        )
        for one in life.samples
    )
    books = Books(life.books.bookings, life.books.payments, (), richer)
    assert parts(books, ALL) == parts(life.books, ALL)
    assert equity(books, ALL).made == equity(life.books, ALL).made


@few
@given(lives("put in"), st.lists(trades(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(life: Life, closed: list[Trade], chance: random.Random) -> None:
    books = Books(life.books.bookings, life.books.payments, tuple(closed), life.books.samples)
    mixed = Books(
        tuple(chance.sample(books.bookings, len(books.bookings))),
        tuple(chance.sample(books.payments, len(books.payments))),
        tuple(chance.sample(books.trades, len(books.trades))),
        tuple(chance.sample(books.samples, len(books.samples))),
    )
    assert summary(mixed, ALL, BERLIN) == (found := summary(books, ALL, BERLIN))
    assert summary(mixed, ALL, BERLIN).performance == found.performance
    calendar = Calendar(spans.days(ALL, BERLIN))
    assert bars(mixed, calendar) == bars(books, calendar)


@few
@given(lives("put in"))
def test_transfers_say_the_same_as_the_deposits_of_the_samples(life: Life) -> None:
    blank = [Sample(one.at, one.bot, one.equity, one.unrealized, legs=one.legs) for one in life.samples]
    assert with_deposits(blank, life.transfers) == tuple(life.samples)
    assert with_deposits(life.samples, []) == tuple(life.samples)


def test_a_profit_is_of_the_day_it_grew_on_and_realizing_it_moves_it_between_parts() -> None:
    books = Books(
        (Booking(after(1), OF, fees=Decimal(1)), Booking(after(30), OF, Decimal(15), Decimal(2))),
        (FundingPayment(after(24), OF, Decimal("0.5")),),
        samples=(
            Sample(START, "alpha", Decimal(1000), deposits=Decimal(1000)),
            Sample(after(20), "alpha", Decimal(1009), Decimal(10), Decimal(1000), (OpenLeg(OF, Decimal(10)),)),
            Sample(after(30), "alpha", Decimal("1012.5"), deposits=Decimal(1000)),
        ),
    )
    first, second = bars(books, Calendar(spans.days(Span(START, after(48)), ZoneInfo("UTC"))))
    assert first.parts == Parts(unrealized=Decimal(10), fees=Decimal(1))
    # The payment of midnight is the new day's.
    assert second.parts == Parts(Decimal(15), Decimal(-10), Decimal("0.5"), Decimal(2))
    assert first.parts.total == 9
    assert second.parts.total == Decimal("3.5")


def test_what_is_booked_at_the_end_of_a_span_is_of_the_next_one_with_its_sample() -> None:
    books = Books(
        (Booking(after(5), OF, Decimal(10)),),
        samples=(
            Sample(after(4), "alpha", Decimal(1009), Decimal(9), Decimal(1000)),
            Sample(after(5), "alpha", Decimal(1010), deposits=Decimal(1000)),
        ),
    )
    assert parts(books, Span(START, after(5))) == Parts(unrealized=Decimal(9))
    assert parts(books, Span(after(5), after(6))) == Parts(Decimal(10), Decimal(-9))


def test_days_before_anything_is_known_are_gaps_and_quiet_days_are_not() -> None:
    books = Books(samples=(Sample(after(30), "alpha", Decimal(1000), deposits=Decimal(1000)),))
    drawn = bars(books, Calendar(spans.days(Span(START, after(72)), ZoneInfo("UTC"))))
    assert [bar.parts for bar in drawn] == [None, Parts(), Parts()]


def test_nothing_made_nothing() -> None:
    assert parts(Books(), ALL) == Parts()
    assert attributed(Books(), ALL, By.LANE) == {}
    found = summary(Books(), ALL, BERLIN)
    assert facts(found.equity.start, found.equity.end, found.equity.change, found.unexplained) == (None, None, None, 0)


@few
@given(lives("put in"))
def test_one_bot_alone_and_the_other_alone_are_both(life: Life) -> None:
    alone = [parts(life.books.of_bots([bot]), ALL) for bot in CAPITAL]
    assert total(alone) == parts(life.books, ALL)


def test_a_bot_that_comes_brings_its_money_and_made_none_of_it() -> None:
    books = Books(
        samples=(
            Sample(START, "alpha", Decimal(1000), deposits=Decimal(1000)),
            Sample(after(5), "beta", Decimal(9000), deposits=Decimal(9000)),
        )
    )
    found = equity(books, Span(after(1), after(10)))
    assert facts(found.start, found.end, found.change) == (1000, 10000, 9000)
    assert facts(found.deposits, found.made) == (9000, 0)


def test_positions_of_two_bots_may_go_by_one_id() -> None:
    books = Books((Booking(START, OF, Decimal(1)), Booking(START, Origin("beta", "ETH-1", lane="carry"), Decimal(2))))
    assert [*attributed(books, ALL, By.POSITION)] == ["alpha ETH-1", "beta ETH-1"]
    assert attributed(books, ALL, By.LANE) == {"carry": Parts(Decimal(3))}


@pytest.mark.parametrize(("exact", "shown"), [("0.005", "0.00"), ("0.015", "0.02"), ("-0.005", "0.00"), ("7", "7.00")])
def test_half_a_cent_goes_to_the_even_one(exact: str, shown: str) -> None:
    assert str(cents(Decimal(exact))) == shown
