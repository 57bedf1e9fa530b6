"""The equity curve without deposits, its high-water mark and its drawdowns."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.money.attribution import parts
from chatops.money.books import Books
from chatops.money.equity import Point, current, curve, worst
from chatops.money.facts import Sample
from chatops.money.parts import Parts
from chatops.money.spans import Span
from tests.chatops.money.lives import ALL, START, Life, facts, lives, moments

few = settings(max_examples=40, deadline=None)
equities = st.lists(st.decimals(1, 2000, places=2), min_size=1, max_size=20)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def drawn(*stands: tuple[object, object], span: Span = ALL) -> tuple[Point, ...]:
    """The curve of one bot with this equity and these deposits, hour by hour."""
    return curve(
        Books(
            samples=tuple(
                Sample(at(hour), "alpha", Decimal(str(equity)), deposits=Decimal(str(deposits)))
                for hour, (equity, deposits) in enumerate(stands)
            )
        ),
        span,
    )


def test_a_fall_is_told_with_its_peak_its_trough_and_when_it_was_over() -> None:
    points = drawn((100, 100), (120, 100), (90, 100), (96, 100), (120, 100), (130, 100))
    found = worst(points)
    assert found is not None
    assert found.depth == pytest.approx(0.25)
    assert facts(found.usd, found.peak_at, found.trough_at, found.recovered_at) == (-30, at(1), at(2), at(4))
    assert current(points) is None
    assert [point.high_water for point in points] == [0, 20, 20, 20, 20, 30]


def test_a_fall_that_is_not_over_is_the_one_of_now() -> None:
    points = drawn((100, 100), (120, 100), (90, 100), (96, 100))
    now = current(points)
    assert now is not None
    assert now.depth == pytest.approx(0.2)
    assert facts(now.usd, now.peak_at, now.trough_at, now.recovered_at) == (-24, at(1), at(2), None)
    assert points[-1].drawdown_usd == -24


def test_a_fall_begins_when_the_peak_was_left_and_not_when_it_was_first_reached() -> None:
    found = worst(drawn((100, 100), (120, 100), (120, 100), (90, 100)))
    assert found is not None
    assert found.peak_at == at(2)


def test_a_fall_is_over_when_the_return_is_back_though_money_came_meanwhile() -> None:
    # A tenth was lost of 100; of the 180 that there were then, a ninth is what brings it back.
    found = worst(drawn((100, 100), (90, 100), (180, 190), (200, 190)))
    assert found is not None
    assert found.recovered_at == at(3)


def test_a_withdrawal_is_no_fall_and_a_deposit_hides_none() -> None:
    points = drawn((1000, 1000), (500, 500), (250, 500), (10_250, 10_500))
    assert [point.drawdown for point in points] == pytest.approx([0, 0, 0.5, 0.5])
    assert [point.made for point in points] == [0, 0, -250, -250]


def test_a_fall_after_a_deposit_is_one_of_all_the_money_there_is() -> None:
    points = drawn((100, 100), (1000, 1000), (900, 1000), (1000, 1000))
    assert [float(point.unit) for point in points] == pytest.approx([1, 1, 0.9, 1])
    found = worst(points)
    assert found is not None
    assert found.recovered_at == at(3)


def test_who_has_lost_everything_does_not_win_it_back_by_paying_in() -> None:
    points = drawn((100, 100), (-20, 100), (980, 1100), (1960, 1100))
    assert [point.drawdown for point in points] == [0, 1, 1, 1]
    assert points[-1].made == 860


def test_what_is_made_of_no_money_moves_no_unit() -> None:
    assert [point.unit for point in drawn((0, 0), (5, 0), (6, 0))] == [1, 1, 1]


def test_a_bot_with_a_single_sample_stands_at_its_peak() -> None:
    points = drawn((100, 100))
    assert [facts(point.equity, point.made, point.drawdown) for point in points] == [(100, 0, 0)]
    assert worst(points) is None
    assert current(points) is None


def test_a_bot_that_comes_with_a_loss_is_below_its_peak_at_once() -> None:
    # Bug: a single sample with a loss had no point after its peak.
    points = curve(Books(samples=(Sample(START, "alpha", Decimal(990), deposits=Decimal(1000)),)), ALL)
    fall = current(points)
    assert fall is not None
    assert (fall.peak_at, fall.trough_at) == (START, START)


def test_no_sample_no_point() -> None:
    assert curve(Books(), ALL) == ()
    assert worst(()) is None
    assert current(()) is None


def test_a_span_begins_with_how_the_bots_stood_before_it() -> None:
    points = drawn((100, 100), (120, 100), (90, 100), span=Span(at(2), at(9)))
    assert [facts(point.at, point.equity, point.made) for point in points] == [(at(2), 120, 0), (at(2), 90, -30)]
    found = worst(points)
    assert found is not None
    assert facts(found.depth, found.peak_at) == (pytest.approx(0.25), at(2))


def test_a_bot_that_comes_later_brings_no_profit() -> None:
    books = Books(
        samples=(
            Sample(at(0), "alpha", Decimal(100), deposits=Decimal(100)),
            Sample(at(1), "beta", Decimal(900), deposits=Decimal(900)),
            Sample(at(2), "beta", Decimal(800), deposits=Decimal(900)),
        )
    )
    points = curve(books, ALL)
    assert [facts(point.equity, point.made) for point in points] == [(100, 0), (1000, 0), (900, -100)]
    assert points[-1].drawdown == pytest.approx(0.1)


@few
@given(equities)
def test_without_deposits_the_worst_fall_is_that_of_every_pair_of_moments(had: list[Decimal]) -> None:
    start = had[0]
    points = drawn(*((equity, start) for equity in had))
    falls = [1 - float(later / earlier) for place, earlier in enumerate(had) for later in had[place:]]
    found = worst(points)
    assert (found.depth if found else 0.0) == pytest.approx(max(falls), abs=1e-9)
    assert [point.high_water for point in points] == [max(had[: place + 1]) - start for place in range(len(had))]


@few
@given(equities, st.lists(st.decimals(-500, 5000, places=2), min_size=20, max_size=20))
def test_units_are_returns_chained_over_deposits(had: list[Decimal], moved: list[Decimal]) -> None:
    """The plain formula: each step's return on what was there, with what was paid in before it."""
    unit, equity, deposits = 1.0, had[0], had[0]
    stands, units = [(equity, deposits)], [unit]
    for before, after, more in zip(had, had[1:], moved, strict=False):
        base = float(equity + max(more, Decimal(0)))
        pnl = after - before
        unit = max(0.0, unit * (1 + float(pnl) / base if base > 0 else 1))
        equity, deposits = equity + pnl + more, deposits + more
        stands.append((equity, deposits))
        units.append(unit)
    assert [float(point.unit) for point in drawn(*stands)] == pytest.approx(units, rel=1e-9, abs=1e-9)


@few
@given(lives("put in"), moments)
def test_the_curve_made_what_the_parts_say(life: Life, cut: datetime) -> None:
    for span in (ALL, Span(cut, ALL.end)):
        points = curve(life.books, span)
        assert (points[-1].made if points else 0) == parts(life.books, span).total
        assert all(point.high_water >= max(point.made, Decimal(0)) for point in points)
        assert all(0 <= point.drawdown <= 1 for point in points)


@few
@given(lives())
def test_money_that_comes_and_makes_nothing_moves_no_unit(life: Life) -> None:
    before = curve(life.books, ALL)
    last = {one.bot: one for one in life.samples}
    more = tuple(
        Sample(ALL.end, one.bot, one.equity + 500, one.unrealized, one.deposits + 500) for one in last.values()
    )
    longer = Span(ALL.start, ALL.end + timedelta(hours=1))
    after = curve(Books(samples=(*life.books.samples, *more)), longer)
    assert after[-1].unit == before[-1].unit
    assert after[-1].drawdown == before[-1].drawdown
    assert parts(Books(samples=more), longer) == Parts(unrealized=sum((one.unrealized for one in more), Decimal(0)))
