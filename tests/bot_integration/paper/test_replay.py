from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_integration.paper import Contract, Instrument, ReplayMarket
from bot_integration.paper.market import Payment
from bot_integration.paper.replay import COLUMNS, Bar, Bars, read_bars

ETH = Instrument("bybit", "ETH", Contract.PERPETUAL)
START = datetime(2023, 8, 17, tzinfo=UTC)
HOURS_8 = timedelta(hours=8)

shares = st.decimals(0, 1, places=4)


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    prices = sorted(draw(st.lists(st.decimals(1, 1000, places=2), min_size=4, max_size=4)))
    opened, closed = draw(st.permutations(prices[1:3]))
    return Bar(opened, prices[3], prices[0], closed, Decimal("0.0001"))


def market(*given_bars: Bar) -> ReplayMarket:
    return ReplayMarket([Bars(START + HOURS_8 * index, {ETH: bar}) for index, bar in enumerate(given_bars)])


RISING = Bar(Decimal(100), Decimal(130), Decimal(90), Decimal(120), Decimal("0.0001"))
FALLING = Bar(Decimal(120), Decimal(125), Decimal(80), Decimal(85), Decimal("0.0003"))


def test_a_bar_that_rose_went_to_its_low_first() -> None:
    walked = market(RISING).advance(START + HOURS_8)
    assert [step.quotes[ETH].mark for step in walked] == [90, 130, 120]


def test_a_bar_that_fell_went_to_its_high_first() -> None:
    walked = market(FALLING).advance(START + HOURS_8)
    assert [step.quotes[ETH].mark for step in walked] == [125, 80, 85]


@given(bars(), shares)
def test_inside_a_bar_no_price_is_beyond_its_extremes(bar: Bar, share: Decimal) -> None:
    assert bar.low <= bar.at(share) <= bar.high


@given(bars(), st.lists(st.integers(1, 300), max_size=12))
def test_open_high_low_and_close_are_visited_exactly_however_it_is_walked(bar: Bar, minutes: list[int]) -> None:
    walked = market(bar)
    seen = [walked.step.quotes[ETH].mark]
    for span in [*minutes, 480]:
        seen += [step.quotes[ETH].mark for step in walked.advance(walked.step.at + timedelta(minutes=span))]
    assert {bar.open, bar.high, bar.low, bar.close} <= set(seen)
    assert (min(seen), max(seen)) == (bar.low, bar.high)


def test_funding_is_due_when_a_bar_begins_once_also_where_a_step_passes_several() -> None:
    walked = market(RISING, FALLING, RISING, FALLING)
    paid = [(step.at, *step.payments) for step in walked.advance(START + HOURS_8 * 3) if step.payments]
    assert paid == [
        (START + HOURS_8, Payment("bybit", "ETH", Decimal("0.0003"), Decimal("0.0001"))),
        (START + HOURS_8 * 2, Payment("bybit", "ETH", Decimal("0.0001"), Decimal("0.0003"))),
        (START + HOURS_8 * 3, Payment("bybit", "ETH", Decimal("0.0003"), Decimal("0.0001"))),
    ]


def test_after_the_last_bar_the_prices_stay() -> None:
    walked = market(RISING)
    list(walked.advance(START + HOURS_8))
    assert walked.step.ended
    list(walked.advance(START + HOURS_8 * 5))
    assert walked.step.quotes[ETH].mark == 120
    assert walked.step.at == START + HOURS_8 * 5


def test_it_begins_inside_a_bar_where_it_is_told_to() -> None:
    walked = ReplayMarket([Bars(START, {ETH: RISING}), Bars(START + HOURS_8, {ETH: FALLING})], START + HOURS_8 / 8)
    assert walked.step.quotes[ETH].mark == 95


def test_a_start_outside_the_data_is_refused_naming_what_there_is() -> None:
    with pytest.raises(ValueError, match="2024-01-01 00:00 is outside the data, which is of 2023-08-17 to 2023-08-17"):
        ReplayMarket([Bars(START, {ETH: RISING})], datetime(2024, 1, 1, tzinfo=UTC))


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    return path


def test_a_file_is_read_with_its_contracts(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bars.csv",
        "2023-08-17T00:00:00Z,bybit,ETH,perpetual,100,130,90,120,1,0.0001",
        "2023-08-17T00:00:00Z,bybit,ETH,spot,100,130,90,120,1,",
    )
    assert read_bars(path)[0].bars == {
        ETH: RISING,
        Instrument("bybit", "ETH", Contract.SPOT): RISING._replace(funding_rate=None),
    }


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            "2023-08-17T00:00:00Z,bybit,ETH,spot,100,99,90,98,1,",
            "line 2: open 100, high 99, .* is no bar",
        ),
        ("2023-08-17T00:00:00Z,bybit,ETH,option,1,1,1,1,1,", "line 2: 'option' is not a valid Contract"),
        ("2023-08-17T00:00:00Z,bybit,ETH,spot,x,1,1,1,1,", "line 2: "),
        ("yesterday,bybit,ETH,spot,1,1,1,1,1,", "line 2: Invalid isoformat string"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_bars(write(tmp_path / "bars.csv", row))


def test_a_file_without_its_columns_or_rows_says_so(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("time,price\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the columns venue, asset, contract"):
        read_bars(tmp_path / "other.csv")
    with pytest.raises(ValueError, match="there is no bar in it"):
        read_bars(write(tmp_path / "empty.csv"))
