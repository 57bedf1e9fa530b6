"""All figures of a span, funding beside what was expected, and time in which nobody looked."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.money import spans
from chatops.money.books import Books
from chatops.money.daily import bars
from chatops.money.downtime import Downtime, downtime, silences
from chatops.money.facts import Booking, FundingPayment, Gap, Origin, Sample
from chatops.money.funding import FundingSum, funding, funding_by_market
from chatops.money.spans import Calendar, Span
from chatops.money.summary import summary
from tests.chatops.money.lives import ALL, START, Life, facts, lives, moments

few = settings(max_examples=40, deadline=None)
HOUR = timedelta(hours=1)
gaps = st.builds(
    lambda bot, one, other: Gap(bot, min(one, other), max(one, other)),
    st.sampled_from(["alpha", "beta"]),
    moments,
    moments,
)


def at(hours: float) -> datetime:
    return START + hours * HOUR


def payment(venue: str, actual: object, expected: object = None) -> FundingPayment:
    told = None if expected is None else Decimal(str(expected))
    return FundingPayment(START, Origin("alpha", "ETH-1", "ETH", venue=venue), Decimal(str(actual)), told)


def test_like_stands_beside_like_where_not_all_was_expected() -> None:
    found = funding([payment("okx", 3, 5), payment("okx", -1, -1), payment("bybit", "-0.5")], ALL)
    assert found == FundingSum(3, Decimal("1.5"), Decimal(4), Decimal(2))
    assert found.surprise == -2


def test_where_nothing_was_expected_nothing_is_compared() -> None:
    found = funding([payment("bybit", "-0.5")], ALL)
    assert (found.actual, found.expected, found.surprise) == (Decimal("-0.5"), None, None)
    assert funding([], ALL) == FundingSum()


def test_funding_is_told_by_venue_and_asset() -> None:
    found = funding_by_market([payment("okx", 3, 5), payment("bybit", 1), payment("okx", 1, 1)], ALL)
    assert {market: one.actual for market, one in found.items()} == {("bybit", "ETH"): 1, ("okx", "ETH"): 4}


@few
@given(lives())
def test_funding_of_all_is_the_funding_part(life: Life) -> None:
    found = summary(life.books, ALL, ZoneInfo("UTC"))
    assert found.funding.actual == found.parts.funding
    apart = funding_by_market(life.books.payments, ALL).values()
    assert sum((one.actual for one in apart), Decimal(0)) == found.funding.actual


def test_what_equity_made_beyond_its_parts_is_said() -> None:
    books = Books(
        (Booking(at(1), Origin("alpha"), Decimal(10)),),
        samples=(
            Sample(START, "alpha", Decimal(1000), deposits=Decimal(1000)),
            # Somebody put 500 in, and told nobody.
            Sample(at(2), "alpha", Decimal(1510), deposits=Decimal(1000)),
        ),
    )
    found = summary(books, ALL, ZoneInfo("UTC"))
    assert facts(found.parts.total, found.equity.made, found.unexplained) == (10, 510, 500)


def test_the_return_of_a_span_is_that_of_its_money_and_not_of_what_was_put_in() -> None:
    books = Books(
        samples=(
            Sample(START, "alpha", Decimal(1000), deposits=Decimal(1000)),
            Sample(at(2), "alpha", Decimal(1100), deposits=Decimal(1000)),
            Sample(at(3), "alpha", Decimal(5500), deposits=Decimal(5400)),
            Sample(at(4), "alpha", Decimal(6050), deposits=Decimal(5400)),
        ),
    )
    assert summary(books, ALL, ZoneInfo("UTC")).returned == pytest.approx(0.21)
    assert summary(Books(), ALL, ZoneInfo("UTC")).returned is None


def test_days_say_for_how_long_nobody_looked() -> None:
    books = Books(
        samples=(Sample(START, "alpha", Decimal(1000), deposits=Decimal(1000)),),
        gaps=(Gap("alpha", at(20), at(26)), Gap("beta", at(25), at(27))),
    )
    drawn = bars(books, Calendar(spans.days(Span(START, at(72)), ZoneInfo("UTC"))))
    assert [bar.down for bar in drawn] == [4 * HOUR, 3 * HOUR, 0 * HOUR]
    assert summary(books, Span(START, at(26)), ZoneInfo("UTC")).down == Downtime(6 * HOUR, ("alpha", "beta"))


@few
@given(st.lists(gaps, max_size=6), moments)
def test_time_without_a_look_counts_once_and_adds_up(found: list[Gap], cut: datetime) -> None:
    minutes = [START + timedelta(minutes=30 * number) for number in range(2 * 24 * 12)]
    hidden = [one for one in minutes if any(gap.start <= one < gap.end for gap in found)]
    whole = downtime(found, ALL)
    assert abs(whole.length - timedelta(minutes=30 * len(hidden))) <= timedelta(minutes=30 * (len(found) + 1))
    assert downtime(found, Span(ALL.start, cut)).length + downtime(found, Span(cut, ALL.end)).length == whole.length


def test_samples_that_are_far_apart_show_a_gap_themselves() -> None:
    seen = [Sample(at(hour), bot, Decimal(1)) for bot, hour in [("alpha", 0), ("alpha", 1), ("alpha", 9), ("beta", 8)]]
    assert silences(seen, 2 * HOUR, at(9.5)) == (Gap("alpha", at(1), at(9)),)
    assert silences(seen, 1 * HOUR, at(9.5)) == (Gap("alpha", at(1), at(9)), Gap("beta", at(8), at(9.5)))
