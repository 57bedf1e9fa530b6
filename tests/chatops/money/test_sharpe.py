"""The Sharpe ratio, against the formula of its paper."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.money.books import Books
from chatops.money.equity import curve
from chatops.money.facts import Sample
from chatops.money.sharpe import Sharpe, daily_returns, sharpe
from chatops.money.spans import Span, day
from tests.alerts.zones import BERLIN

UTC_ZONE = ZoneInfo("UTC")
MONDAY = date(2024, 3, 25)


def noon(days: int) -> datetime:
    return datetime(2024, 3, 25, 12, tzinfo=UTC) + timedelta(days=days)


def week_of(*made: object, zone: ZoneInfo = UTC_ZONE, sampled: dict[int, object] | None = None) -> Sharpe:
    """The ratio of the days from `MONDAY` on, each with this equity at noon; it began with 1000 on the Sunday."""
    stands = {-1: 1000, **(sampled or dict(enumerate(made)))}
    books = Books(
        samples=tuple(
            Sample(noon(number), "alpha", Decimal(str(equity)), deposits=Decimal(1000))
            for number, equity in stands.items()
        )
    )
    span = Span(day(MONDAY, zone).start, day(MONDAY + timedelta(days=7), zone).start)
    return sharpe(curve(books, span), span, zone)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals(500, 2000, places=2), min_size=7, max_size=7))
def test_it_is_mean_over_deviation_times_the_root_of_a_year(had: list[Decimal]) -> None:
    returns = [float(after / before - 1) for before, after in zip([Decimal(1000), *had], had, strict=False)]
    mean = sum(returns) / 7
    deviation = math.sqrt(sum((one - mean) ** 2 for one in returns) / 6)
    found = week_of(*had)
    assert found.days == 7
    assert (found.ratio or 0.0) == pytest.approx(mean / deviation * math.sqrt(365) if deviation > 1e-12 else 0.0)


def test_days_that_are_all_alike_have_none() -> None:
    assert week_of(1000, 1000, 1000, 1000, 1000, 1000, 1000) == Sharpe(None, 7)


def test_one_day_has_none() -> None:
    assert week_of(sampled={0: 1010}) == Sharpe(None, 1)


def test_no_day_has_none() -> None:
    assert sharpe((), Span(noon(0), noon(7)), UTC_ZONE) == Sharpe(None, 0)


def test_a_day_of_23_hours_is_a_day() -> None:
    assert week_of(1010, 1000, 1010, 1000, 1010, 1000, 1010, zone=BERLIN).days == 7


def test_what_happened_while_nobody_looked_is_of_the_next_day_that_was_seen() -> None:
    found = week_of(sampled={0: 1100, 5: 1210, 6: 1210})
    assert found.days == 3
    assert found.ratio == pytest.approx((0.2 / 3) / math.sqrt(0.01 / 3) * math.sqrt(365))


def test_days_that_lie_in_the_span_in_part_are_left_out() -> None:
    books = Books(
        samples=tuple(
            Sample(noon(number), "alpha", Decimal(100 + number), deposits=Decimal(100)) for number in range(5)
        )
    )
    span = Span(noon(0), noon(4))
    assert daily_returns(curve(books, span), span, UTC_ZONE) == pytest.approx([1 / 100, 1 / 101, 1 / 102])
