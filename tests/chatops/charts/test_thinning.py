"""Many points drawn as few."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.charts.thinning import thinned
from chatops.money.books import Books
from chatops.money.equity import curve
from chatops.money.facts import Sample
from chatops.money.spans import Span
from tests.chatops.charts.examples import DAY, START

SPAN = Span(START, START + DAY)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-900, 900), min_size=40, max_size=120), st.integers(1, 1_000))
def test_the_end_every_peak_and_every_fall_are_kept(made: list[int], apart_s: int) -> None:
    capital = Decimal(1_000)
    samples = (
        Sample(START + number * timedelta(seconds=1 + number % 3 * apart_s), "alpha", capital + one, deposits=capital)
        for number, one in enumerate(made)
    )
    points = curve(Books(samples=tuple(samples)), SPAN)
    few = thinned(points, parts=5)
    assert len(few) <= 5 * 6
    assert (few[0], few[-1]) == (points[0], points[-1])
    assert list(few) == sorted(few, key=lambda one: one.at)
    assert max(one.made for one in few) == max(one.made for one in points)
    assert min(one.made for one in few) == min(one.made for one in points)
    assert min(one.unit / one.peak for one in few) == min(one.unit / one.peak for one in points)


def test_few_points_stay_as_they_are() -> None:
    points = curve(Books(samples=(Sample(START, "alpha", Decimal(1)),)), SPAN)
    assert thinned(points) is points
    assert thinned(()) == ()
